"""What it costs to ask who is calling, and what a burst of sign-ins costs the others."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

from bench import places, processes
from bench.load import Figures, Target, by_turns
from bench.result import Result, compared

CONNECTIONS = 8
SIGNING_IN = 20


def checks(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    """The same view for anyone, for a token (with its session) and for a key."""
    with places.place(kind, folder, redis_url) as place:
        server = place.server("web", "bench.policies:app")
        with processes.running(server):
            headers = {
                "open": {},
                "token": {"Authorization": f"Bearer {place.token}"},
                "key": {"X-API-KEY": place.key},
            }
            targets = [
                Target(name, f"{server.url}/{name}/locations", headers=given, connections=CONNECTIONS)
                for name, given in headers.items()
            ]
            found = by_turns(targets, 15 if full else 9, 2)
    times = {name: [1000 / figures.per_second for figures in rounds] for name, rounds in found.items()}
    for name in ("token", "key"):
        what = f"{kind}: a view for a {name} ÷ for anyone"
        yield compared(what, times[name], times["open"], 1.15, unit="ms/req", at_most=True)


def logins(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    """p99 of a list while 20 people sign in over and over, against its p99 while nobody does."""
    with places.place(kind, folder, redis_url) as place:
        server = place.server("web")
        bodies = folder / "login.txt"
        bodies.write_text(json.dumps({"username": "admin", "password": places.PASSWORD}) + "\n")
        json_headers = {"Content-Type": "application/json"}
        login = Target("login", f"{server.url}/auth/v1/login", bodies, json_headers, SIGNING_IN)
        headers = {"Authorization": f"Bearer {place.token}"}
        url = f"{server.url}/retribusi/v1/frontend/locations"
        listed = Target("list", url, headers=headers, connections=CONNECTIONS)
        with processes.running(server):
            listed.run(2)
            pairs = [_alone_and_beside(listed, login) for _ in range(7 if full else 5)]
    alone, beside = ([figures.p99_ms for figures in rounds] for rounds in zip(*pairs, strict=True))
    what = f"{kind}: p99 beside 20 sign-ins ÷ without"
    yield compared(what, beside, alone, 2.0, unit="ms", at_most=True)


def _alone_and_beside(listed: Target, login: Target) -> tuple[Figures, Figures]:
    alone = listed.run(4)
    signing_in = threading.Thread(target=login.run, args=(6,))
    signing_in.start()
    beside = listed.run(4)
    signing_in.join()
    return alone, beside
