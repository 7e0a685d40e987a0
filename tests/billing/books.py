"""What tests of the books need: the services in a transaction each, and what the tables say."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import func, select

from webapp.billing import invoices, payments
from webapp.billing.amounts import NewItem
from webapp.billing.models import CustomerAccount, Invoice, LedgerEntry, LedgerLine
from webapp.database import Base, transaction
from webapp.extensions import db

R = TypeVar("R")
FUTURE, PAST = date(2099, 1, 31), date(2024, 1, 31)


class Books:
    """Each call is a transaction of its own, as a request would be; rows come back detached."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def do(self, function: Callable[..., R], *args: Any, **options: Any) -> R:
        with self.app.app_context():
            with transaction():
                found = function(*args, **options)
            if isinstance(found, Base):
                db.session.refresh(found)
                db.session.expunge(found)
            return found

    def invoice(self, customer_id: int, price: int = 100_000, due: date = FUTURE, **options: Any) -> Invoice:
        items = [NewItem("Internet", 1, price)]
        return self.do(invoices.create_invoice, customer_id, "2026-11", due, items, **options)

    def pay(self, customer_id: int, amount: int, method: str = "cash", **options: Any) -> int:
        return self.do(payments.record_payment, customer_id, amount, method, **options).id

    def now(self, invoice: Invoice) -> Invoice:
        return self.do(invoices.get_invoice, invoice.id)

    def account(self, customer_id: int) -> CustomerAccount:
        return self.do(db.session.get_one, CustomerAccount, customer_id)

    def sums(self) -> dict[str, int]:
        """The ledger's accounts, those that are not even."""
        total = func.sum(LedgerLine.amount)
        with self.app.app_context():
            rows = db.session.execute(select(LedgerLine.account, total).group_by(LedgerLine.account))
            return {account: int(amount) for account, amount in rows if amount}

    def kinds(self) -> list[str]:
        with self.app.app_context():
            return list(db.session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.id)))
