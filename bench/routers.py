"""Bringing a router of 5,000 secrets in step, against reading them one by one: how often one waits for the router.

The router is the tests' fake one, over a real socket, in a process of its own.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import cast

import sqlalchemy
from sqlalchemy import Table

from bench import places, processes
from bench.result import Result
from tests.support.routeros import FakeRouter
from webapp.database import transaction
from webapp.extensions import db
from webapp.subscribers import catalogue, lines
from webapp.subscribers.models import Customer, LineSync, Subscription, TechnicalData
from webapp.subscribers.routers import reconcile, service
from webapp.subscribers.routers.client import RouterClient
from webapp.subscribers.routers.line import Access

LINES, TWENTIETH = 5_000, 20
PROFILE = "default"  # what a fake router has from the start
AT_LEAST = 50


def reconciles(kind: str, redis_url: str, folder: Path, _full: bool) -> Iterator[Result]:
    """The database is asked for what is wanted, so it is measured with each."""
    with (
        places.place(kind, folder, redis_url) as place,
        _router(folder) as port,
        places.application(place.environ),
    ):
        router_id = _filled(port)
        (added, adding), (looked, looking) = _timed(router_id), _timed(router_id)
        if added.written != LINES or looked.difference.steps:
            raise RuntimeError("the router did not come in step")
        singly, reading = _one_by_one(port)
        writes = _one_changed(router_id)
    yield _fewer(f"{kind}: waits for the router, 5,000 in step", looked, singly)
    yield _fewer(f"{kind}: waits for the router, 5,000 added", added, singly)
    yield _told(f"{kind}: time on loopback, 5,000 in step", looking, reading)
    yield _told(f"{kind}: time on loopback, 5,000 added", adding, reading)
    yield Result(
        f"{kind}: one changed customer", f"{writes} write", "-", writes, 1, at_most=True, unit="write"
    )


def _fewer(what: str, ours: reconcile.Outcome, singly: int) -> Result:
    return Result(what, f"{ours.round_trips}", f"{singly:,}", singly / ours.round_trips, AT_LEAST)


def _told(what: str, ours: float, singly: float) -> Result:
    return Result(what, f"{ours:.1f} s", f"{singly:.1f} s", singly / ours, 1, judged=False)


def _filled(port: int) -> int:
    """A router of 5,000 customers, none of them on it yet; its id."""
    with transaction():
        [package], _ = catalogue.packages()
        catalogue.update_package(package.id, {"profile": PROFILE})
        access = {
            "host": "127.0.0.1",
            "port": port,
            "username": FakeRouter.user,
            "password": FakeRouter.password,
        }
        router_id = service.create_router({"name": "bench", **access}).id
        numbers = range(1, LINES + 1)
        everyone = {
            Customer: [{"id": one, "name": _name(one), "brand_code": package.brand_code} for one in numbers],
            Subscription: [
                {"customer_id": one, "package_id": package.id, "started_on": date(2024, 1, 1)}
                for one in numbers
            ],
            TechnicalData: [
                {
                    "id": one,
                    "customer_id": one,
                    "router_id": router_id,
                    "pppoe_name": _name(one),
                    "pppoe_password": f"p{one}",
                }
                for one in numbers
            ],
            LineSync: [{"technical_data_id": one} for one in numbers],
        }
        for model, rows in everyone.items():
            db.session.connection().execute(sqlalchemy.insert(cast("Table", model.__table__)), rows)
    return router_id


def _name(number: int) -> str:
    return f"jakinet-{number:06d}"


@contextmanager
def _router(folder: Path) -> Iterator[int]:
    """The port of an empty one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [str(processes.BIN / "python"), "-m", "tests.support.routeros", "--port", str(port)]
    with processes.running(processes.Process(command, {}, folder / "router.log")):
        while not _listens(port):
            time.sleep(0.1)
        yield port


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def _timed(router_id: int) -> tuple[reconcile.Outcome, float]:
    began = time.perf_counter()
    with transaction():
        outcome = reconcile.bring_in_step(router_id)
    return outcome, time.perf_counter() - began


def _one_by_one(port: int) -> tuple[int, float]:
    """Waits and seconds of reading all of them singly, as a twentieth of them says."""
    began = time.perf_counter()
    with RouterClient(Access("127.0.0.1", FakeRouter.user, FakeRouter.password, port)) as client:
        for number in range(1, LINES + 1, TWENTIETH):
            client.secrets(_name(number))
        return 1 + (client.round_trips - 1) * TWENTIETH, (time.perf_counter() - began) * TWENTIETH


def _one_changed(router_id: int) -> int:
    """How many writes a changed password comes to."""
    with transaction():
        line = db.session.scalars(sqlalchemy.select(TechnicalData).limit(1)).one()
        lines.update_line(line.id, {"pppoe_password": "another"})
        line_id = line.id
    with transaction():
        return reconcile.bring_in_step(router_id, [line_id]).written
