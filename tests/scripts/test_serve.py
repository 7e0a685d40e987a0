"""`scripts/serve.py` as a user knows it: one command that brings everything up, and takes everything with it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.support import services

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0  # far more than anything here takes, even on a busy machine

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


class Served:
    """A running serve.py with a data folder of its own, and the processes that belong to it."""

    def __init__(self, data_dir: Path, **environ: str) -> None:
        self.data_dir = data_dir
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "scripts/serve.py"],
            cwd=ROOT,
            env={**inherited, "PORT": "0", "DEMO": "0", "DATA_DIR": str(data_dir), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_until(self, pattern: str) -> str:
        """Read its output up to a line that matches; answers the match's first group."""
        assert self.process.stdout is not None
        seen = []
        for line in self.process.stdout:
            seen.append(line)
            if found := re.search(pattern, line):
                return found[1]
        raise AssertionError(f"ended with {self.process.wait()} before {pattern!r}:\n{''.join(seen)}")

    def ready(self) -> str:
        return self.wait_until(r"ready at (http://\S+)")

    def end(self, signum: signal.Signals) -> int:
        self.process.send_signal(signum)
        self.last_words, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode

    def descendants(self, command: str = "") -> list[int]:
        """The living processes that serve this data folder, the supervisor apart; those of a command only."""
        return [pid for pid in _processes(str(self.data_dir), command) if pid != self.process.pid]

    def parts(self) -> set[str]:
        """Which parts are alive; a job's own process, which comes and goes, is none."""
        return {part for part in ("gunicorn", "worker.py", "scheduler", "valkey") if self.descendants(part)}


def _processes(data_dir: str, command: str) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().decode()
            environ = (process / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if command in line and (f"DATA_DIR={data_dir}\0" in environ or f"{data_dir}/" in line):
            found.append(int(process.name))
    return sorted(found)


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").is_success
    except httpx.HTTPError:
        return False


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Nothing, so that it brings its own database and Valkey; in a run on PostgreSQL and Redis, those."""
    if not services.on_postgresql():
        yield {}
        return
    with services.database(tmp_path, "serve") as url:
        yield {"DATABASE_URL": url, "REDIS_URL": services.REDIS}


@pytest.fixture
def serve(tmp_path: Path, stores: dict[str, str]) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def start(data_dir: Path = tmp_path / "data", **environ: str) -> Served:
        started.append(Served(data_dir, **stores, **environ))
        return started[-1]

    yield start
    for served in started:
        served.end(signal.SIGTERM)  # harmless where it has ended; closes its output either way


def test_sigterm_ends_everything_with_exit_code_0(serve: Callable[..., Served]) -> None:
    served = serve()
    with httpx.Client(base_url=served.ready()) as browser:
        assert browser.get("/health").is_success  # whose connection stays open, and must not hold anything up
        assert len(served.descendants()) >= 4
        assert served.end(signal.SIGTERM) == 0
    assert served.descendants() == []
    assert "Traceback" not in served.last_words


def test_what_is_killed_is_started_again_and_ctrl_c_ends_it_all(
    serve: Callable[..., Served], tmp_path: Path
) -> None:
    too_long_for_a_socket = tmp_path / ("a folder " * 12)
    served = serve(too_long_for_a_socket, XDG_RUNTIME_DIR=str(tmp_path))
    url = served.ready()
    before, parts = served.descendants(), served.parts()
    assert parts >= {"gunicorn", "worker.py", "scheduler"}
    for process in before:
        os.kill(process, signal.SIGKILL)
    assert eventually(lambda: not set(before) & set(served.descendants()))
    assert eventually(lambda: answers(url) and served.parts() == parts)
    assert served.end(signal.SIGINT) == 0
    assert served.descendants() == []


def test_killed_outright_it_takes_all_along_and_the_next_start_succeeds(serve: Callable[..., Served]) -> None:
    served = serve()
    served.ready()
    orphans = served.descendants()
    assert served.end(signal.SIGKILL) == -signal.SIGKILL
    again = serve()  # at once, while the orphans are still stopping
    again.ready()
    assert not set(orphans) & set(again.descendants())
    assert again.end(signal.SIGTERM) == 0
    assert again.descendants() == []


def test_a_signal_during_setup_leaves_nothing_behind(serve: Callable[..., Served]) -> None:
    served = serve()
    assert eventually(lambda: bool(served.descendants("gerbang")))
    assert served.end(signal.SIGTERM) == 0
    assert served.descendants() == []


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"PORT": "eighty"}, "PORT must be a number from 0 to 65535, not 'eighty'."),
        ({"HOST": "no such host"}, "Port 0 of no such host can't be had"),
        ({"APP_TIMEZONE": "Mars"}, "APP_TIMEZONE is not a time zone name"),
    ],
)
def test_a_bad_setting_is_refused_in_a_sentence(
    serve: Callable[..., Served], environ: dict[str, str], sentence: str
) -> None:
    served = serve(**environ)
    served.wait_until(f"({re.escape(sentence)})")
    assert served.process.wait(PATIENCE) == 1


def test_a_taken_port_is_refused_in_a_sentence(serve: Callable[..., Served]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        served = serve(PORT=str(port))
        served.wait_until(rf"(Port {port} of 127\.0\.0\.1 can't be had: Address already in use)")
        assert served.process.wait(PATIENCE) == 1
