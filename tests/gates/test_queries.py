"""Browsing events without gaps or repeats, and lists in any order."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.support.factories import GateRef, Make
from webapp import config
from webapp.database import transaction
from webapp.extensions import db
from webapp.gates import queries, service
from webapp.gates.queries import EventFilter, EventPage
from webapp.kit import clock


@pytest.fixture
def gate(make: Make) -> GateRef:
    return make.open_gate()


def browse(app: Flask, chosen: EventFilter, size: int = 2, **place: queries.Place | None) -> EventPage:
    with app.app_context(), transaction(write=False):
        return queries.browse(chosen, config.current().timezone, size, **place)


def walk(app: Flask, chosen: EventFilter, size: int = 2) -> list[int]:
    """The ids on all pages, from the newest to the oldest."""
    page = browse(app, chosen, size)
    ids = [row.id for row in page.items]
    while page.older is not None:
        page = browse(app, chosen, size, before=page.older)
        assert page.items
        ids += [row.id for row in page.items]
    return ids


def test_paging_has_no_gaps_or_repeats_when_many_happened_at_once(
    app: Flask, make: Make, gate: GateRef
) -> None:
    now = clock.unix()
    make.events(gate, *[now - 100] * 7, now - 50, *[now - 200] * 4, now - 100)
    ids = walk(app, EventFilter(now - 300, now), 3)
    assert len(ids) == len(set(ids)) == 13


def test_going_back_shows_the_same_pages(app: Flask, make: Make, gate: GateRef) -> None:
    now = clock.unix()
    make.events(gate, *[now - 100] * 9)
    chosen = EventFilter(now - 300, now)
    first = browse(app, chosen, 3)
    second = browse(app, chosen, 3, before=first.older)
    third = browse(app, chosen, 3, before=second.older)
    assert third.older is None
    back = browse(app, chosen, 3, after=third.newer)
    assert [row.id for row in back.items] == [row.id for row in second.items]
    start = browse(app, chosen, 3, after=back.newer)
    assert [row.id for row in start.items] == [row.id for row in first.items]
    assert start.newer is None


def test_the_period_includes_its_beginning_and_not_its_end(app: Flask, make: Make, gate: GateRef) -> None:
    now = clock.unix()
    make.events(gate, now - 100, now - 99, now - 51, now - 50)
    page = browse(app, EventFilter(now - 99, now - 50), 10)
    assert [row.event_time for row in page.items] == [now - 51, now - 99]


def test_something_rare_is_found_days_apart(app: Flask, make: Make, gate: GateRef) -> None:
    now = clock.unix()
    other = make.open_gate(code="gate02")
    days = [now - day * 86_400 for day in (0, 3, 40, 41, 500)]
    make.events(gate, *days, category="car")
    make.events(gate, *[now - 5 * 86_400] * 20)
    make.events(other, *[now - 3 * 86_400] * 20, category="car")
    chosen = EventFilter(0, now + 1, "kerkof_01", "gate01", "car")
    page = browse(app, chosen, 2)
    assert [row.event_time for row in page.items] == days[:2]
    assert len(walk(app, chosen)) == 5
    assert len(walk(app, EventFilter(0, now + 1, location_code="kerkof_01"))) == 45
    assert walk(app, EventFilter(0, now + 1, location_code="nowhere")) == []
    assert walk(app, EventFilter(0, now + 1, category="nothing")) == []


def test_a_stream_gives_the_filter_oldest_first(app: Flask, make: Make, gate: GateRef) -> None:
    now = clock.unix()
    make.events(gate, now - 10, now - 30, now - 20)
    make.events(gate, now - 25, category="car")
    with app.app_context():
        rows = list(queries.stream_events(db.engine, EventFilter(now - 30, now - 10, category="motor")))
    assert [row.event_time for row in rows] == [now - 30, now - 20]


def test_counting_events_stops_at_the_limit(app: Flask, make: Make, gate: GateRef) -> None:
    now = clock.unix()
    make.events(gate, *[now] * 5)
    with app.app_context(), transaction(write=False):
        assert queries.count_events(EventFilter(now, now + 1), 3) == 3
        assert queries.count_events(EventFilter(now, now + 1), 10) == 5


def test_lists_sort_by_any_of_their_columns_and_ignore_others(app: Flask, make: Make) -> None:
    make.location("b", name="Aula", type="x")
    make.location("a", name="Balai", type="y")
    with app.app_context(), transaction(write=False):

        def codes(sort: str) -> list[str]:
            return [row.code for row in queries.locations(sort=sort).items]

        assert codes("") == codes("nonsense") == codes("password_hash") == ["a", "b"]
        assert codes("name") == codes("-code") == ["b", "a"]


def test_a_gate_knows_when_it_was_last_heard(app: Flask, make: Make, gate: GateRef) -> None:
    silent = make.gate(code="gate02")
    make.events(gate, clock.unix() - 5000)
    with app.app_context(), transaction(write=False):
        rows = queries.gates(sort="-heard").items
        heard = queries.last_heard(rows)
        assert [row.id for row in rows] == [gate.id, silent.id]
        assert abs(heard[gate.id] - clock.unix()) < 10
        assert silent.id not in heard


def test_the_next_price_is_the_first_that_has_not_begun(app: Flask, make: Make, gate: GateRef) -> None:
    soon = clock.unix() + 3600
    key = service.TariffKey(gate.location_code, gate.gate_code, "motor")
    with app.app_context(), transaction():
        for price, start in ((9000, soon + 10), (8000, soon)):
            service.change_tariff(key, price, effective_from=start)
    with app.app_context(), transaction(write=False):
        current = service.current_tariff(key)
        assert current.price == 2000
        changes = queries.next_changes([current])
        assert [change.price for change in changes.values()] == [8000]


def test_a_planned_price_can_be_taken_back_and_one_in_force_can_not(
    app: Flask, make: Make, gate: GateRef
) -> None:
    key = service.TariffKey(gate.location_code, gate.gate_code, "motor")
    with app.app_context(), transaction():
        planned = service.change_tariff(key, 9000, effective_from=clock.unix() + timedelta(hours=1).seconds)
        left = service.cancel_change(key, planned.id)
        assert left is not None
        with pytest.raises(service.Conflict):
            service.cancel_change(key, left.id)
