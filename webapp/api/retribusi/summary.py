"""Daily and hourly summaries (contract 1, Retribusi - Summary)."""

from flask import Response

from webapp import config
from webapp.api.retribusi import envelope, presenters, retribusi, schemas
from webapp.gates import recount, totals
from webapp.identity import ADMIN, VIEWER


@retribusi.operation(
    "POST",
    "/retribusi/v1/admin/summary/daily",
    policy=ADMIN,
    body=schemas.RecountIn,
    returns=schemas.RecountOut,
)
def rebuild_day(body: schemas.RecountIn) -> Response:
    """Rebuild a day's totals from its raw events."""
    rows, _ = recount.rebuild(body.date, config.current().timezone)
    return envelope.ok({"rows_processed": rows, "date": body.date.isoformat()})


@retribusi.operation(
    "GET",
    "/retribusi/v1/summary/daily",
    policy=VIEWER,
    query=schemas.OfDayAtGate,
    returns=list[schemas.DailyRow],
)
def daily_summary(query: schemas.OfDayAtGate) -> Response:
    """Daily summary by gate and category."""
    rows = totals.of_day(query.date, totals.Where(query.location_code, query.gate_code))
    return envelope.ok([presenters.daily_row(row, query.date) for row in rows])


@retribusi.operation(
    "GET",
    "/retribusi/v1/summary/hourly",
    policy=VIEWER,
    query=schemas.OfDayAtGate,
    returns=schemas.Chart,
)
def hourly_summary(query: schemas.OfDayAtGate) -> Response:
    """Hourly summary: always 24 hours."""
    lines = totals.hourly(query.date, totals.Where(query.location_code, query.gate_code))
    return envelope.ok(presenters.chart(lines))
