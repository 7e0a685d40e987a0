"""Single events over 32 connections: against a view that does nothing, against the peer, and without totals.

And batches of 500: events a second, against the peer's events a second.
"""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from bench import places, processes
from bench.load import Failed, Figures, Target, by_turns
from bench.result import Result, compared

PATH = "/retribusi/v1/ingest"
BATCH = 500
BATCH_CONNECTIONS = 8
PEER = "bench.peers.fastapi_ingest:app"
PEER_DRIVERS = {"SQLite": "sqlite+aiosqlite", "PostgreSQL": "postgresql+asyncpg"}


@dataclass(frozen=True)
class Plan:
    rounds: int
    seconds: int


def single(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    plan = Plan(9, 6) if full else Plan(5, 3)
    folder.mkdir(parents=True, exist_ok=True)
    bodies = _lines(folder / "single.txt", events())
    with ExitStack() as stack:
        ours = stack.enter_context(places.place(kind, folder / "ours", redis_url))
        bare = stack.enter_context(places.place(kind, folder / "bare", redis_url))
        hello = processes.gunicorn("bench.hello:app", {}, folder / "hello", ready="/hello")
        server, bare_server = ours.server("web"), bare.server("web", "bench.no_totals:app")
        stack.enter_context(processes.running(hello, server, bare_server))
        found = by_turns(
            [
                Target("hello", f"{hello.url}/hello"),
                Target("ours", server.url + PATH, bodies, ours.device_headers()),
                Target("bare", bare_server.url + PATH, bodies, bare.device_headers()),
                stack.enter_context(peer(kind, folder, bodies)),
            ],
            plan.rounds,
            plan.seconds,
        )
        check_totals(ours, at_least=_acknowledged(found["ours"]))
    yield from _single_results(kind, found)


def _single_results(kind: str, found: dict[str, list[Figures]]) -> Iterator[Result]:
    rate = {name: [figures.per_second for figures in rounds] for name, rounds in found.items()}
    p99 = {name: [figures.p99_ms for figures in rounds] for name, rounds in found.items()}
    yield compared(f"{kind}: single ingest ÷ hello view", rate["ours"], rate["hello"], 1.0, unit="req/s")
    yield compared(
        f"{kind}: p99 of single ingest ÷ hello's", p99["ours"], p99["hello"], 1.5, unit="ms", at_most=True
    )
    yield compared(f"{kind}: single ingest ÷ FastAPI peer", rate["ours"], rate["peer"], 8.0, unit="req/s")
    yield compared(f"{kind}: ingest with ÷ without totals", rate["ours"], rate["bare"], 0.9, unit="req/s")


def batch(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    plan = Plan(9, 6) if full else Plan(5, 3)
    folder.mkdir(parents=True, exist_ok=True)
    singles = _lines(folder / "single.txt", events())
    plain = _lines(folder / "plain.txt", [events(BATCH, offset) for offset in range(8)])
    named = _lines(folder / "named.txt", [_named(events(BATCH, offset)) for offset in range(8)])
    with ExitStack() as stack:
        ours = stack.enter_context(places.place(kind, folder / "batch", redis_url))
        server = ours.server("web")
        stack.enter_context(processes.running(server))
        url, headers = f"{server.url}{PATH}/batch", ours.device_headers()
        found = by_turns(
            [
                stack.enter_context(peer(kind, folder, singles)),
                Target("plain", url, plain, headers, BATCH_CONNECTIONS),
                Target("named", url, named, headers, BATCH_CONNECTIONS, unique=True),
            ],
            plan.rounds,
            plan.seconds,
        )
        requests = _acknowledged(found["plain"]) + _acknowledged(found["named"])
        check_totals(ours, at_least=requests * BATCH)
    rate = {name: [figures.per_second for figures in rounds] for name, rounds in found.items()}
    for name, words in (("plain", ""), ("named", ", each with event_id")):
        yield compared(
            f"{kind}: batches of 500{words} ÷ FastAPI peer",
            [BATCH * per_second for per_second in rate[name]],
            rate["peer"],
            150,
            unit="events/s",
            judged=name == "plain",
        )


@contextmanager
def peer(kind: str, folder: Path, bodies: Path) -> Iterator[Target]:
    """The FastAPI peer on an empty database of its own."""
    with places.empty_database(kind, folder / "peer") as url:
        driver = PEER_DRIVERS[kind]
        environ = {"PEER_DATABASE_URL": f"{driver}:{url.partition(':')[2]}", "PEER_API_KEY": "peer-key"}
        server = processes.uvicorn(PEER, environ, folder / "peer")
        with processes.running(server):
            headers = {"X-API-KEY": "peer-key", "Content-Type": "application/json"}
            yield Target("peer", server.url + PATH, bodies, headers)


def events(count: int = 60, offset: int = 0) -> list[dict[str, object]]:
    """Events of the last hour, over all gates and categories."""
    now = int(time.time())
    categories = list(places.PRICES)
    return [
        {
            "timestamp": now - (offset * 37 + number * 7) % 3600,
            "location_code": places.GATES[number % len(places.GATES)].location_code,
            "gate_code": places.GATES[number % len(places.GATES)].gate_code,
            "category": categories[number % len(categories)],
        }
        for number in range(count)
    ]


def _named(batch_: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{**one, "event_id": f"@-{number}"} for number, one in enumerate(batch_)]


def _lines(path: Path, items: list[dict[str, object]] | list[list[dict[str, object]]]) -> Path:
    path.write_text("".join(json.dumps(item, separators=(",", ":")) + "\n" for item in items))
    return path


def _acknowledged(rounds: list[Figures]) -> int:
    return sum(figures.requests for figures in rounds)


_COUNTS = text(
    "SELECT (SELECT count(*) FROM gate_events), (SELECT sum(count) FROM hourly_totals),"
    " (SELECT sum(count) FROM daily_totals)"
)


def check_totals(place: places.Place, at_least: int) -> None:
    """Speed counts for nothing unless every acknowledged event is there, and in the totals. Raises Failed."""
    with place.engine() as engine, engine.connect() as connection:
        rows, hourly, daily = connection.execute(_COUNTS).one()
    if rows < at_least or not rows == hourly == daily:
        raise Failed(
            f"{at_least} events acknowledged, {rows} stored, {hourly} in hourly and {daily} in daily totals."
        )
