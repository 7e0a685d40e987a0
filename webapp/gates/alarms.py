"""Gates that have gone quiet: silent for longer than their own rhythm explains.

A gate's rhythm is what it counted in the same hours of the same weekday in the last four weeks (of all days, while it
has no such history). It is quiet once that rhythm has led us to expect QUIET_AFTER_EVENTS events since it was last
heard: a busy gate alarms within minutes, a slow one after hours, a gate that rests at night not until morning. The
alarm is computed, not stored, so it clears by itself with the next event.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.gates.models import DailyTotal, Gate, GatePulse, HourlyTotal, Location
from webapp.gates.runtime import runtime
from webapp.kit import clock
from webapp.kit.memo import Memo

QUIET_AFTER_EVENTS = 8  # were arrivals random, 8 expected and 0 seen happens once in 3,000
QUIET_AT_LEAST = 300  # seconds; a device may well send every few minutes
LOOK_BACK_WEEKS = 4
LOOK_BACK_SECONDS = 3 * 86_400  # further silence can't make a gate any quieter

Rhythm = Mapping[tuple[int, int], float]  # (gate id, hour) → events
_rhythms = Memo(seconds=300)  # of days gone by, which hardly change any more


@dataclass(frozen=True)
class Quiet:
    """A gate in alarm: when it was last heard (Unix seconds) and how many events it should have sent since."""

    location_code: str
    gate_code: str
    gate_name: str
    last_heard_at: int
    missed: int


def quiet_gates(zone: ZoneInfo, location_code: str | None = None, now: int | None = None) -> list[Quiet]:
    """Active gates in alarm at `now`, the most overdue first."""
    now = clock.unix() if now is None else now
    statement = (
        select(Gate.id, Location.code, Gate.code, Gate.name, GatePulse.last_heard_at)
        .join(Location)
        .join(GatePulse, GatePulse.gate_id == Gate.id)
        .where(Gate.is_active, Location.is_active, GatePulse.last_heard_at < now - QUIET_AT_LEAST)
    )
    if location_code is not None:
        statement = statement.where(Location.code == location_code)
    silent = db.session.execute(statement).all()
    rhythms = _Rhythms(zone)
    found = []
    for gate_id, location, code, name, heard in silent:
        missed = int(rhythms.expected(gate_id, max(heard, now - LOOK_BACK_SECONDS), now))
        if missed >= QUIET_AFTER_EVENTS:
            found.append(Quiet(location, code, name, heard, missed))
    return sorted(found, key=lambda quiet: -quiet.missed)


class _Rhythms:
    """The usual counts of every gate, read once for each day that is asked about."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._by_day: dict[date, Rhythm] = {}

    def expected(self, gate_id: int, start: int, end: int) -> float:
        """How many events the gate would usually have sent in [start, end)."""
        total = 0.0
        for moment, seconds in _hours(start, end):
            day, hour = clock.business_hour(moment, self._zone)
            if day not in self._by_day:
                self._by_day[day] = _kept_rhythm(day)
            total += self._by_day[day].get((gate_id, hour), 0.0) * seconds / 3600
        return total


def _hours(start: int, end: int) -> Iterator[tuple[int, int]]:
    """[start, end) cut at quarters of an hour: (first second, length)."""
    while start < end:
        stop = min(end, (start // clock.QUARTER + 1) * clock.QUARTER)
        yield start, stop - start
        start = stop


def _kept_rhythm(day: date) -> Rhythm:
    parts = runtime()
    return _rhythms.get((id(parts), parts.catalogue.recent().version, day), lambda: _usual(day))


def _usual(day: date) -> Rhythm:
    """Events an hour by gate and hour: the mean over the weekdays before `day`, else over all days before it."""
    weekdays = [day - timedelta(weeks=week) for week in range(1, LOOK_BACK_WEEKS + 1)]
    every_day = [day - timedelta(days=back) for back in range(1, 7 * LOOK_BACK_WEEKS + 1)]
    return {**_mean(every_day), **_mean(weekdays)}


def _mean(days: list[date]) -> Rhythm:
    """Means over those of `days` on which a gate counted anything; other hours of such a gate are 0."""
    counted = select(DailyTotal.gate_id, func.count(func.distinct(DailyTotal.day)))
    counted = counted.where(DailyTotal.day.in_(days)).group_by(DailyTotal.gate_id)
    days_of = {row.gate_id: row[1] for row in db.session.execute(counted)}
    hours = select(HourlyTotal.gate_id, HourlyTotal.hour, func.sum(HourlyTotal.count))
    hours = hours.where(HourlyTotal.day.in_(days)).group_by(HourlyTotal.gate_id, HourlyTotal.hour)
    rhythm: dict[tuple[int, int], float] = defaultdict(float)
    rhythm.update({(gate_id, hour): 0.0 for gate_id in days_of for hour in range(24)})
    for gate_id, hour, count in db.session.execute(hours):
        rhythm[gate_id, hour] = float(count) / days_of[gate_id]
    return rhythm
