"""The product, asked to do what the plot says: nights by its own clock and jobs, days by its services and its API.

Jobs are taken from its queue as a worker would, some of them twice; callbacks come up to three times, in any order, or
not at all; on some days the gateway and the routers are dead.
"""

import importlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any, Protocol

import time_machine
from flask import Flask
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select

from webapp import config
from webapp.billing import dunning, invoices, payments, run_jobs
from webapp.billing import gateway_jobs as at_gateway
from webapp.billing.models import Invoice, PaymentLink
from webapp.database import transaction
from webapp.extensions import db
from webapp.queue import QUEUES, Job, connection
from webapp.scheduler import ENTRIES, tick
from webapp.subscribers import catalogue, customers, lines, subscriptions
from webapp.subscribers import jobs as of_subscribers
from webapp.subscribers.models import Brand
from webapp.subscribers.routers import jobs as of_routers
from webapp.subscribers.routers import service as routers
from webapp.subscribers.subscriptions import Terms
from years.plot import EVE, GATEWAY, HOUSES, House, Life, Outages
from years.reckoning import Step

MORNING, EVENING = time(10), time(20)
NIGHTLY = {  # soon after each has come due
    time(0, 3): of_subscribers.begin_planned_packages,
    time(0, 5): run_jobs.mark_overdue,
    time(0, 21): run_jobs.start_billing,
    time(0, 41): run_jobs.settle_suspensions,
    time(8, 1): run_jobs.write_reminders,
}
BY_MINUTE = (
    at_gateway.tend_links,
    at_gateway.apply_callbacks,
    of_routers.check_routers,
    of_routers.reconcile_waiting,
)
TWICE = 0.05  # of the jobs


class Xendit(Protocol):
    """What the story does to the gateway (tests/support/xendit.py)."""

    broken: int

    def of(self, external_id: str) -> list[dict[str, Any]]: ...
    def pay(self, external_id: str, amount: int | None = None) -> dict[str, Any]: ...
    def expire(self, external_id: str) -> dict[str, Any]: ...


class Mikrotik(Protocol):
    """And to a router (tests/support/routeros)."""

    port: int
    user: str
    password: str

    def plug_in(self) -> None: ...
    def unplug(self) -> None: ...


