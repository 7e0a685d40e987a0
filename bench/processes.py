"""Servers under test: started for a measurement, killed at its end, whatever happens."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
START_LIMIT = 30.0


class Process:
    """One command in a session of its own; what it says goes to a file."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], log: Path) -> None:
        self._command, self._log = command, log
        self._environ = {"PATH": f"{BIN}{os.pathsep}{os.defpath}", "HOME": str(Path.home()), **environ}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environ, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """SIGKILL to it and its children, as a power cut would have it."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, signum: int) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signum)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def check(self) -> None:
        """Raises RuntimeError with its last words when it has ended."""
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(f"{self._command} ended: {self._log.read_text()[-2000:]}")

    @property
    def pids(self) -> list[int]:
        """Its process and those below, parents first."""
        assert self._process is not None
        found = [self._process.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in children.read_text().split()]
        return found


class Server(Process):
    """A web server on a port of 127.0.0.1."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], folder: Path, ready: str) -> None:
        self.port = _free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "server.log"
        self._ready = ready
        port = str(self.port)
        settings = {"DATA_DIR": str(folder), "PORT": port, **environ}
        super().__init__([part.replace("{port}", port) for part in command], settings, self.log)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        super().start()
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline:
            self.check()
            with suppress(httpx.HTTPError):
                if httpx.get(self.url + self._ready, trust_env=False).status_code < 500:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"No answer from {self.url}{self._ready}: {self.log.read_text()[-2000:]}")


@contextmanager
def running(*processes: Process) -> Iterator[None]:
    try:
        for process in processes:
            process.start()
        yield
    finally:
        for process in reversed(processes):
            process.stop()


def gunicorn(wsgi: str, environ: Mapping[str, str], folder: Path, ready: str = "/health") -> Server:
    """`wsgi` under Gerbang's own gunicorn settings."""
    return Server([str(BIN / "gunicorn"), "-c", "gunicorn.conf.py", wsgi], environ, folder, ready)


def uvicorn(asgi: str, environ: Mapping[str, str], folder: Path, ready: str = "/openapi.json") -> Server:
    options = [
        "--port",
        "{port}",
        "--no-access-log",
        "--log-level",
        "warning",
        "--loop",
        "uvloop",
        "--http",
        "httptools",
    ]
    return Server([str(BIN / "uvicorn"), asgi, *options], environ, folder, ready)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
