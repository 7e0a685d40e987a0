"""Billing at a glance, and its reports: figures, charts, and the way down to the invoices behind them."""

from datetime import date
from typing import Any, Literal

from flask import Response, render_template, url_for
from flask_babel import format_date
from flask_babel import gettext as _

from webapp.billing import dashboard, days, reports, segments
from webapp.billing.reports import RevenueLine
from webapp.errors import Invalid
from webapp.identity import VIEWER
from webapp.kit import months
from webapp.kit.paging import Page
from webapp.web import exports, htmx, lists, web
from webapp.web.forms import Day, Listing, Query, Word
from webapp.web.invoices import STATES, brand_choices
from webapp.web.payments import METHODS

PAGE_SIZE = 20


@web.page("/billing", policy=VIEWER)
def billing() -> str:
    board = dashboard.board()
    return render_template("billing/index.html", board=board, charts=_charts(board), segments=_segments())


def _segments() -> dict[str, str]:
    return {
        segments.LOYAL: _("Never late"),
        segments.LATE: _("Paid, but late"),
        segments.IN_ARREARS: _("In arrears"),
    }


def _charts(board: dashboard.Board) -> dict[str, Any]:
    months = [_month(line.group) for line in board.revenue]
    received = {str(METHODS[name]): amount for name, amount in board.received.items()}
    return {
        "revenue": _chart(
            months,
            (_("Received"), list(board.collected.values()), "main"),
            (_("Billed"), [line.billed for line in board.revenue], "compare"),
        ),
        "segments": _chart(
            [_segments()[name] for name in board.segments],
            (_("Customers"), list(board.segments.values()), "main"),
        ),
        "aging": _chart(
            [_("%(days)s days", days=bucket.label) for bucket in board.aging],
            (_("Rupiah"), [bucket.amount for bucket in board.aging], "main"),
        ),
        "received": _chart(list(received), (_("Rupiah"), list(received.values()), "main")),
    }


def _chart(labels: list[str], *series: tuple[str, list[int], str]) -> dict[str, Any]:
    drawn = [{"name": name, "values": values, "style": style} for name, values, style in series]
    return {"labels": labels, "series": drawn}


def _month(text: str) -> str:
    return str(format_date(date.fromisoformat(f"{text}-01"), "MMM yyyy"))


class ReportAsked(Listing):
    """Without dates: the last twelve months."""

    since: Day | None = None
    until: Day | None = None
    group: Literal["month", "brand", "status"] = "month"
    brand: Word = ""

    @property
    def span(self) -> tuple[date, date]:
        until = self.until or days.today()
        since = self.since or months.ahead(until, 1 - dashboard.MONTHS)
        return since, until


@web.page("/billing/report", policy=VIEWER)
def billing_report() -> str:
    asked = Query(ReportAsked)
    since, until = asked.data.span
    try:
        lines = reports.revenue(since, until, asked.data.group, asked.data.brand)
        churn, notice = reports.churn(since, until), ""
    except Invalid as refusal:
        lines, churn, notice = [], [], " ".join(_(text) for text in refusal.fields.values())
    return render_template(
        "billing/report.html",
        asked=asked.data,
        since=since,
        until=until,
        lines=lines,
        churn=churn,
        notice=notice,
        aging=reports.aging(asked.data.brand),
        brands=brand_choices(),
        chart_data=_revenue_chart(lines, asked.data.group),
        percent=reports.percent,
    )


def _revenue_chart(lines: list[RevenueLine], group: str) -> dict[str, Any]:
    labels = [group_name(line.group, group) for line in lines]
    paid, billed = [line.paid for line in lines], [line.billed for line in lines]
    return _chart(labels, (_("Paid"), paid, "main"), (_("Billed"), billed, "compare"))


@web.app_template_global()
def group_name(name: str, group: str) -> str:
    """A line of the revenue report, in words."""
    if group == "month":
        return _month(name)
    return str(STATES[name][0]) if group == "status" else name


@web.app_template_global()
def behind(line: RevenueLine, asked: ReportAsked) -> str:
    """The invoices behind a line of the revenue report."""
    since, until = asked.span
    chosen: dict[str, Any] = {"brand": asked.brand or None, "billed": 1}
    if asked.group == "month":
        first = date.fromisoformat(f"{line.group}-01")
        since, until = max(first, since), min(months.last_day(first), until)
    else:
        chosen[asked.group] = line.group
    return url_for("web.invoices", **chosen, since=since, until=until)


@web.page(f"/billing/report/export/{exports.FORMATS}", policy=VIEWER)
def billing_report_export(format: str) -> Response:
    asked = Query(ReportAsked).data
    lines = reports.revenue(*asked.span, asked.group, asked.brand)
    header = (_("Group"), _("Invoices"), _("Billed"), _("Paid"), _("Outstanding"))
    rows = [(line.group, line.invoices, line.billed, line.paid, line.outstanding) for line in lines]
    return exports.table(format, "revenue", header, rows)


@web.page("/billing/report.pdf", policy=VIEWER)
def billing_report_pdf() -> Response:
    from webapp.billing import report_papers

    asked = Query(ReportAsked).data
    lines = reports.revenue(*asked.span, asked.group, asked.brand)
    pdf = report_papers.revenue_pdf(lines, *asked.span, asked.group, asked.brand)
    return exports.pdf(pdf, "revenue-report")


class SegmentListing(Listing):
    segment: Literal["setia", "lunas-telat", "menunggak"] | None = None


@web.page("/billing/segments", policy=VIEWER)
def billing_segments() -> str:
    return render_template("billing/segments.html", counts=segments.counts(), **_members())


@web.page("/billing/segments_rows", policy=VIEWER)
def billing_segments_rows() -> Response:
    page = render_template("billing/_segments_rows.html", **_members())
    return htmx.rows(page, "web.billing_segments")


def _members() -> dict[str, Any]:
    asked = Query(SegmentListing).data
    wanted = segments.Wanted(asked.segment)

    def turn(number: int) -> Page[segments.Reported]:
        found = segments.report(wanted, skip=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
        return Page(found.items, number, PAGE_SIZE, found.total)

    return {"page": lists.turned(turn, asked.page), "names": _segments()}
