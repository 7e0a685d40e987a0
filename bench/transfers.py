"""50,000 customers in from a file and out into one, each against the least that could do it."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from bench import places, processes
from bench.result import Result, compared
from webapp.demo.people import Offer, people

sys.path.insert(0, str(processes.ROOT / "scripts"))

from customer_file import content

ROWS = 50_000
FEW = 5_000
OFFERS = (Offer("JAKINET", "Internet 50Mbps", 50, 500_000),)  # what a fresh install has
MEMORY = 150  # MB
REFUSED = 999.0  # seconds: who was refused waits for ever
FLAT = 1.2  # times the memory of a tenth of the rows
_GONE = ("subscription_changes", "subscriptions", "customers", "customer_imports")


class Run(NamedTuple):
    seconds: float
    megabytes: float  # what it took at its most, above what its process had before
    whole: float  # the process's peak


def files(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    rounds = 5 if full else 3
    with places.place(kind, folder, redis_url) as place:
        place.environ["RATELIMIT_ENABLED"] = "0"
        for count in (ROWS, FEW):
            _file(place, count).write_bytes(content(people(count, offers=OFFERS)))
        yield from _imports(kind, place, rounds)
        yield from _beside(kind, place)
        yield from _exports(kind, place, rounds)


def _file(place: places.Place, count: int) -> Path:
    return place.folder / f"{count}.csv"


def _imports(kind: str, place: places.Place, rounds: int) -> Iterator[Result]:
    ours, plain = [], []
    for _ in range(rounds):
        for name, runs in (("import_ours", ours), ("import_plain", plain)):
            _empty(place)
            runs.append(_run(place, name, ROWS))
    yield _times(f"{kind}: import of 50,000 rows ÷ parsing and executemany", ours, plain, 4)
    yield _memory(f"{kind}: memory that an import of 50,000 takes", ours)


def _beside(kind: str, place: places.Place) -> Iterator[Result]:
    """How long others wait while customers come in: each answer of an event that is posted twenty times a second."""
    _empty(place)
    server = place.server("web")
    with processes.running(server), _posting(server.url, place) as waits:
        time.sleep(2)
        before = len(waits)
        _run(place, "import_ours", ROWS)
        during = waits[before:]
    what = f"{kind}: slowest of {len(during)} events posted beside the import"
    slowest = max(during) * 1_000
    yield Result(what, f"{slowest:.0f} ms", "-", slowest, 5_000, at_most=True, unit="ms")


@contextmanager
def _posting(url: str, place: places.Place) -> Iterator[list[float]]:
    waits: list[float] = []
    stop = threading.Event()

    def post() -> None:
        with httpx.Client(headers=place.device_headers(), timeout=30, trust_env=False) as client:
            while not stop.wait(0.05):
                event = {"timestamp": int(time.time()), "location_code": "loc1", "gate_code": "gate01"}
                began = time.perf_counter()
                answer = client.post(f"{url}/retribusi/v1/ingest", json=event | {"category": "motor"})
                waits.append(time.perf_counter() - began if answer.status_code == 200 else REFUSED)

    thread = threading.Thread(target=post)
    thread.start()
    try:
        yield waits
    finally:
        stop.set()
        thread.join()


def _exports(kind: str, place: places.Place, rounds: int) -> Iterator[Result]:
    """What the last import has left."""
    runs: dict[str, list[Run]] = {"export_ours": [], "export_plain": []}
    for _ in range(rounds):
        for name, found in runs.items():
            found.append(_run(place, name, ROWS))
    yield _times(f"{kind}: export of 50,000 rows ÷ csv.writer", runs["export_ours"], runs["export_plain"], 3)
    few = [_run(place, "export_ours", FEW) for _ in range(rounds)]
    pairs = list(zip(runs["export_ours"], few, strict=True))
    wholes = ([one.whole for one, _ in pairs], [other.whole for _, other in pairs])
    yield compared(f"{kind}: peak memory, export of 50,000 ÷ 5,000", *wholes, FLAT, unit="MB", at_most=True)


def _times(what: str, ours: list[Run], plain: list[Run], most: float) -> Result:
    milliseconds = ([run.seconds * 1_000 for run in runs] for runs in (ours, plain))
    return compared(what, *milliseconds, most, unit="ms", at_most=True)


def _memory(what: str, runs: list[Run]) -> Result:
    peak, whole = max(run.megabytes for run in runs), max(run.whole for run in runs)
    return Result(what, f"{peak:.0f} MB", f"whole {whole:.0f} MB", peak, MEMORY, at_most=True, unit="MB")


def _empty(place: places.Place) -> None:
    """As it was before: no round shall pay for what the one before has left."""
    with place.engine() as engine:
        with engine.begin() as connection:
            for table in _GONE:
                connection.exec_driver_sql(f"DELETE FROM {table}")
        if place.database == "PostgreSQL":
            with engine.connect() as connection:
                cleaner = connection.execution_options(isolation_level="AUTOCOMMIT")
                cleaner.exec_driver_sql(f"VACUUM FULL {', '.join(_GONE)}")


def _run(place: places.Place, name: str, count: int) -> Run:
    command = [sys.executable, "-m", "bench.transfer_work", name, str(_file(place, count)), place.token]
    environ = {**os.environ, **place.environ}
    done = subprocess.run(
        command, cwd=processes.ROOT, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2_000:])
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return Run(**answer)
