"""The demo's devices, against a real server: what happens while it is away arrives afterwards, at its own time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support import live
from webapp.config import Config

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # far more than anything here takes, even on a busy machine

EVENTS = "SELECT count(*) FROM gate_events"
LATE = f"{EVENTS} WHERE received_at >= event_time + 2"
IDS = "SELECT count(*) FROM event_keys"  # one for each event of a device; the demo's history has none


@pytest.fixture
def server(tmp_path: Path, redis_url: str) -> Iterator[live.Live]:
    with live.server(tmp_path, redis_url, DEMO="1") as running:
        yield running


@pytest.fixture
def ask(server: live.Live) -> Iterator[Callable[[str], int]]:
    """A number from the server's database."""
    engine = sa.create_engine(Config.from_environment(server.environ).database_url)

    def scalar(statement: str) -> int:
        with engine.connect() as connection:
            return connection.scalar(sa.text(statement))

    yield scalar
    engine.dispose()


@contextmanager
def devices(server: live.Live) -> Iterator[subprocess.Popen[bytes]]:
    """Running devices, in a hurry."""
    command = [sys.executable, "scripts/device.py", "--speed", "40"]
    with subprocess.Popen(command, cwd=ROOT, env=server.environ) as process:
        try:
            yield process
        finally:
            process.kill()


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_nothing_is_lost_or_counted_twice_while_the_server_is_away(
    server: live.Live, ask: Callable[[str], int]
) -> None:
    history = ask(EVENTS)
    with devices(server) as process:
        assert eventually(lambda: ask(IDS) > 10)
        server.stop()
        time.sleep(4)
        server.start()
        assert eventually(lambda: ask(LATE) > 10)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == -signal.SIGTERM
    server.stop()
    assert ask(EVENTS) == history + ask(IDS) == ask("SELECT sum(count) FROM daily_totals")


def test_without_demo_data_they_end_at_once_and_quietly(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}
    command = [sys.executable, "scripts/device.py"]
    ended = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, check=True, timeout=PATIENCE)
    assert (ended.stdout, ended.stderr) == (b"", b"")
