"""The dashboard and the reports (contract 2, Dashboard Endpoints and Reports Endpoints)."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from tests.callers import Ftth, Pair
from tests.support.factories import Make
from webapp.accounts.models import Role
from webapp.billing import invoices
from webapp.billing.amounts import NewItem
from webapp.billing.days import today
from webapp.database import transaction

DASHBOARD, SEGMENTS = "/api/dashboard/", "/api/dashboard/loyalitas-users-by-segment"
REVENUE, CUSTOMERS = "/api/reports/revenue", "/api/reports/customers"


@pytest.fixture
def owing(app: Flask, make: Make) -> int:
    """A customer in arrears for an invoice of today; their id."""
    make.brand()
    customer = make.customer(make.package())
    with app.app_context(), transaction():
        invoices.create_invoice(customer, "2024-01", date(2024, 1, 31), [NewItem("Internet", 1, 500_000)])
    return customer


def test_the_dashboard_has_the_documents_parts(looker: Ftth, owing: int) -> None:
    board = looker.call("GET", DASHBOARD)
    assert list(board) == ["stat_cards", "revenue_summary", "charts"]
    assert board["stat_cards"][0] == {
        "title": "Total Pelanggan",
        "value": 1,
        "icon": "users",
        "color": "primary",
    }
    assert list(board["revenue_summary"]) == ["total", "periode", "breakdown"]
    assert board["revenue_summary"]["total"] == 500_000
    assert board["revenue_summary"]["periode"].split()[1].isdigit()
    assert all(len(chart["labels"]) == len(chart["datasets"][0]["data"]) for chart in board["charts"])


@pytest.mark.parametrize("segment", ["menunggak", "Menunggak"])
def test_a_segment_lists_its_customers(looker: Ftth, owing: int, segment: str) -> None:
    answer = looker.call("GET", f"{SEGMENTS}?segmen={segment}")
    assert [(one["id"], one["segmen"]) for one in answer["data"]] == [(owing, "menunggak")]
    assert [(one["segmen"], one["jumlah"]) for one in answer["segments"]] == [
        ("setia", 0),
        ("lunas-telat", 0),
        ("menunggak", 1),
    ]
    assert looker.call("GET", f"{SEGMENTS}?segmen=setia")["total_count"] == 0


def test_an_unknown_segment_is_422(looker: Ftth) -> None:
    fault = looker.call("GET", f"{SEGMENTS}?segmen=kaya", 422)["detail"]["errors"][0]
    assert fault["field"] == "segmen"


@pytest.mark.parametrize("group", ["month", "brand", "status"])
def test_revenue_is_grouped_as_asked(app: Flask, looker: Ftth, owing: int, group: str) -> None:
    with app.app_context():
        day = today()
    report = looker.call("GET", f"{REVENUE}?start_date={day}&end_date={day}&group_by={group}")
    names = {"month": f"{day:%Y-%m}", "brand": "JAKINET", "status": "Menunggu Pembayaran"}
    assert [(line["group"], line["total"], line["sisa"]) for line in report["data"]] == [
        (names[group], 500_000, 500_000)
    ]
    assert report["total_revenue"] == 500_000


@pytest.mark.parametrize(
    "query",
    [
        "start_date=2024-02-30",
        "start_date=2024-02-01&end_date=2024-01-01",
        "group_by=week",
        "start_date=0001-01-01",
    ],
)
def test_a_report_that_can_not_be_is_422(looker: Ftth, query: str) -> None:
    looker.call("GET", f"{REVENUE}?{query}", 422)


def test_customers_by_segment_status_and_brand(looker: Ftth, make: Make, owing: int) -> None:
    make.brand("OTHER")
    make.customer(brand_code="OTHER")
    everyone = looker.call("GET", CUSTOMERS)
    assert everyone["summary"]["by_brand"] == {"JAKINET": 1, "OTHER": 1}
    assert everyone["summary"]["by_segment"] == {"setia": 0, "lunas-telat": 0, "menunggak": 1}
    [one] = looker.call("GET", f"{CUSTOMERS}?segment=menunggak&status=Aktif&brand=JAKINET")["data"]
    assert (one["id"], one["sisa_tagihan"], one["segmen"]) == (owing, 500_000, "menunggak")
    [other] = looker.call("GET", f"{CUSTOMERS}?brand=OTHER")["data"]
    assert other["segmen"] is None


def test_figures_are_not_for_everyone(app: Flask, make: Make, pair: Callable[..., Pair]) -> None:
    member = Ftth(app.test_client(), token=pair(make.user("member_", Role.MEMBER), "ftth").access)
    for path in (DASHBOARD, SEGMENTS, REVENUE, CUSTOMERS):
        member.call("GET", path, 403)
        Ftth(app.test_client()).call("GET", path, 401)
