"""Charts and stat cards (contract 1, Retribusi - Dashboard)."""

from flask import Response

from webapp.api.retribusi import envelope, presenters, retribusi, schemas
from webapp.gates import totals
from webapp.identity import VIEWER

PATH = "/retribusi/v1/dashboard"


@retribusi.operation("GET", f"{PATH}/daily", policy=VIEWER, query=schemas.OfDays, returns=schemas.Chart)
def daily_chart(query: schemas.OfDays) -> Response:
    """Daily chart: every date of the range."""
    where = totals.Where(query.location_code, query.gate_code)
    return envelope.ok(presenters.chart(totals.daily(query.start_date, query.end_date, where)))


@retribusi.operation(
    "GET", f"{PATH}/by-category", policy=VIEWER, query=schemas.OfDayAtGate, returns=schemas.Chart
)
def category_chart(query: schemas.OfDayAtGate) -> Response:
    """Chart by category: all categories."""
    lines = totals.by_category(query.date, totals.Where(query.location_code, query.gate_code))
    return envelope.ok(presenters.chart(lines))


@retribusi.operation("GET", f"{PATH}/summary", policy=VIEWER, query=schemas.OfDay, returns=schemas.SummaryOut)
def dashboard_summary(query: schemas.OfDay) -> Response:
    """Stat cards of a day."""
    return envelope.ok(presenters.summary(totals.summary(query.date, totals.Where(query.location_code))))
