"""An operator with one router, which is really called."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from tests.support.factories import Make
from tests.support.routeros import FakeRouter
from tests.support.routeros.tables import Row
from webapp.database import transaction
from webapp.extensions import db
from webapp.subscribers import customers, lines, subscriptions
from webapp.subscribers.models import LineSync, RouterState
from webapp.subscribers.routers import reconcile, service
from webapp.subscribers.routers.reconcile import Outcome


@dataclass
class Isp:
    """`fake` is what stands there, `router_id` what we know it by."""

    app: Flask
    make: Make
    fake: FakeRouter
    router_id: int
    package: int

    def line(self, name: str, *, subscribed: bool = True, **fields: Any) -> int:
        """A customer of this PPPoE name, and password `pw`, with a line that ends at the router; the line's id."""
        customer = self.make.customer(self.package if subscribed else None, name=name.title())
        with self.app.app_context(), transaction():
            values = {"pppoe_name": name, "pppoe_password": "pw", "router_id": self.router_id, **fields}
            return lines.create_line(customers.get_customer(customer), values).id

    def change(self, line_id: int, **changes: Any) -> None:
        with self.app.app_context(), transaction():
            lines.update_line(line_id, changes)

    def customer_of(self, line_id: int) -> int:
        with self.app.app_context():
            return lines.get_line(line_id).customer_id

    def suspend(self, line_id: int) -> None:
        with self.app.app_context(), transaction():
            running = subscriptions.current(lines.get_line(line_id).customer_id)
            subscriptions.suspend(running.id if running else 0)

    def in_step(self, line_ids: list[int] | None = None, **options: Any) -> Outcome:
        with self.app.app_context(), transaction():
            return reconcile.bring_in_step(self.router_id, line_ids, **options)

    def sync(self, line_id: int) -> tuple[bool, str]:
        """Whether the line is pending, and why."""
        with self.app.app_context():
            found = db.session.get_one(LineSync, line_id)
            return found.pending, found.error

    def state(self) -> RouterState:
        with self.app.app_context():
            return service.state_of(self.router_id)

    def secret(self, name: str) -> Row | None:
        return self.fake.secrets.named(name)


@pytest.fixture
def isp(app: Flask, make: Make) -> Iterator[Isp]:
    make.brand()
    package = make.package()
    with FakeRouter() as fake:
        fake.profiles.put({"name": "Internet 50Mbps"})
        with app.app_context(), transaction():
            where = {"host": "127.0.0.1", "port": fake.port, "username": fake.user, "password": fake.password}
            router_id = service.create_router({"name": "R1", **where}).id
        yield Isp(app, make, fake, router_id, package)
