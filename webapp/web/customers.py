"""Customers: the list, as a file too, and those who were deleted."""

from collections.abc import Iterable
from typing import Annotated, Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BeforeValidator

from webapp.identity import ADMIN, OPERATOR, VIEWER
from webapp.kit import clock
from webapp.kit.paging import Page
from webapp.subscribers import catalogue, exports, queries, trash
from webapp.subscribers.models import ACTIVE, ENDED, STATUSES, SUSPENDED, Customer, Package
from webapp.subscribers.queries import CustomerFilter
from webapp.web import exports as files
from webapp.web import htmx, lists, web
from webapp.web.forms import Listing, Query, Word, attempt

PAGE_SIZE = 20
ONE = "/customers/<int:customer_id>"
RowId = Annotated[
    int | None,
    BeforeValidator(lambda text: int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None),
]


class CustomerListing(Listing):
    """The filters in the address; nonsense counts as none."""

    brand: Word = ""
    status: Annotated[str, BeforeValidator(lambda text: text if text in STATUSES else "")] = ""
    package: RowId = None
    router: RowId = None

    @property
    def wanted(self) -> CustomerFilter:
        return CustomerFilter(
            search=self.search,
            brand=self.brand,
            status=self.status,
            package_id=self.package,
            router_id=self.router,
        )

    @property
    def order(self) -> dict[str, Any]:
        """`name` or `-name` as queries.list_customers takes it; newest first when that says nothing."""
        column = self.sort.removeprefix("-")
        known = column in queries.SORTS
        return {"sort": column, "descending": self.sort.startswith("-")} if known else {}


@web.page("/customers", policy=VIEWER)
def customers() -> str:
    return render_template("customers/index.html", **_choices(), **_listed())


@web.page("/customers/rows", policy=VIEWER)
def customers_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("customers/_rows.html", **_listed()), "web.customers")


def _listed() -> dict[str, Any]:
    asked = Query(CustomerListing).data
    page = lists.turned(lambda number: _asked_for(asked, number), asked.page)
    return {"page": page, "subscriptions": queries.subscriptions_of(page.items)}


def _asked_for(asked: CustomerListing, number: int) -> Page[Customer]:
    skip = (number - 1) * PAGE_SIZE
    found = queries.list_customers(asked.wanted, skip=skip, limit=PAGE_SIZE, **asked.order)
    return Page(found, number, PAGE_SIZE, queries.count_customers(asked.wanted))


def _choices() -> dict[str, Any]:
    return {
        "brands": brand_choices(),
        "statuses": [(status, customer_state(status)[0]) for status in STATUSES],
        "packages": package_choices(catalogue.packages()[0]),
        "routers": queries.router_names(),
    }


@web.page(f"/customers/export.{files.FORMATS}", policy=VIEWER)
def customers_export(format: str) -> ResponseReturnValue:
    """What the filters find, in the columns that an import reads again."""
    return files.table(format, "customers", exports.HEADING, exports.rows(Query(CustomerListing).data.wanted))


@web.page(f"{ONE}/delete", policy=OPERATOR, methods=["POST"])
def customers_delete(customer_id: int) -> ResponseReturnValue:
    trash.delete_customer(customer_id)
    flash(_("Customer deleted. An administrator can restore them for 30 days."), "success")
    return redirect(url_for("web.customers"), 303)


@web.page("/customers/deleted", policy=ADMIN)
def customers_deleted() -> str:
    return render_template("customers/deleted.html", **_gone())


@web.page("/customers/deleted_rows", policy=ADMIN)
def customers_deleted_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("customers/_deleted_rows.html", **_gone()), "web.customers_deleted")


def _gone() -> dict[str, Any]:
    return {"page": lists.sliced(trash.deleted_customers, Query(Listing).data.page, PAGE_SIZE)}


@web.page(f"{ONE}/restore", policy=ADMIN, methods=["POST"])
def customers_restore(customer_id: int) -> ResponseReturnValue:
    if not attempt(lambda: trash.restore_customer(customer_id)):
        return redirect(url_for("web.customers_deleted"), 303)
    flash(_("The customer is back as before."), "success")
    return redirect(url_for("web.customers_detail", customer_id=customer_id), 303)


def brand_choices(*, only_active: bool = False) -> list[tuple[str, str]]:
    return [(brand.code, brand.name) for brand in catalogue.brands(only_active=only_active)]


def package_choices(packages: Iterable[Package]) -> list[tuple[int, str]]:
    """What a select offers: brand and name."""
    return [(package.id, _package_name(package)) for package in packages]


def _package_name(package: Package) -> str:
    return f"{package.brand_code} · {package.name}"


@web.app_template_global()
def customer_state(status: str) -> tuple[str, str]:
    """What a customer's, subscription's or line's state is called, and how its badge looks."""
    return {
        ACTIVE: (_("Active"), "success"),
        SUSPENDED: (_("Suspended"), "danger"),
        ENDED: (_("Ended"), "neutral"),
    }[status]


@web.app_template_filter()
def days_left(customer: Customer) -> int:
    """For how many days yet a deleted customer can be restored; the last of them is 0."""
    deleted = customer.deleted_at or clock.now()
    return max(0, (deleted + trash.KEPT - clock.now()).days)
