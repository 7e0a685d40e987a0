"""The dashboard page and every chart with ten million events, against the same with one million."""

import re
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from bench import history, ingest, places, processes
from bench.load import Failed
from bench.result import Result, compared

MILLIONS = {"many": 10, "few": 1}
SHORT = 10  # times fewer without --full
ROUNDS = 25
LIMIT = 1.5
ZONE = ZoneInfo("Asia/Jakarta")
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def pages(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    with ExitStack() as stack:
        visitors = {}
        for name, millions in MILLIONS.items():
            place = stack.enter_context(places.place(kind, folder / name, redis_url))
            with place.engine() as engine:
                history.fill(engine, millions * 1_000_000 // (1 if full else SHORT))
            server = place.server("web")
            stack.enter_context(processes.running(server))
            visitors[name] = _visitor(server, place)
            stack.callback(visitors[name].close)
        for path in _paths():
            times: dict[str, list[float]] = {name: [] for name in MILLIONS}
            for _ in range(ROUNDS):
                for name, visitor in visitors.items():
                    times[name].append(_milliseconds(visitor, path))
            yield _result(kind, path, times, full)


def _result(kind: str, path: str, times: dict[str, list[float]], full: bool) -> Result:
    """Medians of five runs of the rounds each: one slow answer is the machine's, not the page's."""
    parts = {name: [statistics.median(found[part::5]) for part in range(5)] for name, found in times.items()}
    sizes = "10 ÷ 1 million" if full else "1 ÷ 0.1 million"
    what = f"{kind}: {path.partition('?')[0]}, {sizes} events"
    return compared(what, parts["many"], parts["few"], LIMIT, unit="ms", at_most=True)


def _paths() -> list[str]:
    today = datetime.now(ZONE).date()
    days = f"start_date={today - timedelta(days=29)}&end_date={today}"
    api = "/retribusi/v1"
    return [
        "/dashboard",
        "/dashboard/charts",
        "/dashboard/cards",
        "/dashboard/gates",
        "/dashboard/feed",
        f"{api}/dashboard/daily?{days}",
        f"{api}/dashboard/by-category?date={today}",
        f"{api}/dashboard/summary?date={today}",
        f"{api}/summary/daily?date={today}",
        f"{api}/summary/hourly?date={today}",
        f"{api}/realtime/snapshot",
    ]


def _visitor(server: processes.Server, place: places.Place) -> httpx.Client:
    """Signed in with the browser's cookie and with a token."""
    headers = {"Authorization": f"Bearer {place.token}", **place.device_headers()}
    headers.pop("Content-Type")
    client = httpx.Client(base_url=server.url, trust_env=False, headers=headers, timeout=60)
    form = {"username": "admin", "password": places.PASSWORD, "csrf_token": ""}
    page = client.get("/sign-in")
    _keep_cookie(client, page)
    if found := CSRF.search(page.text):
        form["csrf_token"] = found[1]
    answer = client.post("/sign-in", data=form)
    if not answer.is_redirect:
        raise Failed(f"Signing in was answered with {answer.status_code}.")
    _keep_cookie(client, answer)
    return client


def _keep_cookie(client: httpx.Client, answer: httpx.Response) -> None:
    """It is meant for TLS only, which httpx would respect."""
    client.headers["Cookie"] = answer.headers.get("set-cookie", "").partition(";")[0]


def _milliseconds(visitor: httpx.Client, path: str) -> float:
    """One answer's time; an event before it makes the figures new, so that none come from memory."""
    visitor.post(ingest.PATH, json=ingest.events(1)[0]).raise_for_status()
    began = time.perf_counter()
    answer = visitor.get(path)
    elapsed = time.perf_counter() - began
    if answer.status_code != 200:
        raise Failed(f"{path} was answered with {answer.status_code}.")
    return elapsed * 1000
