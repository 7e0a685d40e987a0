"""What ingest looks up for every event (keys, gates, tariffs), held in memory and never stale at a commit.

Every change to one of these rows bumps `catalogue_version` in the same transaction. The writer of events compares
that one number inside its own transaction, so an event can't be priced or admitted by what was true before.
"""

import threading
import time
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event, select, update
from sqlalchemy.orm import Session

from webapp.accounts.models import ApiKey
from webapp.database import intent
from webapp.errors import Forbidden, Invalid, InvalidKey, NotFound
from webapp.gates.models import CatalogueVersion, Category, Gate, Location, Tariff

REFRESH_SECONDS = 1.0
CHANGED = "catalogue_changed"


@dataclass(frozen=True, slots=True)
class Key:
    """An API key as ingest sees it. `id` is None for the key from the environment."""

    id: int | None
    scope: str
    gate_id: int | None = None
    expires_at: float | None = None


@dataclass(slots=True)
class PriceLine:
    """The prices of one category at one gate, ascending by the moment from which they hold."""

    category_id: int
    starts: list[int] = field(default_factory=list)
    prices: list[int] = field(default_factory=list)


@dataclass(slots=True)
class GateLine:
    id: int
    is_active: bool
    prices: dict[str, PriceLine] = field(default_factory=dict)


@dataclass(frozen=True)
class Catalogue:
    """A snapshot; `version` says of when."""

    version: int
    locations: dict[str, bool]
    gates: dict[tuple[str, str], GateLine]
    categories: tuple[str, ...]
    keys: dict[str, Key]

    def gate(self, location_code: str, gate_code: str) -> GateLine:
        """The active gate. Raises NotFound (contract 1, Ingest)."""
        line = self.gates.get((location_code, gate_code))
        if line is not None and line.is_active:
            return line
        raise NotFound("Gate not found" if self.locations.get(location_code) else "Location not found")

    def price(self, gate: GateLine, category: str, event_time: int) -> tuple[int, int]:
        """Category id and price in rupiah at `event_time` (Unix seconds). Raises Invalid or NotFound."""
        line = gate.prices.get(category)
        if line is None or event_time < line.starts[0]:
            if category not in self.categories:
                raise Invalid({"category": "Must be one of: " + ", ".join(self.categories)})
            raise NotFound("Tariff not found")
        return line.category_id, line.prices[bisect_right(line.starts, event_time) - 1]

    def may(self, key: Key, gate: GateLine) -> None:
        """Raises Forbidden when the key is bound to another gate."""
        if key.gate_id is not None and key.gate_id != gate.id:
            raise Forbidden("API key is bound to another gate")


class CatalogueCache:
    """The process's snapshot of the catalogue."""

    def __init__(self, engine: Engine, own_keys: Mapping[str, Key]) -> None:
        self._engine = engine
        self._own_keys = own_keys  # by digest; good whatever the database says
        self._lock = threading.Lock()
        self._snapshot: Catalogue | None = None
        self._checked = 0.0

    def recent(self) -> Catalogue:
        """The catalogue as of the last second; costs at most one small query a second."""
        snapshot = self._snapshot
        if snapshot is not None and time.monotonic() - self._checked < REFRESH_SECONDS:
            return snapshot
        with self._lock:
            return self._refreshed()

    def forget(self) -> None:
        """Look again before the next answer (after a change, or the news of one)."""
        self._checked = 0.0

    def key(self, digest: str) -> Key:
        """The key with this SHA-256. Raises InvalidKey; a wrong key costs no query of its own."""
        key = self._own_keys.get(digest) or self.recent().keys.get(digest)
        if key is None or (key.expires_at is not None and key.expires_at < time.time()):
            raise InvalidKey()
        return key

    def _refreshed(self) -> Catalogue:
        if self._snapshot is None or time.monotonic() - self._checked >= REFRESH_SECONDS:
            self._checked = time.monotonic()
            with intent(write=False), self._engine.connect() as connection:
                if self._snapshot is None or self._snapshot.version != _version(connection):
                    self._snapshot = load(connection)
        return self._snapshot


def load(connection: Connection) -> Catalogue:
    """The catalogue as `connection`'s transaction sees it."""
    version = _version(connection)  # first: what changes while we read on makes this snapshot old, not wrong
    locations = {
        row.code: row.is_active for row in connection.execute(select(Location.code, Location.is_active))
    }
    gates, by_id = _load_gates(connection)
    category_rows = list(connection.execute(select(Category.id, Category.code).order_by(Category.position)))
    codes = {row.id: row.code for row in category_rows}
    tariffs = select(Tariff.gate_id, Tariff.category_id, Tariff.effective_from, Tariff.price)
    for gate_id, category_id, start, price in connection.execute(tariffs.order_by(Tariff.effective_from)):
        if gate_id not in by_id or category_id not in codes:
            continue  # made while we read; the version says so, and the next look finds it whole
        line = by_id[gate_id].prices.setdefault(codes[category_id], PriceLine(category_id))
        line.starts.append(start)
        line.prices.append(price)
    return Catalogue(version, locations, gates, tuple(codes.values()), _load_keys(connection))


def _version(connection: Connection) -> int:
    return connection.scalar(select(CatalogueVersion.version)) or 0


def _load_gates(connection: Connection) -> tuple[dict[tuple[str, str], GateLine], dict[int, GateLine]]:
    statement = select(Gate.id, Location.code, Gate.code, Gate.is_active, Location.is_active).join(Location)
    gates: dict[tuple[str, str], GateLine] = {}
    by_id: dict[int, GateLine] = {}
    for gate_id, location_code, gate_code, gate_active, location_active in connection.execute(statement):
        by_id[gate_id] = gates[location_code, gate_code] = GateLine(gate_id, gate_active and location_active)
    return gates, by_id


def _load_keys(connection: Connection) -> dict[str, Key]:
    statement = select(ApiKey.key_hash, ApiKey.id, ApiKey.scope, ApiKey.gate_id, ApiKey.expires_at)
    return {
        digest: Key(key_id, scope, gate_id, expires.timestamp() if expires else None)
        for digest, key_id, scope, gate_id, expires in connection.execute(statement.where(ApiKey.is_active))
    }


_CATALOGUED = (Location, Gate, Category, Tariff, ApiKey)


@event.listens_for(Session, "after_flush")
def _bump(session: Session, _context: Any) -> None:
    touched = [*session.new, *session.deleted, *(row for row in session.dirty if session.is_modified(row))]
    if any(isinstance(row, _CATALOGUED) for row in touched):
        session.execute(update(CatalogueVersion).values(version=CatalogueVersion.version + 1))
        session.info[CHANGED] = True
