"""What bench/transfers.py measures, each in a process of its own.

`python -m bench.transfer_work import_ours FILE TOKEN`; the settings come from the environment, as the application's do.
"""

import csv
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from webapp import create_app
from webapp.subscribers.customers import search_text_of

COLUMNS = (
    *("name", "national_id", "email", "phone", "address", "installed_on", "brand_code", "search_text"),
    *("address_2", "block", "unit", "status", "language", "no_messages", "never_suspend"),
    *("created_at", "updated_at"),
)
MOMENT = "2026-01-01 00:00:00"
EXPORT = (
    "SELECT customers.name, national_id, email, phone, packages.name, address, installed_on, customers.brand_code "
    "FROM customers LEFT JOIN subscriptions ON subscriptions.customer_id = customers.id "
    "AND subscriptions.status != 'Berhenti' LEFT JOIN packages ON packages.id = package_id "
    "WHERE deleted_at IS NULL ORDER BY customers.id LIMIT {count}"
)


def import_ours(file: Path, _token: str) -> Callable[[], None]:
    from webapp.database import transaction
    from webapp.subscribers import import_jobs, imports

    app = create_app(os.environ)
    app.logger.disabled = True

    def work() -> None:
        with app.app_context():
            with transaction():
                begun = imports.begin(file.read_bytes(), file.name)[0].id
            import_jobs.run_import(str(begun))
            assert imports.get_import(begun).status == "done"

    return work


def import_plain(file: Path, _token: str) -> Callable[[], None]:
    """Parsing and `executemany`, with nothing checked: the same table, its indexes and its triggers."""

    def work() -> None:
        mark = "?" if os.environ["DATABASE_URL"].startswith("sqlite") else "%s"
        sql = f"INSERT INTO customers ({', '.join(COLUMNS)}) VALUES ({', '.join([mark] * len(COLUMNS))})"
        with closing(_connected()) as connection:
            connection.cursor().executemany(sql, list(_parsed(file)))
            connection.commit()

    return work


def _parsed(file: Path) -> Iterator[tuple[Any, ...]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for cells in csv.reader(lines):
            if cells[0] != "Nama":
                name, national_id, email, phone, _, address, day, brand = cells
                found_by = search_text_of(name, email, phone)
                same = ("", "", "", "Aktif", "id", False, False, MOMENT, MOMENT)
                yield name, national_id, email, phone, address, day, brand, found_by, *same


def export_ours(file: Path, token: str) -> Callable[[], None]:
    """Through the whole application, as a client has it; not the first thing that its process does."""
    app = create_app(os.environ)
    app.logger.disabled = True
    client = app.test_client()
    headers = {"Authorization": f"Bearer {token}"}

    def work(count: int = int(file.stem)) -> None:
        answer = client.get("/api/pelanggan/export/csv", query_string={"limit": count}, headers=headers)
        assert answer.status_code == 200, answer.text
        lines = sum(piece.count(b"\n") for piece in answer.iter_encoded())
        assert lines == count + 1, lines

    work(1)
    return work


def export_plain(file: Path, _token: str) -> Callable[[], None]:
    def work() -> None:
        with closing(_connected()) as connection, Path(os.devnull).open("w", encoding="utf-8") as out:
            cursor = connection.cursor()
            cursor.execute(EXPORT.format(count=int(file.stem)))
            csv.writer(out).writerows(cursor)

    return work


def _connected() -> Any:
    """With the settings that the application has."""
    url = os.environ["DATABASE_URL"]
    if not url.startswith("sqlite"):
        return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"))
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-32000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA wal_autocheckpoint=16000")
    return connection


def main() -> None:
    name, file, token = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    work = {one.__name__: one for one in (import_ours, import_plain, export_ours, export_plain)}[name](
        file, token
    )
    before = _megabytes("VmRSS")
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    peak = _megabytes("VmHWM")
    print(json.dumps({"seconds": seconds, "megabytes": peak - before, "whole": peak}))


def _megabytes(what: str) -> float:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(what))


if __name__ == "__main__":
    main()
