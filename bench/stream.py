"""2,000 clients of the live stream: the web process's memory for each, and whether every event reaches all of them."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from bench import ingest, places, processes
from bench.load import Failed
from bench.result import Result

CLIENTS = 2_000
EVENTS = 50
SETTLE = 2.0  # seconds, for what connecting left behind
LIMIT_KB = 25.0


def idle_clients(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    clients = 2 * CLIENTS if full else CLIENTS
    with ExitStack() as stack:
        place = stack.enter_context(places.place(kind, folder, redis_url))
        server = place.server("web")
        stack.enter_context(processes.running(server))
        with _listening(server, place, 20) as warm:  # what the first clients load is not the next ones' cost
            _delivered(warm, server, place, 5)
        time.sleep(SETTLE)
        before = _memory_kb(server)
        with _listening(server, place, clients) as listeners:
            time.sleep(SETTLE)
            idle = _memory_kb(server)
            complete, seconds = _delivered(listeners, server, place, EVENTS)
            after = _memory_kb(server)
    per_client = (idle - before) / clients
    yield Result(
        f"{kind}: memory per idle stream client of {clients:,}",
        f"{per_client:.1f} KB ({(after - before) / clients:.1f} KB after {EVENTS} events)",
        f"{before / 1024:.0f} MB without",
        per_client,
        LIMIT_KB,
        at_most=True,
        unit="KB",
    )
    reached = f"{complete:,} of {clients:,} clients had all {EVENTS} events after {seconds:.1f} s"
    yield Result(f"{kind}: every event reaches every client", reached, "all", complete / clients, 1.0)


@contextmanager
def _listening(
    server: processes.Server, place: places.Place, clients: int
) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "bench.listeners", str(server.port), place.token, str(clients)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=processes.ROOT) as listeners:
        try:
            assert listeners.stdout is not None
            if listeners.stdout.readline().strip() != "ready":
                raise Failed(f"{clients} clients could not all connect to the live stream.")
            yield listeners
        finally:
            listeners.kill()


def _delivered(
    listeners: "subprocess.Popen[str]", server: processes.Server, place: places.Place, events: int
) -> tuple[int, float]:
    """Post events one by one; how many clients got them all, and how long after the last one was posted."""
    with httpx.Client(base_url=server.url, headers=place.device_headers(), trust_env=False) as device:
        for event in ingest.events(events):
            device.post(ingest.PATH, json=event, timeout=30).raise_for_status()
    assert listeners.stdin is not None
    assert listeners.stdout is not None
    listeners.stdin.write(f"{events}\n")
    listeners.stdin.flush()
    said = json.loads(listeners.stdout.readline())
    return said["complete"], said["seconds"]


def _memory_kb(server: processes.Server) -> int:
    """What the worker process occupies for itself and its share of what it shares (PSS)."""
    worker = server.pids[1]
    for line in Path(f"/proc/{worker}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise Failed(f"The kernel tells nothing of process {worker}'s memory.")
