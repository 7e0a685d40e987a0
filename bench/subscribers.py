"""Searching among 100,000 customers against 1,000: the same twenty people, by name and by number, through the API."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import sqlalchemy

from bench import places, processes
from bench.load import Figures, Target, by_turns
from bench.result import Result, compared
from webapp.demo.people import Person, people
from webapp.kit import clock
from webapp.subscribers.customers import search_text_of
from webapp.subscribers.models import Customer

COUNTS = {"many": 100_000, "few": 1_000}
WANTED = 20  # people who are found, in either
BRAND = "JAKINET"
SEARCHES = {"part of a name": "wardhan", "part of a number": "0899-777"}
FREQUENT = "santoso"  # a family of many: to count them is work, told only
AT_MOST = 2.0


def search(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    with ExitStack() as stack:
        servers = {}
        for name, count in COUNTS.items():
            place = stack.enter_context(places.place(kind, folder / name, redis_url))
            with place.engine() as engine:
                fill(engine, count)
            place.environ["RATELIMIT_ENABLED"] = "0"
            server = place.server("web")
            stack.enter_context(processes.running(server))
            servers[name] = (f"{server.url}/api/pelanggan", {"Authorization": f"Bearer {place.token}"})
        for what, text in {**SEARCHES, f"“{FREQUENT}”": FREQUENT}.items():
            targets = [
                Target(name, f"{url}?search={text}", headers=headers, connections=4)
                for name, (url, headers) in servers.items()
            ]
            found = by_turns(targets, 15 if full else 7, 2)
            yield _result(f"{kind}: {what} among 100,000 ÷ 1,000 customers", found, text != FREQUENT)


def _result(what: str, found: dict[str, list[Figures]], judged: bool) -> Result:
    times = {name: [1000 / one.per_second for one in rounds] for name, rounds in found.items()}
    return compared(what, times["many"], times["few"], AT_MOST, unit="ms/req", at_most=True, judged=judged)


def fill(engine: sqlalchemy.Engine, count: int) -> None:
    """So many customers, and among them the twenty."""
    rows = [_row(person) for person in people(count - WANTED)]
    step = len(rows) // WANTED
    for number in range(WANTED):
        rows.insert(number * step, _wanted(number))
    with engine.begin() as connection:
        for start in range(0, count, 5_000):
            connection.execute(sqlalchemy.insert(Customer.__table__), rows[start : start + 5_000])
    if engine.dialect.name == "postgresql":  # its autovacuum would do that within a minute; SQLite never does
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE customers")


def _row(person: Person) -> dict[str, object]:
    return {
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "national_id": person.national_id,
        "address": person.address,
        "installed_on": person.installed_on,
        "brand_code": BRAND,
        "search_text": search_text_of(person.name, person.email, person.phone),
        "created_at": clock.now(),
        "updated_at": clock.now(),
    }


def _wanted(number: int) -> dict[str, object]:
    name, email = f"Wisnu Wardhana {number}", f"wisnu{number}@wardhana.example"
    phone, national_id = f"0899777{number:04}", f"99{number:014}"
    someone = next(people(1))
    return _row(Person(name, national_id, email, phone, someone.address, date(2024, 1, 15), someone.offer))
