"""Customers: taken in, changed, looked up (contract 2, Pelanggan Endpoints). Deleting and restoring is trash.py's."""

import re
from collections.abc import Mapping
from typing import Any

from webapp.database import MAX_ID
from webapp.errors import Invalid, NotFound
from webapp.extensions import db
from webapp.notifications import service as notifications
from webapp.subscribers import catalogue, clashes, subscriptions
from webapp.subscribers.models import Customer
from webapp.subscribers.subscriptions import Terms

_DIGITS = re.compile(r"^(?:\+62|62|0)")


def search_text_of(name: str, email: str | None, phone: str) -> str:
    """What a customer is found by: words of the name, e-mail, the number as `08…` and as `628…`.

    Two spaces stand before each word of the name, so that even one letter is a trigram of its own with them; a query
    is written likewise (queries.needles).
    """
    words = "".join(f"  {word}" for word in name.lower().split())
    local = _DIGITS.sub("", phone)
    numbers = f"\n0{local}\n62{local}" if local else ""
    return f"{words}\n{(email or '').lower()}{numbers}"


def get_customer(customer_id: int) -> Customer:
    """Raises NotFound, also for a deleted one."""
    known = 0 < customer_id <= MAX_ID
    customer = db.session.get(Customer, customer_id) if known else None
    if customer is None or customer.deleted_at is not None:
        raise NotFound("Customer not found")
    return customer


def create_customer(values: Mapping[str, Any], *, subscription: Terms | None = None) -> Customer:
    """Take in a customer; `values` are columns of Customer that were checked (fields.py).

    Raises Invalid for a brand that is unknown or switched off and for what `subscribe` refuses, Conflict when the
    e-mail or the KTP number is taken.
    """
    customer = Customer(**values)
    customer.brand = _open_brand(customer.brand_code)
    customer.search_text = search_text_of(customer.name, customer.email, customer.phone or "")
    db.session.add(customer)
    clashes.flush()
    if subscription is not None:
        subscriptions.begin(customer, subscription)
    told = {"pelanggan_id": customer.id, "pelanggan_nama": customer.name}  # in the contract's words
    notifications.notify("new_customer", "Pelanggan baru telah ditambahkan", told)
    return customer


def update_customer(customer_id: int, changes: Mapping[str, Any]) -> Customer:
    """Change the columns that `changes` names. Raises NotFound, Invalid, Conflict as `create_customer` does.

    A customer with a subscription stays with its brand: the package is the brand's.
    """
    customer = get_customer(customer_id)
    if (code := changes.get("brand_code", customer.brand_code)) != customer.brand_code:
        _check_may_move(customer)
        customer.brand = _open_brand(code)
    for name, value in changes.items():
        setattr(customer, name, value)
    customer.search_text = search_text_of(customer.name, customer.email, customer.phone)
    clashes.flush()
    return customer


def _check_may_move(customer: Customer) -> None:
    if subscriptions.current(customer.id) is not None:
        raise Invalid({"brand_code": "The subscription belongs to the brand: end it first"})


def _open_brand(code: str) -> Any:
    try:
        brand = catalogue.get_brand(code)
    except NotFound:
        raise Invalid({"brand_code": "There is no such brand"}) from None
    if not brand.is_active:
        raise Invalid({"brand_code": "Is switched off"})
    return brand
