"""What a month costs: whole, in parts, and the parts together."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from webapp.billing.pricing import Change, Part, month, parts, prorated
from webapp.errors import Invalid
from webapp.subscribers.models import AUTOMATIC, PRORATED

PERIOD = "2024-01"
BEFORE = date(2023, 6, 1)
prices = some.integers(0, 10_000_000)
days = some.dates(date(2024, 1, 1), date(2024, 2, 5))


def change(day: date, kind: str = "start", price: int = 500_000, package: int = 1) -> Change:
    return Change(day, kind, package, price)


def billed(*changes: Change, method: str = PRORATED, bill_suspended: bool = True) -> list[Part]:
    return parts(changes, PERIOD, method=method, bill_suspended=bill_suspended)


def amounts(*changes: Change, method: str = PRORATED, bill_suspended: bool = True) -> list[int]:
    return [part.amount for part in billed(*changes, method=method, bill_suspended=bill_suspended)]


def test_a_whole_month_costs_its_price() -> None:
    [part] = billed(change(BEFORE))
    assert (part.amount, part.first, part.last, part.whole) == (
        500_000,
        date(2024, 1, 1),
        date(2024, 1, 31),
        True,
    )


def test_the_first_month_of_prorate_costs_the_days_that_remain_with_the_first() -> None:
    assert amounts(change(date(2024, 1, 15))) == [274_194]  # 500000 / 31 × 17 = 274193.55


def test_the_first_month_of_otomatis_counts_whole() -> None:
    assert amounts(change(date(2024, 1, 31)), method=AUTOMATIC) == [500_000]


def test_half_a_rupiah_is_rounded_up() -> None:
    assert prorated(1, 1, 2) == 1


def test_a_month_in_which_it_ends_costs_the_days_until_then_or_whole() -> None:
    ends = change(BEFORE), change(date(2024, 1, 11), "end")
    assert amounts(*ends) == [161_290]  # 500000 − 500000 / 31 × 21
    assert amounts(*ends, method=AUTOMATIC) == [500_000]


@pytest.mark.parametrize("method", [AUTOMATIC, PRORATED])
def test_a_change_of_package_divides_the_month(method: str) -> None:
    changes = change(BEFORE), change(date(2024, 1, 11), "package", 800_000, 2)
    first, second = billed(*changes, method=method)
    assert (first.last, first.amount) == (date(2024, 1, 10), 161_290)
    assert (second.first, second.amount, second.package_id) == (date(2024, 1, 11), 541_935, 2)


def test_suspended_days_are_billed_only_if_the_setting_says_so() -> None:
    changes = (
        change(BEFORE),
        change(date(2024, 1, 11), "suspend"),
        change(date(2024, 1, 21), "resume"),
    )
    assert amounts(*changes) == [500_000]
    assert sum(amounts(*changes, bill_suspended=False)) == 500_000 - prorated(500_000, 21, 31) + prorated(
        500_000, 11, 31
    )


def test_a_package_changed_while_suspended_stays_unbilled() -> None:
    changes = change(BEFORE), change(BEFORE, "suspend"), change(date(2024, 1, 5), "package", 800_000)
    assert amounts(*changes, bill_suspended=False) == []


def test_there_is_nothing_before_the_start_and_after_the_end() -> None:
    assert amounts(change(date(2024, 2, 1)), method=AUTOMATIC) == []
    assert amounts(change(BEFORE), change(date(2024, 1, 1), "end"), method=AUTOMATIC) == []


def test_of_two_changes_on_a_day_the_later_stands() -> None:
    day = date(2024, 1, 1)
    assert amounts(change(day), change(day, "package", 700_000), change(day, "package", 800_000)) == [800_000]


@pytest.mark.parametrize("period", ["2024-13", "2024-1", "24-01", "٢٠٢٤-01", "2024-01\n", ""])
def test_what_is_no_month_is_refused(period: str) -> None:
    with pytest.raises(Invalid):
        month(period)


@given(price=prices, cuts=some.lists(some.integers(1, 30), max_size=6, unique=True))
def test_the_parts_of_a_month_sum_to_it(price: int, cuts: list[int]) -> None:
    """Packages that differ in name only divide the month; whatever the cuts, not a rupiah is lost or made."""
    changes = [change(BEFORE, price=price)]
    changes += [
        change(date(2024, 1, 1) + timedelta(days=cut), "package", price, place + 2)
        for place, cut in enumerate(sorted(cuts))
    ]
    found = billed(*changes)
    assert len(found) == len(cuts) + 1
    assert sum(part.amount for part in found) == price
    assert all(part.amount >= 0 for part in found)


@given(price=prices, day=some.integers(1, 31))
def test_a_start_costs_what_the_formula_says(price: int, day: int) -> None:
    exact = Decimal(price) / 31 * (32 - day)
    expected = int((Decimal(price) * (32 - day) / 31).quantize(Decimal(1), ROUND_HALF_UP))
    assert abs(exact - expected) <= Decimal("0.51")
    assert sum(amounts(change(date(2024, 1, day), price=price))) == expected


@given(price=prices, off=some.tuples(days, days).map(sorted))
def test_what_suspended_days_cost_is_what_billing_them_adds(price: int, off: list[date]) -> None:
    changes = change(BEFORE, price=price), change(off[0], "suspend", price), change(off[1], "resume", price)
    assert sum(amounts(*changes)) == price
    assert 0 <= sum(amounts(*changes, bill_suspended=False)) <= price
