"""Totals as templates/macros/chart.html and static/js/charts.js draw them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _

from webapp.gates.totals import Line


def hours(day: date, lines: Sequence[Line], week_before: Sequence[Line], last_hour: int) -> dict[str, Any]:
    """Two lines over the hours of a day: the day itself, up to `last_hour`, and the one a week before."""
    earlier = [line.count for line in week_before]
    come = [line.count if hour <= last_hour else None for hour, line in enumerate(lines)]
    return {
        "labels": [f"{line.label}:00" for line in lines],
        "series": [
            {"name": _short(day), "values": come, "style": "main"},
            {"name": _short(day - timedelta(days=7)), "values": earlier, "style": "compare"},
        ],
    }


def days(lines: Sequence[Line]) -> dict[str, Any]:
    """Revenue of one day after another."""
    labels = [_short(date.fromisoformat(line.label)) for line in lines]
    return _single(labels, _("Revenue"), [line.amount for line in lines])


def categories(lines: Sequence[Line], names: Mapping[str, str]) -> dict[str, Any]:
    """How many of each kind passed."""
    return _single([names[line.label] for line in lines], _("Passages"), [line.count for line in lines])


def _short(day: date) -> str:
    return str(format_date(day, "d MMM"))


def _single(labels: Sequence[str], name: str, values: Sequence[int]) -> dict[str, Any]:
    return {"labels": labels, "series": [{"name": name, "values": values, "style": "main"}]}
