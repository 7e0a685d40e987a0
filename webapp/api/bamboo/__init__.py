"""Contract 5: the field mapping app, and the public with its QR codes."""

from webapp.api.bamboo import envelope
from webapp.api.surface import Surface

bamboo = Surface("bamboo", __name__, prefixes=("/api/v1",), dialect=envelope)

from webapp.api.bamboo import auth, marker_files, markers  # noqa: E402 - the routes attach themselves to the surface above

__all__ = ["auth", "bamboo", "marker_files", "markers"]
