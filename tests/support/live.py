"""A real server: gunicorn as `make run` starts it, on a free port and a database of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.support import services

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PATIENCE = 60.0  # far more than a start takes, even on a busy machine


@dataclass
class Live:
    """A server that can be stopped and started again on the same port."""

    environ: Mapping[str, str]
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environ['PORT']}"

    def start(self) -> None:
        command = [str(BIN / "gunicorn"), "-c", "gunicorn.conf.py", "wsgi:app"]
        self._process = subprocess.Popen(command, cwd=ROOT, env=self.environ)
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert self._process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)
            self._process = None

    def _answers(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/health", trust_env=False).is_success
        return False


@contextmanager
def server(folder: Path, redis_url: str, **settings: str) -> Iterator[Live]:
    """A running server, set up as at a first start; `folder` is its DATA_DIR."""
    with services.database(folder, "live") as database_url:
        environ = {
            "PATH": os.environ["PATH"],
            "GERBANG_ENV": "testing",
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": "s" * 32,
            "PORT": str(_free_port()),
            "DEMO": "0",
            "LOG_LEVEL": "ERROR",
            "PYTHONWARNINGS": "ignore",
            **settings,
        }
        subprocess.run(
            [BIN / "flask", "--app", "wsgi", "gerbang", "setup"], cwd=ROOT, env=environ, check=True
        )
        live = Live(environ)
        try:
            live.start()
            yield live
        finally:
            live.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
