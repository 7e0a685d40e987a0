"""Our own gate events as transactions, for evidence reports that name no folder."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, bindparam, select, tuple_

from webapp import config
from webapp.database import intent
from webapp.documents.sources import PERIODIC, Source, Transaction, Wanted, register_own_events
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.gates import service
from webapp.gates.models import Category, GateEvent

CHUNK = 1_000
_AFTER = (
    select(GateEvent.event_time, GateEvent.id, Category.code)
    .join(Category, Category.id == GateEvent.category_id)
    .where(
        GateEvent.gate_id == bindparam("gate_id"),
        GateEvent.event_time >= bindparam("since"),
        GateEvent.event_time < bindparam("end"),
        tuple_(GateEvent.event_time, GateEvent.id) > tuple_(bindparam("since"), bindparam("after")),
    )
    .order_by(GateEvent.event_time, GateEvent.id)
    .limit(CHUNK)
)


class GateEvents:
    """See Source. Reads a thousand at a time, each on a connection that is free again at once.

    What our gates count is what passes as a rule, so each event has the status of a periodic transaction; a device
    knows no shift, no card and no photo, and those stay empty.
    """

    def __init__(self, engine: Engine, gate_id: int, zone: ZoneInfo) -> None:
        self._engine, self._gate_id, self._zone = engine, gate_id, zone

    def transactions(self, wanted: Wanted) -> Iterator[Transaction]:
        since, after, end = self._unix(wanted.start), 0, self._unix(wanted.end)
        while rows := self._read(since, after, end):
            for row in rows:
                one = self._transaction(row, wanted)
                if wanted.takes(one):
                    yield one
            since, after = rows[-1][0], rows[-1][1]

    def missing(self, wanted: Wanted) -> list[date]:  # noqa: ARG002 - the protocol's
        """None: a day on which nothing passed is a day all the same."""
        return []

    def _read(self, since: int, after: int, end: int) -> list[tuple[int, int, str]]:
        values = {"gate_id": self._gate_id, "since": since, "after": after, "end": end}
        with intent(write=False), self._engine.connect() as connection:
            return [(at, id, category) for at, id, category in connection.execute(_AFTER, values)]

    def _unix(self, local: datetime) -> int:
        return int(local.replace(tzinfo=self._zone).timestamp())

    def _transaction(self, row: tuple[int, int, str], wanted: Wanted) -> Transaction:
        seconds, id, category = row
        at = datetime.fromtimestamp(seconds, self._zone).replace(tzinfo=None)
        ids = wanted.branch_id, wanted.gate_id, wanted.station_id
        return Transaction(id, *ids, "", "", "", "", at, category, category, "", "", PERIODIC, "", "")


def _of_filter(asked: Mapping[str, Any]) -> Source:
    """Raises Invalid without both codes, NotFound for a gate that isn't there."""
    location_code, gate_code = asked.get("location_code"), asked.get("gate_code")
    if not location_code or not gate_code:
        raise Invalid({"root_folder": "Must be given, or filter.location_code and filter.gate_code"})
    gate = service.get_gate(location_code, gate_code)
    return GateEvents(db.engine, gate.id, config.current().timezone)


register_own_events(_of_filter)
