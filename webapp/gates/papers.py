"""What gates print: a revenue report, a closed shift's receipt. In Indonesian, as every document is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from math import ceil
from typing import Any

from webapp import config
from webapp.database import pause
from webapp.documents import branding
from webapp.gates import queries
from webapp.gates.models import Shift
from webapp.gates.revenue import Revenue
from webapp.gates.shifts import Expected
from webapp.gates.totals import Line
from webapp.kit import clock
from webapp.kit.money import rupiah, thousands
from webapp.kit.threads import Lane

Pairs = list[tuple[str, str]]
_lane = Lane(politeness=5)  # xhtml2pdf prints one document after the other in any case
ROLL = {"empty": 80, "line": 5.2, "letters": 22}  # mm, mm, letters that half the width of a roll has room for


def revenue_report(found: Revenue, printed_by: str) -> bytes:
    """PDF: total, chart and table by hour or day, then by category and by gate. Ends the transaction."""
    common, names = _common(), {one.code: one.name_id for one in queries.categories()}
    categories = [replace(line, label=names[line.label]) for line in found.by_category]
    found = replace(found, place=found.place or "Semua lokasi", by_category=categories)
    pause()
    return _lane.run(_revenue_report, found, printed_by, common)


def _revenue_report(found: Revenue, printed_by: str, common: Mapping[str, Any]) -> bytes:
    from webapp.documents.press import words

    what, first_column = ("harian", "Jam") if found.is_day else ("bulanan", "Tanggal")
    values = {
        "title": f"Laporan pendapatan {what}",
        "subtitle": f"{found.place}, {words.days(found.first, found.last)}",
        "number": "",
        "facts": _facts(found, printed_by),
        "first_column": first_column,
    }
    tables = {
        "rows": _rows([replace(line, label=_slot(line.label)) for line in found.lines], found.total),
        "categories": _rows(found.by_category, found.total),
        "gates": _rows(found.by_gate, found.total),
    }
    bars = [(line.label[-2:], line.amount, _briefly(line.amount)) for line in found.lines]
    return _printed("revenue.html", {**common, **values}, tables, {"revenue": bars})


def _facts(found: Revenue, printed_by: str) -> Pairs:
    state = "Periode telah berakhir" if found.is_over else "Sementara: periode belum berakhir"
    return [
        ("Lokasi / gerbang", found.place),
        ("Kendaraan", thousands(found.total.count)),
        ("Pendapatan", rupiah(found.total.amount)),
        ("Keadaan", state),
        ("Dicetak oleh", printed_by),
    ]


def _rows(lines: Sequence[Line], total: Line) -> list[tuple[str, str, str]]:
    return [
        (line.label, thousands(line.count), rupiah(line.amount))
        for line in [*lines, replace(total, label="Jumlah")]
    ]


def _slot(label: str) -> str:
    """`08` is `08.00–08.59`, `2025-12-15` is `15 Desember 2025`."""
    from webapp.documents.press import words

    return f"{label}.00–{label}.59" if len(label) == 2 else words.day(date.fromisoformat(label))


def _briefly(amount: int) -> str:
    """For above a bar: `1,2 M`, `1,2 jt`, `350 rb`."""
    for unit, name in ((1_000_000_000, "M"), (1_000_000, "jt")):
        if amount >= unit:
            return f"{amount / unit:.1f}".replace(".", ",").removesuffix(",0") + f" {name}"
    return f"{amount / 1_000:.0f} rb" if amount >= 1_000 else f"{amount or ''}"


def shift_receipt(shift: Shift, late: Expected, people: Mapping[int, str]) -> bytes:
    """PDF for a roll of 80 mm, as long as it needs to be; `people` are names by id. Ends the transaction."""
    facts, lines = _period(shift, people), _lines(shift)
    totals = [("Seharusnya", rupiah(shift.expected_amount)), ("Dihitung", rupiah(shift.counted_amount))]
    totals.append(_balance(shift.variance))
    after = (
        [("Masuk setelah tutup", f"{thousands(late.count)} · {rupiah(late.amount)}")] if late.count else []
    )
    cashier, signer = people.get(shift.closed_by_id, ""), people.get(shift.signed_off_by_id or 0, "")
    values = {
        **_common(),
        "title": "Bukti tutup shift",
        "subtitle": f"{shift.gate.location.name} · {shift.gate.name}",
        "number": shift.number,
        "facts": facts,
        "lines": lines,
        "count": thousands(shift.expected_count),
        "totals": totals,
        "after": after,
        "note": shift.note,
        "signatures": [("Kasir", cashier), ("Disahkan oleh", signer)],
        "height": _length([*facts, *(line[::2] for line in lines), *totals, *after], shift.note),
    }
    pause()
    return _lane.run(_printed, "receipt.html", values)


def _period(shift: Shift, people: Mapping[int, str]) -> Pairs:
    facts = [
        ("Dari", _moment(shift.starts_at)),
        ("Sampai", _moment(shift.ends_at)),
        ("Kasir", people.get(shift.closed_by_id, "-")),
        ("Ditutup", _moment(shift.closed_at)),
    ]
    signed = shift.signed_off_at
    return [*facts, ("Disahkan", _moment(signed))] if signed else facts


def _lines(shift: Shift) -> list[tuple[str, str, str]]:
    return [(one.category.name_id, thousands(one.count), rupiah(one.amount)) for one in shift.lines]


def _balance(variance: int) -> tuple[str, str]:
    if not variance:
        return "Selisih", "Pas"
    return ("Kurang" if variance < 0 else "Lebih"), rupiah(abs(variance))


def _length(rows: Sequence[tuple[str, str]], note: str) -> int:
    """How long the paper must be, mm: a little more than enough, so that nothing goes onto a second page."""
    lines = sum(max(ceil(len(cell) / ROLL["letters"]) for cell in row) or 1 for row in rows)
    return ceil(ROLL["empty"] + ROLL["line"] * (lines + len(note) / ROLL["letters"]))


def _moment(value: int | datetime) -> str:
    """`15/12/2025 08.05`, in business time."""
    at = clock.from_unix(value) if isinstance(value, int) else value
    return f"{at.astimezone(config.current().timezone):%d/%m/%Y %H.%M}"


def _common() -> dict[str, Any]:
    """What every document shows of its own accord."""
    return {
        "company": branding.company(),
        "logo": branding.logo(),
        "generated_at": clock.now().astimezone(config.current().timezone),
        "page_size": branding.page_size(),
    }


def _printed(template: str, values: Mapping[str, Any], *contents: Any) -> bytes:
    from webapp.documents import press  # loaded where something is printed: it takes a second

    return press.print_html(press.fill(template, **values), *contents)
