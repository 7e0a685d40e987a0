"""Customers: the list, and the page of one."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from webapp.identity import VIEWER
from webapp.kit.paging import Page
from webapp.subscribers import customers as service
from webapp.subscribers import queries
from webapp.subscribers.models import Customer
from webapp.subscribers.queries import CustomerFilter
from webapp.web import htmx, lists, web
from webapp.web.forms import Listing, Query, Word

ONE = "/customers/<int:customer_id>"
PAGE_SIZE = 20


class CustomerListing(Listing):
    brand: Word = ""
    status: Word = ""

    @property
    def wanted(self) -> CustomerFilter:
        return CustomerFilter(search=self.search, brand=self.brand, status=self.status)


@web.page("/customers", policy=VIEWER)
def customers() -> str:
    return render_template("customers/index.html", **_listed())


@web.page("/customers/rows", policy=VIEWER)
def customers_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("customers/_rows.html", **_listed()), "web.customers")


def _listed() -> dict[str, Any]:
    asked = Query(CustomerListing).data

    def turn(number: int) -> Page[Customer]:
        found = queries.list_customers(asked.wanted, skip=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
        return Page(found, number, PAGE_SIZE, queries.count_customers(asked.wanted))

    return {"page": lists.turned(turn, asked.page)}


@web.page(ONE, policy=VIEWER)
def customers_detail(customer_id: int) -> str:
    return render_template("customers/detail.html", customer=service.get_customer(customer_id))
