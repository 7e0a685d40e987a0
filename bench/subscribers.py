"""Searching among 100,000 customers against 1,000: the same twenty people, by name and by number, through the API."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import sqlalchemy

from bench import growth
from bench.result import Result
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
    with growth.served(kind, redis_url, folder, COUNTS, fill) as servers:
        for name, text in {**SEARCHES, f"“{FREQUENT}”": FREQUENT}.items():
            what = f"{kind}: {name} among 100,000 ÷ 1,000 customers"
            path, rounds = f"/api/pelanggan?search={text}", 15 if full else 7
            yield growth.many_over_few(what, servers, path, AT_MOST, rounds=rounds, judged=text != FREQUENT)


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
