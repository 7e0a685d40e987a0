"""The page of one customer: five tabs, each a link."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import render_template, request
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from webapp.billing import queries as billing
from webapp.billing.days import today
from webapp.billing.queries import InvoiceFilter
from webapp.identity import VIEWER
from webapp.subscribers import catalogue, changes, lines, notes, queries, subscriptions, trail
from webapp.subscribers import customers as service
from webapp.subscribers.models import Customer, SubscriptionChange
from webapp.web import lists, web
from webapp.web.customers import ONE
from webapp.web.customersteps import method_choices
from webapp.web.lineforms import line_values

INVOICES = 20
CHANGES: Mapping[str, LazyString] = {
    "start": lazy("Started"),
    "package": lazy("Package"),
    "suspend": lazy("Suspended"),
    "resume": lazy("Resumed"),
    "end": lazy("Ended"),
    "reopen": lazy("Reopened"),
}
REASONS: Mapping[str, LazyString] = {  # those that services write themselves
    "price": lazy("new price"),
    "customer deleted": lazy("customer deleted"),
    "customer restored": lazy("customer restored"),
}


@web.page(ONE, policy=VIEWER)
def customers_detail(customer_id: int) -> str:
    return page(customer_id, request.args.get("tab", ""))


def page(customer_id: int, tab: str, **more: Any) -> str:
    """The customer's page with this tab open, or the first one. Raises NotFound."""
    customer, known = service.get_customer(customer_id), tabs()
    tab = tab if tab in known else "overview"
    context = {"customer": customer, "tab": tab, "tabs": known, **_TABS[tab](customer), **more}
    return render_template(f"customers/{tab}.html", **context)


def tabs() -> dict[str, tuple[str, str]]:
    """What the reader may open: name and drawing of each tab."""
    known = {
        "overview": (_("Overview"), "user"),
        "line": (_("Line"), "link"),
        "invoices": (_("Invoices"), "report"),
        "activity": (_("Activity"), "history"),
        "notes": (_("Notes"), "note"),
    }
    return known if lists.may("admin") else {name: text for name, text in known.items() if name != "activity"}


def _overview(customer: Customer) -> dict[str, Any]:
    latest, day = subscriptions.latest(customer.id), today()
    if latest is None:
        return {"subscription": None, "story": []}
    story = list(changes.history(latest.id))[::-1]
    names = {one: catalogue.get_package(one).name for one in {change.package_id for change in story}}
    price = changes.terms_on(latest, max(day, latest.started_on)).price
    context = {"price": price, "methods": dict(method_choices()), "today": day}
    return {"subscription": latest, "story": story, "packages": names, **context}


def _line(customer: Customer) -> dict[str, Any]:
    line = lines.line_of(customer.id)
    return {"line": line, "values": line_values(line), "errors": {}, "routers": queries.router_names()}


def _invoices(customer: Customer) -> dict[str, Any]:
    found, total = billing.invoices(InvoiceFilter(customer_id=customer.id), limit=INVOICES)
    return {"invoices": found, "total": total, "account": billing.balance(customer.id)}


def _activity(customer: Customer) -> dict[str, Any]:
    return {"trail": trail.trail(customer.id)}


def _notes(customer: Customer) -> dict[str, Any]:
    return {"notes": notes.notes_of(customer.id), "values": {}, "errors": {}}


_TABS: Mapping[str, Callable[[Customer], dict[str, Any]]] = {
    "overview": _overview,
    "line": _line,
    "invoices": _invoices,
    "activity": _activity,
    "notes": _notes,
}


@web.app_template_filter()
def change_words(change: SubscriptionChange) -> str:
    return str(CHANGES.get(change.kind, change.kind))


@web.app_template_filter()
def reason_words(change: SubscriptionChange) -> str:
    return str(REASONS.get(change.reason, change.reason))
