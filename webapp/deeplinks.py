"""Addresses that leave the house: on labels, in answers, in exports. They lead to the pages of markers."""

from dataclasses import dataclass

from flask import request

from webapp import config


@dataclass(frozen=True)
class Links:
    """Addresses under `base`, which ends without a slash; good after the request, too, while an export is sent."""

    base: str

    def marker(self, short_code: str) -> str:
        """What a label says: the marker's public page."""
        return f"{self.base}/marker/{short_code}"

    def photo(self, short_code: str, name: str | None, size: str = "large") -> str | None:
        """A marker's photo. Another photo has another address, so that both may be kept for long."""
        return f"{self.marker(short_code)}/photo.jpg?size={size}&v={name[:8]}" if name else None


def links() -> Links:
    """Under `DEEP_LINK_BASE_URL`, or where this visitor came to."""
    return Links(config.current().DEEP_LINK_BASE_URL or request.host_url.rstrip("/"))
