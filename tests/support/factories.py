"""Rows for tests, made through the services that make them in the product."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask

from webapp.accounts import keys
from webapp.accounts.models import Role, User
from webapp.database import transaction
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.gates import service as gates
from webapp.gates.ingest import NewEvent
from webapp.gates.runtime import runtime
from webapp.kit import tokens
from webapp.subscribers.models import Brand, Customer, Package, Subscription, SubscriptionChange

PASSWORD = "correct horse"
# bcrypt of PASSWORD at cost 4 instead of 12: a digest says its own cost, and tests sign in a thousand times
PASSWORD_HASH = "$2b$04$8fmS/CpgsQpb4BPA0u6dI.xZvCK7RTQjeSLWbLcC2gwSfpKQEegO."


@dataclass(frozen=True)
class GateRef:
    """A gate's names and its id."""

    location_code: str
    gate_code: str
    id: int


class Make:
    """Factories; each call is a transaction of its own, as a request would be."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def user(self, username: str, role: Role, *, active: bool = True) -> int:
        with self._app.app_context(), transaction():
            user = User(
                username=username, name=username.title(), password_hash=PASSWORD_HASH, role_level=role
            )
            user.is_active = active
            db.session.add(user)
            db.session.flush()
            return user.id

    def location(self, code: str = "kerkof_01", **fields: Any) -> str:
        with self._app.app_context(), transaction():
            gates.create_location(
                code, fields.pop("name", code.title()), fields.pop("type", "kerkof"), **fields
            )
        return code

    def gate(self, location_code: str = "kerkof_01", code: str = "gate01", **fields: Any) -> GateRef:
        with self._app.app_context(), transaction():
            name, direction = fields.pop("name", code.title()), fields.pop("direction", "in")
            gate = gates.create_gate(location_code, code, name, direction, **fields)
            return GateRef(location_code, code, gate.id)

    def tariff(self, gate: GateRef, category: str = "motor", price: int = 5000, **fields: Any) -> None:
        with self._app.app_context(), transaction():
            key = gates.TariffKey(gate.location_code, gate.gate_code, category)
            gates.create_tariff(key, price, **fields)

    def open_gate(self, location_code: str = "kerkof_01", code: str = "gate01") -> GateRef:
        """A gate at a (new or known) location with tariffs: person_walk 1000, motor 2000, car 5000."""
        with suppress(Conflict):
            self.location(location_code)
        gate = self.gate(location_code, code)
        for category, price in (("person_walk", 1000), ("motor", 2000), ("car", 5000)):
            self.tariff(gate, category, price)
        return gate

    def key(self, gate: GateRef | None = None, scope: str = "ingest", **fields: Any) -> str:
        with self._app.app_context(), transaction():
            gate_id = gate.id if gate else None
            return keys.issue_key("test", scope=scope, gate_id=gate_id, by=None, **fields)[1]

    def events(self, gate: GateRef, *times: int | str, category: str = "motor") -> None:
        """Store one event for each time, through the writer that devices use."""
        events = [NewEvent(at, gate.location_code, gate.gate_code, category) for at in times]
        with self._app.app_context():
            parts = runtime()
            key = parts.catalogue.key(tokens.digest(self.key(gate)))
            for outcome in parts.ingest.submit(key, events):
                assert not isinstance(outcome, Exception), outcome

    def brand(self, code: str = "JAKINET", **fields: Any) -> str:
        """A brand without tax, unless `tax_percent` says one."""
        with self._app.app_context(), transaction():
            db.session.add(Brand(code=code, name=code.title(), gateway_key=code, **fields))
        return code

    def package(self, brand: str = "JAKINET", name: str = "Internet 50Mbps", price: int = 500_000) -> int:
        with self._app.app_context(), transaction():
            package = Package(brand_code=brand, name=name, price=price, speed_mbps=50, profile=name)
            db.session.add(package)
            db.session.flush()
            return package.id

    def customer(self, package: int | None = None, started: date = date(2024, 1, 1), **fields: Any) -> int:
        """A customer of JAKINET (or the `brand_code` given), with a subscription if there is a `package`; the id.

        `due_day` and `payment_method` are the subscription's.
        """
        of_subscription: dict[str, Any] = {
            name: fields.pop(name) for name in ("due_day", "payment_method") if name in fields
        }
        fields = {"name": "John Doe", "phone": "08123456789", "brand_code": "JAKINET"} | fields
        with self._app.app_context(), transaction():
            customer = Customer(search_text=str(fields["name"]).lower(), **fields)
            db.session.add(customer)
            db.session.flush()
            if package is not None:
                self._subscribe(customer.id, package, started, of_subscription)
            return customer.id

    def _subscribe(self, customer_id: int, package_id: int, started: date, fields: dict[str, Any]) -> None:
        subscription = Subscription(
            customer_id=customer_id, package_id=package_id, started_on=started, **fields
        )
        db.session.add(subscription)
        db.session.flush()
        price = db.session.get_one(Package, package_id).price
        change = SubscriptionChange(
            subscription_id=subscription.id,
            effective_on=started,
            kind="start",
            package_id=package_id,
            price=price,
        )
        db.session.add(change)
