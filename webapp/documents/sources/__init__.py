"""Where transactions are read from: Access or CSV folders, or the product's own gate events (registered by gates)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

PERIODIC = "PERIODIK"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One passage of one vehicle, in the words of the table CAPTURE (contracts, 3 datalane). Texts may be empty.

    `at` is in the operator's own time. `photos` are JPEG bytes as the source has them.
    """

    id: int
    branch: int
    gate: int
    station: int
    shift: str
    period: str
    collector: str
    passer: str
    at: datetime
    vehicle_class: str
    detected_class: str
    method: str
    serial: str
    status: str
    origin: str
    card: str
    photos: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """Which transactions: of one branch, gate and station, at `start` ≤ time < `end`, maybe of one status alone.

    Who only wants to count them does without their photos, which are nearly all there is to read.
    """

    branch_id: int
    gate_id: int
    station_id: int
    start: datetime
    end: datetime
    status: str | None = None
    with_photos: bool = True

    def days(self) -> Iterator[date]:
        """The calendar days that it touches."""
        day = self.start.date()
        while datetime.combine(day, datetime.min.time()) < self.end:
            yield day
            day += timedelta(days=1)

    def takes(self, one: Transaction) -> bool:
        return (
            (one.branch, one.gate, one.station) == (self.branch_id, self.gate_id, self.station_id)
            and self.start <= one.at < self.end
            and self.status in (None, one.status)
        )


class Source(Protocol):
    """Reads transactions, in the order of their time as far as the files have it; never more than a few at once."""

    def transactions(self, wanted: Wanted) -> Iterator[Transaction]:
        """Raises UnreadableSource when a file can't be read to its end."""
        ...

    def missing(self, wanted: Wanted) -> list[date]:
        """The days of which there is nothing to read."""
        ...


OwnEvents = Callable[[Mapping[str, Any]], Source]
_own_events: list[OwnEvents] = []


def register_own_events(make: OwnEvents) -> None:
    """How a filter (`location_code`, `gate_code`) becomes a source of our own events; gates calls this once."""
    _own_events[:] = [make]


def own_events(filter_: Mapping[str, Any]) -> Source:
    return _own_events[0](filter_)
