"""A map of a town among 100,000 markers against 10,000; 10,000 points as GeoJSON against a bare dump."""

import random
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import sqlalchemy

from bench import places, processes
from bench.load import Target, by_turns
from bench.result import Result, compared
from webapp.accounts.models import User
from webapp.kit.geo import cell
from webapp.markers.models import Marker
from webapp.markers.service import ALPHABET

COUNTS = {"many": 100_000, "few": 10_000}
IN_TOWN = 500
TOWN = (107.55, -7.0, 107.75, -6.85)  # Bandung: west, south, east, north
COUNTRY = (95.0, -11.0, 141.0, 6.0)
API = "/api/v1/markers"


def maps(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    with ExitStack() as stack:
        targets, few = [], ""
        for name, count in COUNTS.items():
            place = stack.enter_context(places.place(kind, folder / name, redis_url))
            with place.engine() as engine:
                fill(engine, count)
            server = place.server("web", "bench.plain_markers:app")
            stack.enter_context(processes.running(server))
            headers = {"Authorization": f"Bearer {place.token}"}
            box = ",".join(map(str, TOWN))
            targets.append(Target(name, f"{server.url}{API}?bbox={box}", headers=headers, connections=4))
            few = server.url
        rounds = 15 if full else 7
        found = by_turns(targets, rounds, 2)
        yield _result(f"{kind}: a town among 100,000 ÷ 10,000 markers", found, "many", "few", 1.5)
        dumps = [
            Target("ours", f"{few}{API}/light.geojson", headers=headers, connections=2),
            Target("bare", f"{few}/plain/markers", headers=headers, connections=2),
        ]
        found = by_turns(dumps, rounds, 2)
        yield _result(f"{kind}: 10,000 as GeoJSON ÷ dumped bare", found, "ours", "bare", 0.5)


def _result(what: str, found: dict, ours: str, baseline: str, limit: float) -> Result:
    """Above 1 the limit is on the time of a request, below on how many there are in a second."""
    if limit > 1:
        times = {name: [1000 / one.per_second for one in rounds] for name, rounds in found.items()}
        return compared(what, times[ours], times[baseline], limit, unit="ms/req", at_most=True)
    rates = {name: [one.per_second for one in rounds] for name, rounds in found.items()}
    return compared(what, rates[ours], rates[baseline], limit, unit="req/s")


def fill(engine: sqlalchemy.Engine, count: int) -> None:
    """So many markers, spread over the country; the town holds the same in any case."""
    chance = random.Random(5)
    town = [_row(chance, TOWN) for _ in range(IN_TOWN)]
    rows = town + [_row(chance, COUNTRY) for _ in range(count - IN_TOWN)]
    chance.shuffle(rows)
    with engine.begin() as connection:
        creator = connection.scalar(sqlalchemy.select(User.id))
        for start in range(0, count, 5_000):
            some = [row | {"creator_id": creator} for row in rows[start : start + 5_000]]
            connection.execute(sqlalchemy.insert(Marker.__table__), some)
    if engine.dialect.name == "postgresql":  # its autovacuum would do that within a minute; SQLite never does
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


def _row(chance: random.Random, box: tuple[float, float, float, float]) -> dict[str, object]:
    west, south, east, north = box
    latitude, longitude = chance.uniform(south, north), chance.uniform(west, east)
    at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(30_000_000))
    return {
        "id": uuid.UUID(int=chance.getrandbits(128)),
        "short_code": "".join(chance.choices(ALPHABET, k=8)),
        "name": f"Rumpun {chance.randrange(1_000_000)}",
        "description": "Di tepi sungai, dekat jembatan.",
        "strain": chance.choice(["Petung", "Apus", "Wulung", "Ori"]),
        "quantity": chance.randrange(100),
        "latitude": Decimal(f"{latitude:.8f}"),
        "longitude": Decimal(f"{longitude:.8f}"),
        "cell": cell(latitude, longitude),
        "owner_name": "Pak Asep",
        "owner_contact": "081234567890",
        "created_at": at,
        "updated_at": at,
    }
