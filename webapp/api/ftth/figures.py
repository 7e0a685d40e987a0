"""The dashboard and the reports (contract 2, Dashboard Endpoints and Reports Endpoints)."""

from flask import Response

from webapp.api.ftth import envelope, ftth
from webapp.api.ftth import figures_presenters as presented
from webapp.api.ftth.figures_schemas import (
    CustomersOut,
    CustomersQuery,
    DashboardOut,
    RevenueOut,
    RevenueQuery,
    SegmentQuery,
    SegmentsOut,
)
from webapp.billing import dashboard, days, reports, segments
from webapp.identity import VIEWER


@ftth.operation("GET", "/api/dashboard/", policy=VIEWER, returns=DashboardOut)
def get_dashboard() -> Response:
    """The figures of today: cards, this month's revenue, charts."""
    return envelope.ok(presented.board(dashboard.board()))


@ftth.operation(
    "GET",
    "/api/dashboard/loyalitas-users-by-segment",
    policy=VIEWER,
    query=SegmentQuery,
    returns=SegmentsOut,
)
def get_segment(query: SegmentQuery) -> Response:
    """Customers by how they pay: setia, lunas-telat, menunggak."""
    counts = segments.counts()
    members = segments.members(query.segmen, skip=query.skip, limit=query.limit)
    total = counts[query.segmen] if query.segmen else sum(counts.values())
    return envelope.ok(presented.segment(members, counts, total, query.skip, query.limit))


@ftth.operation("GET", "/api/reports/revenue", policy=VIEWER, query=RevenueQuery, returns=RevenueOut)
def report_revenue(query: RevenueQuery) -> Response:
    """What was billed in the days asked for, by month, brand or status."""
    end = query.end_date or days.today()
    start = query.start_date or end.replace(month=1, day=1)
    lines = reports.revenue(start, end, query.group_by, query.brand)
    return envelope.ok(presented.revenue(lines, start, end, query.group_by))


@ftth.operation("GET", "/api/reports/customers", policy=VIEWER, query=CustomersQuery, returns=CustomersOut)
def report_customers(query: CustomersQuery) -> Response:
    """Customers by segment, status and brand, with what they owe."""
    wanted = segments.Wanted(query.segment, query.status, query.brand)
    found = segments.report(wanted, skip=query.skip, limit=query.limit)
    return envelope.ok(presented.customers(found, query.skip, query.limit))
