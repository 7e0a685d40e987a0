"""Totals as templates/macros/chart.html and static/js/charts.js draw them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _

from webapp.gates.totals import Line


def hours(day: Sequence[Line], week_before: Sequence[Line], last_hour: int) -> dict[str, Any]:
    """Two lines over the hours of a day; the first one ends at `last_hour`."""
    come = [line.count if hour <= last_hour else None for hour, line in enumerate(day)]
    return {
        "labels": [f"{line.label}:00" for line in day],
        "series": [
            {"name": _("This day"), "values": come, "style": "main"},
            {"name": _("A week before"), "values": [line.count for line in week_before], "style": "compare"},
        ],
    }


def days(lines: Sequence[Line]) -> dict[str, Any]:
    """Revenue of one day after another."""
    labels = [format_date(date.fromisoformat(line.label), "d MMM") for line in lines]
    return _single(labels, _("Revenue"), [line.amount for line in lines])


def categories(lines: Sequence[Line], names: Mapping[str, str]) -> dict[str, Any]:
    """How many of each kind passed."""
    return _single([names[line.label] for line in lines], _("Passages"), [line.count for line in lines])


def _single(labels: Sequence[str], name: str, values: Sequence[int]) -> dict[str, Any]:
    return {"labels": labels, "series": [{"name": name, "values": values, "style": "main"}]}
