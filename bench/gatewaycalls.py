"""A burst of the gateway's callbacks: 500 paid pages, each told three times, in any order, beside a worker.

Each must be applied once and answered 200; the p99 of the answers is set against that of /health, asked by the same
clients just before.
"""

import json
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy
from sqlalchemy import insert, text

from bench import places, processes
from bench.load import Failed
from bench.places import Place
from bench.processes import BIN, Process
from bench.result import Result, compared
from webapp.billing import invoices
from webapp.billing.amounts import NewItem
from webapp.billing.models import PaymentLink
from webapp.database import transaction
from webapp.extensions import db
from webapp.kit import clock
from webapp.subscribers.models import Customer

BURST, TIMES, CLIENTS = 500, 3, 16
TOKEN, BRAND, PRICE = "told-by-xendit", "JAKINET", 500_000
PATIENCE = 120.0  # seconds until all are applied
Call = tuple[str, str, bytes, dict[str, str]]  # method, path, body, headers
HEALTH: Call = ("GET", "/health", b"", {})


def bursts(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    rounds = 5 if full else 2
    with places.place(kind, folder, redis_url) as place:
        place.environ |= {"XENDIT_API_KEY_JAKINET": "none", f"XENDIT_CALLBACK_TOKEN_{BRAND}": TOKEN}
        place.environ |= {"XENDIT_BASE_URL": "http://127.0.0.1:9", "RATELIMIT_ENABLED": "0"}
        numbers = _invoices(place, BURST * rounds)
        server = place.server("web")
        with processes.running(server, _worker(place)):
            pairs = [
                _round(place, server.url, numbers[start : start + BURST])
                for start in range(0, len(numbers), BURST)
            ]
    ours, health = ([pair[side] for pair in pairs] for side in (0, 1))
    what = f"{kind}: p99 of {BURST * TIMES:,} callbacks in a burst ÷ of /health"
    yield compared(what, ours, health, 3.0, unit="ms", at_most=True)


def _invoices(place: Place, count: int) -> list[str]:
    """So many customers with an invoice to pay, and its page at the gateway; the invoices' numbers."""
    with places.application(place.environ):
        with transaction():
            now = clock.now()
            stamps = {"created_at": now, "updated_at": now, "brand_code": BRAND}
            rows = [{"name": f"Customer {number}", **stamps} for number in range(count)]
            db.session.execute(insert(Customer.__table__), rows)
        ids = db.session.scalars(sqlalchemy.select(Customer.id).order_by(Customer.id)).all()
        numbers = []
        for start in range(0, count, 100):
            with transaction():
                for customer_id in ids[start : start + 100]:
                    items = [NewItem("Internet 50Mbps", 1, PRICE)]
                    numbers.append(
                        invoices.create_invoice(customer_id, "2026-11", date(2099, 1, 1), items).number
                    )
        with transaction():
            pages = {
                "status": "created",
                "gateway_id": "page-" + sqlalchemy.cast(PaymentLink.invoice_id, sqlalchemy.String),
            }
            db.session.execute(sqlalchemy.update(PaymentLink).values(next_try_at=None, **pages))
    return numbers


def _worker(place: Place) -> Process:
    command = [str(BIN / "rq"), "worker", "--worker-class", "worker.GerbangWorker"]
    command += ["--url", place.environ["REDIS_URL"], "high", "default"]
    return Process(command, {**place.environ, "PYTHONPATH": "."}, place.folder / "worker.log")


def _round(place: Place, url: str, numbers: Sequence[str]) -> tuple[float, float]:
    """p99 in ms of the callbacks of these invoices, and of /health."""
    health = _all_at_once(url, [HEALTH] * BURST * TIMES)
    with place.engine() as engine:
        calls = [_call(*row) for row in _pages(engine, numbers)] * TIMES
        random.Random(1945).shuffle(calls)
        answers = _all_at_once(url, calls)
        _check_applied(engine, len(numbers))
    return _p99(answers), _p99(health)


def _pages(engine: sqlalchemy.Engine, numbers: Sequence[str]) -> list[tuple[str, str, int]]:
    wanted = text(
        "SELECT number, gateway_id, amount FROM invoices JOIN payment_links ON invoice_id = id"
        " WHERE number IN :numbers"
    ).bindparams(sqlalchemy.bindparam("numbers", expanding=True))
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(wanted, {"numbers": list(numbers)})]


def _call(number: str, page: str, amount: int) -> Call:
    told = {"id": page, "external_id": number, "status": "PAID", "amount": amount, "paid_amount": amount}
    headers = {"Content-Type": "application/json", "x-callback-token": TOKEN}
    return "POST", "/api/invoices/xendit-callback", json.dumps(told).encode(), headers


def _all_at_once(url: str, calls: Sequence[Call]) -> list[float]:
    """Seconds that each took, over CLIENTS connections. Raises Failed for any answer but 200."""
    with ThreadPoolExecutor(CLIENTS) as clients:
        found = clients.map(lambda place: _one_by_one(url, calls[place::CLIENTS]), range(CLIENTS))
        return [seconds for some in found for seconds in some]


def _one_by_one(url: str, calls: Sequence[Call]) -> list[float]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
    found = []
    for method, path, body, headers in calls:
        began = time.perf_counter()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        said = answer.read()
        found.append(time.perf_counter() - began)
        if answer.status != 200:
            raise Failed(f"{path} answered {answer.status}: {said[:200]!r}")
    connection.close()
    return found


def _check_applied(engine: sqlalchemy.Engine, count: int) -> None:
    """Every page of the burst has become one payment, and all its callbacks are dealt with."""
    waiting = text("SELECT count(*) FROM gateway_callbacks WHERE status = 'waiting'")
    deadline = time.monotonic() + PATIENCE
    while _number(engine, waiting):
        if time.monotonic() > deadline:
            raise Failed("The callbacks were not applied in time.")
        time.sleep(0.2)
    told = _number(engine, text("SELECT count(*) FROM gateway_callbacks"))
    applied = _number(engine, text("SELECT count(*) FROM gateway_callbacks WHERE status = 'applied'"))
    paid = _number(engine, text("SELECT count(*) FROM payments"))
    if told % (count * TIMES) or not applied == paid == told // TIMES:
        raise Failed(f"Of {told} callbacks {applied} were applied, as {paid} payments.")


def _number(engine: sqlalchemy.Engine, statement: sqlalchemy.TextClause) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(statement) or 0)


def _p99(seconds: Sequence[float]) -> float:
    return 1000 * statistics.quantiles(seconds, n=100)[-1]
