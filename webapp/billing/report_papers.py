"""The revenue report on paper. In Indonesian, as every document is."""

from collections.abc import Sequence
from datetime import date

from webapp import config
from webapp.billing.reports import RevenueLine
from webapp.database import pause
from webapp.documents import branding
from webapp.kit import clock
from webapp.kit.money import rupiah, thousands
from webapp.kit.threads import Lane

GROUPS = {"month": "Bulan", "brand": "Brand", "status": "Status"}
_lane = Lane(politeness=5)


def revenue_pdf(lines: Sequence[RevenueLine], start: date, end: date, group_by: str, brand: str) -> bytes:
    """A table and a chart of reports.revenue. Ends the transaction."""
    common = {
        "company": branding.company(),
        "logo": branding.logo(),
        "page_size": branding.page_size(),
        "generated_at": clock.now().astimezone(config.current().timezone),
    }
    pause()
    return _lane.run(_printed, lines, start, end, group_by, brand, common)


def _printed(
    lines: Sequence[RevenueLine], start: date, end: date, group_by: str, brand: str, common: dict[str, object]
) -> bytes:
    from webapp.documents import press
    from webapp.documents.press import words

    total = RevenueLine(
        "Jumlah",
        sum(line.invoices for line in lines),
        sum(line.billed for line in lines),
        sum(line.paid for line in lines),
    )
    values = {
        "title": "Laporan pendapatan internet",
        "subtitle": words.days(start, end),
        "number": "",
        "facts": [
            ("Brand", brand or "Semua"),
            ("Ditagih", rupiah(total.billed)),
            ("Dibayar", rupiah(total.paid)),
        ],
        "first_column": GROUPS[group_by],
    }
    rows = [_row(line) for line in (*lines, total)]
    bars = [(line.group[-10:], line.billed, "") for line in lines]
    html = press.fill("billing_report.html", **common, **values)
    return press.print_html(html, {"rows": rows}, {"revenue": bars})


def _row(line: RevenueLine) -> tuple[str, ...]:
    return (
        line.group,
        thousands(line.invoices),
        rupiah(line.billed),
        rupiah(line.paid),
        rupiah(line.outstanding),
    )