class World:
    """`token` is what callbacks carry; `router` serves everybody."""

    def __init__(
        self, app: Flask, gateway: Xendit, token: str, router: Mikrotik, outages: Outages, seed: int
    ) -> None:
        self.app, self.gateway, self.token, self.router = app, gateway, token, router
        self.outages, self.draw = outages, random.Random(f"{seed}:world")
        self.customers: dict[int, int] = {}
        self.subscriptions: dict[int, int] = {}
        self.payments: dict[int, int] = {}
        self.packages: dict[tuple[str, int], int] = {}
        self.late: list[dict[str, Any]] = []  # callbacks that come tomorrow
        self.today = EVE
        self.is_unplugged = False
        self.clock: time_machine.Traveller | None = None

    @contextmanager
    def begun(self) -> Iterator[None]:
        """The clock stands at the eve; what is sold is on offer, and the product's clock has seen its entries."""
        with time_machine.travel(self._moment(EVE, MORNING), tick=False) as self.clock:
            with self.app.app_context(), transaction():
                self._offer()
            self._tick(*NIGHTLY.values(), *BY_MINUTE)
            yield

    def _offer(self) -> None:
        for house in HOUSES:
            values = {
                "tax_percent": house.tax_percent,
                "gateway_key": house.code,
                "grace_days": house.grace_days,
            }
            if db.session.get(Brand, house.code) is None:
                catalogue.create_brand(values | {"code": house.code, "name": house.code.title()})
            else:
                catalogue.update_brand(house.code, values)
            self._sell(house)
        told = {"name": "router", "host": "127.0.0.1", "port": self.router.port}
        self.router_id = routers.create_router(
            told | {"username": self.router.user, "password": self.router.password}
        ).id

    def _sell(self, house: House) -> None:
        known = {one.name: one.id for one in catalogue.packages()[0] if one.brand_code == house.code}
        for place, (name, price) in enumerate(house.packages):
            values = {"brand_code": house.code, "name": name, "price": price, "profile": f"{place}M"}
            if name in known:
                self.packages[house.code, place] = known[name]
                catalogue.update_package(known[name], {"price": price})
            else:
                self.packages[house.code, place] = catalogue.create_package(values | {"speed_mbps": 10}).id

    # The night and the evening

    def night(self, day: date) -> None:
        self.today = day
        self._weather()
        for at, job in NIGHTLY.items():
            self._go(at)
            self._tick(job)

    def evening(self) -> None:
        self._go(EVENING)
        self._tick(*BY_MINUTE)

    def _weather(self) -> None:
        self.gateway.broken = 503 if self.today in self.outages.gateway else 0
        is_dead = self.today in self.outages.routers
        if is_dead != self.is_unplugged:
            self.router.unplug() if is_dead else self.router.plug_in()
            self.is_unplugged = is_dead

    def _go(self, at: time) -> None:
        assert self.clock is not None
        self.clock.move_to(self._moment(self.today, at))

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.app.config["GERBANG"].timezone)

    def _tick(self, *jobs: Job[[]]) -> None:
        """The product's clock looks at these jobs' entries; what it asks for is done."""
        entries = [entry for entry in ENTRIES if entry.job in jobs]
        with self.app.app_context():
            tick(datetime.now(config.current().timezone), entries)
        self._work()

    def _work(self) -> None:
        """Do what waits in the queue; some of it twice, as after a lost acknowledgement."""
        while True:
            with self.app.app_context():
                found = Queue.dequeue_any(
                    [Queue(name, connection=connection(), serializer=JSONSerializer) for name in QUEUES],
                    None,
                    connection=connection(),
                    serializer=JSONSerializer,
                )
                if found is None:
                    return
                job, _ = found
                path, values = str(job.func_name), job.args
                job.delete()
            for _ in range(2 if self.draw.random() < TWICE else 1):
                self._call(path, values)

    def _call(self, path: str, values: Sequence[Any]) -> None:
        module, _, name = path.rpartition(".")
        with self.app.app_context():
            getattr(importlib.import_module(module), name)(*values)

    # The day

    def day(self, steps: Iterator[Step], lives: Mapping[int, Life]) -> None:
        """What people do, in its order; the callbacks of the day's paid pages come at its end."""
        self._go(MORNING)
        callbacks, self.late = self.late, []
        for step in steps:
            if step.kind == "join":
                self._do(self._join, lives[step.number])
            elif step.kind == "pay" and step.by == GATEWAY:
                callbacks += self._pay_page(step)
            elif step.kind == "expire":
                self._tell([self._page(step.number, step.key, self.gateway.expire)])
            else:
                self._do(getattr(self, f"_{step.kind}"), step, lives[step.number])
        self.draw.shuffle(callbacks)
        self._tell(callbacks)

    def _do(self, deed: Callable[..., None], *values: Any) -> None:
        with self.app.app_context(), transaction():
            deed(*values)
        self._work()

    def _join(self, life: Life) -> None:
        package = self.packages[life.house.code, life.package]
        terms = Terms(package, life.started_on, due_day=life.due_day, payment_method=life.method)
        name, phone = f"Customer {life.number}", f"0812{life.number:08}"
        told = {"name": name, "phone": phone, "brand_code": life.house.code, "installed_on": life.started_on}
        customer = customers.create_customer(told, subscription=terms)
        lines.create_line(customer, {"router_id": self.router_id})
        current = subscriptions.current(customer.id)
        assert current is not None
        self.customers[life.number], self.subscriptions[life.number] = customer.id, current.id

    def _change(self, step: Step, life: Life) -> None:
        package = self.packages[life.house.code, step.amount]
        subscriptions.change_package(self.subscriptions[step.number], package, step.until)

    def _end(self, step: Step, _life: Life) -> None:
        subscriptions.end(self.subscriptions[step.number])

    def _pay(self, step: Step, _life: Life) -> None:
        invoice_id = self._invoice(step.number, step.key).id if step.named else None
        customer_id = self.customers[step.number]
        made = payments.record_payment(customer_id, step.amount, step.by, invoice_id=invoice_id)
        self.payments[step.serial] = made.id

    def _reverse(self, step: Step, _life: Life) -> None:
        payments.reverse_payment(self.payments[step.serial], "bounced")

    def _note(self, step: Step, _life: Life) -> None:
        invoices.credit_note(self._invoice(step.number, step.key).id, step.amount, "a bad week")

    def _cancel(self, step: Step, _life: Life) -> None:
        invoices.cancel(self._invoice(step.number, step.key).id)

    def _promise(self, step: Step, _life: Life) -> None:
        assert step.until is not None
        dunning.promise(self._invoice(step.number, step.key).id, step.until)

    def _invoice(self, number: int, key: str) -> Invoice:
        mine = Invoice.subscription_id == self.subscriptions[number], Invoice.period == key
        return db.session.scalars(select(Invoice).where(*mine)).one()

    # At the gateway

    def _page(
        self, number: int, key: str, deed: Callable[[str], dict[str, Any]], amount: int = 0
    ) -> dict[str, Any]:
        """What the gateway tells after something happened to a bill's page, which is made anew where it is stale."""
        for _ in range(2):
            with self.app.app_context():
                invoice = self._invoice(number, key)
                link = db.session.get(PaymentLink, invoice.id)
                name, is_there = invoice.number, link is not None and link.url != ""
            pages = self.gateway.of(name)
            if is_there and pages and amount in (0, pages[0]["amount"]):
                return deed(name)
            self._tick_links()
        raise AssertionError(f"{name} has no page for {amount}: {pages}")

    def _tick_links(self) -> None:
        self._call(at_gateway.tend_links.path, [])
        self._work()

    def _pay_page(self, step: Step) -> list[dict[str, Any]]:
        """The callbacks of it that come today."""
        page = self._page(step.number, step.key, self.gateway.pay, step.amount)
        self.gateway.of(page["external_id"])[0]["paid_at"] = page["paid_at"] = self._now()
        way = self.draw.random()
        if way < 0.1:
            self.late.append(page)  # the poll is quicker
        if way < 0.15:
            return []  # lost, or late
        again = [dict(page, status="EXPIRED")] if way < 0.2 else []
        return [page] * self.draw.choice((1, 1, 2, 3)) + again

    def _now(self) -> str:
        return self._moment(self.today, MORNING).isoformat()

    def _tell(self, callbacks: Sequence[dict[str, Any]]) -> None:
        headers = {"x-callback-token": self.token}
        client = self.app.test_client()
        for told in callbacks:
            answer = client.post("/api/invoices/xendit-callback", json=told, headers=headers)
            assert answer.status_code == 200, answer.text
        self._work()
