"""What a report is told about itself: the texts of its header, its period and its paper."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from webapp.documents.press.page import SIZES


@dataclass(frozen=True)
class Sheet:
    """`start` and `end` are the operator's own time, without zone; `generated_at` has one. Texts may be long or empty.
    `logo` is a PNG or JPEG as documents/logos.py makes them.

    Raises ValueError for a paper that the press doesn't have.
    """

    company: str
    branch: str
    gate: str
    operator: str
    station: str
    start: datetime
    end: datetime
    number: str
    verify_url: str
    generated_at: datetime
    zone: ZoneInfo
    page_size: str = "A4"
    status: str = ""  # the only one that is printed; empty when all are
    missing_days: Sequence[date] = field(default=())
    logo: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.page_size not in SIZES:
            raise ValueError(f"page_size must be one of {', '.join(SIZES)}")

    def percent(self, at: datetime) -> int:
        """How much of the period lies before `at`: transactions come in the order of their time."""
        part = (at - self.start) / max(self.end - self.start, at.resolution)
        return max(0, min(99, int(part * 100)))


@dataclass(frozen=True)
class Printed:
    """What went into the file: `photos` are those that it shows; a damaged one is not among them."""

    transactions: int
    photos: int
    pages: int
    size: int
    sha256: str
