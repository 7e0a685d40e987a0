"""Some months of billing come out as the rules say, to the rupiah: the small form of scripts/billing_years.py."""

from pathlib import Path

import billing_years
from flask import Flask

from tests.support import xendit
from tests.support.routeros import FakeRouter


def test_totals_are_those_of_an_independent_reckoning(app: Flask, gateway: xendit.FakeXendit) -> None:
    story = billing_years.Story(customers=16, months=2, bill_suspended=False)
    with FakeRouter() as router:
        months = list(billing_years.played(app, gateway, router, story))
    assert [differs for _, differs in months] == [[], []]
    assert sum(len(month.bills) for month, _ in months[-1:]) > 15


def test_the_reckoning_knows_nothing_of_the_product() -> None:
    for name in ("plot", "prices", "reckoning"):
        assert "webapp" not in (Path(billing_years.__file__).parent / "years" / f"{name}.py").read_text()
