"""Summaries, dashboard and snapshot (contract 1): exact at the moment of the answer."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.callers import Retribusi
from tests.support.factories import Make
from webapp.database import transaction
from webapp.extensions import db
from webapp.gates.models import DailyTotal, HourlyTotal
from webapp.kit import clock

DAY = "2025-12-16"
READS = [
    ("/retribusi/v1/summary/daily", {"date": DAY}),
    ("/retribusi/v1/summary/hourly", {"date": DAY}),
    ("/retribusi/v1/dashboard/daily", {"start_date": DAY, "end_date": DAY}),
    ("/retribusi/v1/dashboard/by-category", {"date": DAY}),
    ("/retribusi/v1/dashboard/summary", {"date": DAY}),
    ("/retribusi/v1/realtime/snapshot", {}),
]


@pytest.fixture
def _day(make: Make) -> None:
    """At gate01 two motors and a car, at pasar's gate01 one motor; more on the days around."""
    first, second = make.open_gate(), make.open_gate("pasar", "gate01")
    make.events(first, f"{DAY} 00:00:00", f"{DAY} 07:59:59", "2025-12-15 23:59:59", "2025-12-17 00:00:00")
    make.events(first, f"{DAY} 23:59:59", category="car")
    make.events(second, f"{DAY} 07:00:00")


@pytest.mark.usefixtures("_day")
def test_daily_summary_has_a_row_for_each_gate_and_category(viewer: Retribusi) -> None:
    rows = viewer.get("/retribusi/v1/summary/daily", date=DAY)
    assert [
        (row["location_code"], row["category"], row["total_count"], row["total_amount"]) for row in rows
    ] == [
        ("kerkof_01", "motor", 2, 4000),
        ("kerkof_01", "car", 1, 5000),
        ("pasar", "motor", 1, 2000),
    ]
    assert len(viewer.get("/retribusi/v1/summary/daily", date=DAY, location_code="pasar")) == 1
    assert viewer.get("/retribusi/v1/summary/daily", date=DAY, gate_code="gate99") == []


@pytest.mark.usefixtures("_day")
def test_hourly_summary_always_has_24_hours(viewer: Retribusi) -> None:
    chart = viewer.get("/retribusi/v1/summary/hourly", date=DAY)
    assert chart["labels"] == [f"{hour:02}" for hour in range(24)]
    expected = [0] * 24
    expected[0], expected[7], expected[23] = 1, 2, 1
    assert chart["series"]["total_count"] == expected
    assert sum(chart["series"]["total_amount"]) == 11_000


@pytest.mark.usefixtures("_day")
def test_daily_chart_has_every_date_of_the_range(viewer: Retribusi) -> None:
    chart = viewer.get("/retribusi/v1/dashboard/daily", start_date="2025-12-14", end_date="2025-12-17")
    assert chart == {
        "labels": ["2025-12-14", "2025-12-15", "2025-12-16", "2025-12-17"],
        "series": {"total_count": [0, 1, 4, 1], "total_amount": [0, 2000, 11_000, 2000]},
    }


@pytest.mark.usefixtures("_day")
def test_the_category_chart_has_all_categories(viewer: Retribusi) -> None:
    assert viewer.get("/retribusi/v1/dashboard/by-category", date=DAY) == {
        "labels": ["person_walk", "motor", "car"],
        "series": {"total_count": [0, 3, 1], "total_amount": [0, 6000, 5000]},
    }


@pytest.mark.usefixtures("_day")
def test_the_summary_adds_up(viewer: Retribusi) -> None:
    assert viewer.get("/retribusi/v1/dashboard/summary", date=DAY, location_code="kerkof_01") == {
        "total_count_today": 3,
        "total_amount_today": 9000,
        "by_gate": [{"gate_code": "gate01", "total_count": 3, "total_amount": 9000}],
        "by_category": [
            {"category": "motor", "total_count": 2, "total_amount": 4000},
            {"category": "car", "total_count": 1, "total_amount": 5000},
        ],
    }


def test_the_snapshot_is_of_today_unless_asked_otherwise(viewer: Retribusi, make: Make) -> None:
    make.events(make.open_gate(), clock.unix())
    assert viewer.get("/retribusi/v1/realtime/snapshot")["total_count_today"] == 1
    assert viewer.get("/retribusi/v1/realtime/snapshot", date="2020-01-01")["total_count_today"] == 0


@pytest.mark.usefixtures("_day")
def test_a_rebuilt_day_says_what_its_events_say(app: Flask, admin: Retribusi) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(HourlyTotal).values(count=99))
        db.session.execute(update(DailyTotal).values(amount=1))
    answer = admin.post("/retribusi/v1/admin/summary/daily", json={"date": DAY})
    assert answer == {"rows_processed": 4, "date": DAY}
    assert sum(admin.get("/retribusi/v1/summary/hourly", date=DAY)["series"]["total_count"]) == 4
    assert sum(row["total_amount"] for row in admin.get("/retribusi/v1/summary/daily", date=DAY)) == 11_000


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_calendars_outermost_days_are_empty(admin: Retribusi, day: str) -> None:
    assert admin.post("/retribusi/v1/admin/summary/daily", json={"date": day})["rows_processed"] == 0
    assert admin.get("/retribusi/v1/summary/daily", date=day) == []
    chart = admin.get("/retribusi/v1/dashboard/daily", start_date=day, end_date=day)
    assert chart["labels"] == [day]


def test_only_an_admin_rebuilds(operator: Retribusi) -> None:
    operator.post("/retribusi/v1/admin/summary/daily", 403, json={"date": DAY})


@pytest.mark.parametrize(
    "day", ["2025-02-30", "16-12-2025", "2025-12-16 10:00:00", "0", "20251216", "2025-1-1", "x"]
)
def test_a_wrong_date_is_invalid(viewer: Retribusi, admin: Retribusi, day: str) -> None:
    assert list(viewer.get("/retribusi/v1/summary/daily", 422, date=day)["fields"]) == ["date"]
    assert list(admin.post("/retribusi/v1/admin/summary/daily", 422, json={"date": day})["fields"]) == [
        "date"
    ]


def test_a_missing_date_is_required(viewer: Retribusi) -> None:
    assert viewer.get("/retribusi/v1/summary/hourly", 422)["fields"] == {"date": "Field is required"}


@pytest.mark.parametrize(("start", "end"), [("2025-12-17", "2025-12-16"), ("2024-01-01", "2025-01-01")])
def test_a_range_backwards_or_over_366_days_is_invalid(viewer: Retribusi, start: str, end: str) -> None:
    path = "/retribusi/v1/dashboard/daily"
    assert list(viewer.get(path, 422, start_date=start, end_date=end)["fields"]) == ["end_date"]


def test_a_leap_year_fits_a_range(viewer: Retribusi) -> None:
    chart = viewer.get("/retribusi/v1/dashboard/daily", start_date="2024-01-01", end_date="2024-12-31")
    assert len(chart["labels"]) == 366


@pytest.mark.parametrize(("path", "query"), READS)
def test_viewers_read_and_members_and_strangers_do_not(
    viewer: Retribusi, member: Retribusi, stranger: Retribusi, path: str, query: dict[str, Any]
) -> None:
    viewer.get(path, **query)
    member.get(path, 403, **query)
    stranger.get(path, 401, **query)


@pytest.mark.parametrize(("path", "query"), READS)
def test_a_nul_in_a_query_is_invalid(viewer: Retribusi, path: str, query: dict[str, Any]) -> None:
    viewer.get(path, 422, **(query | {"location_code": "a\x00b"}))
