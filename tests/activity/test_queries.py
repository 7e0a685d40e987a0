"""Reading the activity log: right, and from an index, however long it is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, text

from tests.support.services import on_postgresql
from webapp import audit
from webapp.activity import queries
from webapp.activity.models import Activity
from webapp.activity.queries import ActivityFilter
from webapp.database import transaction
from webapp.extensions import db

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
LINES = 6_000
WHO = 900_000  # ids that no other test uses
BASE = 2_000_000_000


@pytest.fixture
def log(app: Flask) -> Iterator[None]:
    """A log of some length, one line a minute, which leaves no trace: the table itself lets nothing go."""
    with app.app_context():
        db.session.execute(insert(Activity), [_line(number) for number in range(LINES)])
        db.session.execute(text("ANALYZE activity_log"))
        yield
        db.session.rollback()


def _line(number: int) -> dict[str, Any]:
    """Each of a hundred people in turn, who do a hundred things."""
    return {
        "id": BASE + number,
        "at": LONG_AGO + timedelta(minutes=number),
        "door": "door-b" if number % 50 == 0 else "door-a",
        "user_id": WHO + number % 100,
        "key_id": WHO + number % 40,
        "actor_name": "somebody",
        "ip_address": "",
        "request_id": "",
        "action": f"action-{number % 100}",
        "object_type": f"things-{number % 50}",
        "object_id": str(number % 1_000),
        "object_label": f"Thing {number} 100%" if number % 7 == 0 else f"Thing {number}",
        "changes": {},
    }


def numbers(lines: Any) -> list[int]:
    return [line.id - BASE for line in lines]


ALL = ActivityFilter(start=LONG_AGO, end=LONG_AGO + timedelta(minutes=LINES))


def test_pages_go_there_and_back_without_a_gap(log: None) -> None:
    first = queries.browse(ALL, 10)
    assert numbers(first.items) == list(range(LINES - 1, LINES - 11, -1))
    assert first.newer is None
    second = queries.browse(ALL, 10, before=first.older)
    assert numbers(second.items) == list(range(LINES - 11, LINES - 21, -1))
    third = queries.browse(ALL, 10, before=second.older)
    back = queries.browse(ALL, 10, after=third.newer)
    assert numbers(back.items) == numbers(second.items)
    assert numbers(queries.browse(ALL, 10, after=back.newer).items) == numbers(first.items)


def test_the_last_page_has_nothing_older_and_a_place_beyond_leads_back(log: None) -> None:
    last = queries.browse(ALL, 10, before=BASE + 5)
    assert numbers(last.items) == [4, 3, 2, 1, 0]
    assert last.older is None
    beyond = queries.browse(ALL, 10, before=BASE)
    assert beyond.items == []
    assert beyond.newer is not None
    assert numbers(queries.browse(ALL, 10, after=beyond.newer).items) == list(range(9, -1, -1))


@pytest.mark.parametrize(
    ("chosen", "is_it"),
    [
        (ActivityFilter(user_id=WHO + 7), lambda n: n % 100 == 7),
        (ActivityFilter(key_id=WHO + 7), lambda n: n % 40 == 7),
        (ActivityFilter(action="action-3"), lambda n: n % 100 == 3),
        (ActivityFilter(object_type="things-2"), lambda n: n % 50 == 2),
        (ActivityFilter(object_type="things-17", object_id="17"), lambda n: n % 1_000 == 17),
        (ActivityFilter(door="door-b"), lambda n: n % 50 == 0),
        (ActivityFilter(search="00%"), lambda n: n % 7 == 0),
        (ActivityFilter(search="THING 59"), lambda n: str(n).startswith("59")),
        (
            ActivityFilter(start=LONG_AGO + timedelta(minutes=10), end=LONG_AGO + timedelta(minutes=20)),
            lambda n: 10 <= n < 20,
        ),
        (ActivityFilter(user_id=WHO + 7, action="action-7", door="door-a"), lambda n: n % 100 == 7),
        (ActivityFilter(user_id=1_999_999), lambda n: False),
    ],
)
def test_each_filter_finds_its_lines_and_no_other(log: None, chosen: ActivityFilter, is_it: Any) -> None:
    wanted = [number for number in reversed(range(LINES)) if is_it(number)]
    assert numbers(queries.browse(chosen, 30).items) == wanted[:30]
    assert numbers(queries.latest(chosen, 10, 5)) == wanted[10:15]
    assert numbers(queries.browse(chosen, 30, after=BASE - 1).items) == wanted[:30] or len(wanted) > 30


def test_a_look_at_each_line_ends_somewhere_and_says_where(
    log: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "WINDOW", 1_000)
    chosen = ActivityFilter(search="Thing 4 1", start=ALL.start, end=ALL.end)  # none
    page = queries.browse(chosen, 10)
    assert page.items == []
    assert page.searched_to == LONG_AGO + timedelta(minutes=LINES - 1_000)
    steps = 0
    while page.older is not None:
        page = queries.browse(chosen, 10, before=page.older)
        steps += 1
    assert steps == LINES // 1_000
    assert page.searched_to is None


def test_what_lies_beyond_the_window_is_found_by_going_on(log: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "WINDOW", 1_000)
    chosen = ActivityFilter(search="Thing 2401 100%", start=ALL.start, end=ALL.end)
    page, found = queries.browse(chosen, 10), []
    while not found and page.older is not None:
        page = queries.browse(chosen, 10, before=page.older)
        found = numbers(page.items)
    assert found == [2401]
    up = queries.browse(chosen, 10, after=BASE)
    while not up.items and up.newer is not None:
        up = queries.browse(chosen, 10, after=up.newer)
    assert numbers(up.items) == [2401]


def test_the_last_line_about_each_object(log: None) -> None:
    found = queries.last_changes("things-17", ["17", "67", "absent"])
    assert {key: line.id - BASE for key, line in found.items()} == {"17": LINES - 983, "67": LINES - 933}


def test_a_clock_that_was_ahead_for_a_while_hides_no_line(app: Flask) -> None:
    day = ActivityFilter(start=LONG_AGO - timedelta(days=30), end=LONG_AGO - timedelta(days=29))
    with app.app_context(), transaction():
        for name, at in (("ahead", day.end), ("right", day.start)):
            moment = at or LONG_AGO
            with time_machine.travel(moment, tick=False):
                audit.note("clock", "clocks", name)
                db.session.commit()
        assert [line.object_id for line in queries.browse(day, 10).items] == ["right"]


def test_a_file_holds_at_most_so_many(app: Flask) -> None:
    with app.app_context():
        assert len(list(queries.stream(db.engine, ActivityFilter(), 1))) <= 1


INDEXED = {
    "user": (ActivityFilter(user_id=WHO + 7), "ix_activity_log_user_id_id"),
    "key": (ActivityFilter(key_id=WHO + 7), "ix_activity_log_key_id_id"),
    "action": (ActivityFilter(action="action-3"), "ix_activity_log_action_id"),
    "type": (ActivityFilter(object_type="things-2"), "ix_activity_log_object_type_id"),
    "object": (
        ActivityFilter(object_type="things-17", object_id="17"),
        "ix_activity_log_object_type_object_id_id",
    ),
    "days": (
        ActivityFilter(start=LONG_AGO + timedelta(hours=9), end=LONG_AGO + timedelta(hours=10)),
        "ix_activity_log_at",
    ),
}


@pytest.mark.parametrize("name", INDEXED)
def test_a_filter_reads_its_index(log: None, name: str) -> None:
    chosen, index = INDEXED[name]
    statement = queries._lines(chosen).order_by(Activity.id.desc()).limit(51)
    plan = _plan(statement)
    assert index in plan, plan
    if name != "days":  # read by time, told by id: what is found is put into order
        assert "Sort" not in plan, plan
        assert "TEMP B-TREE" not in plan, plan
    assert "Seq Scan" not in plan, plan
    assert "SCAN activity_log" not in plan, plan


def _plan(statement: Any) -> str:
    sql = str(statement.compile(db.session.get_bind(), compile_kwargs={"literal_binds": True}))
    explain = "EXPLAIN " if on_postgresql() else "EXPLAIN QUERY PLAN "
    rows = db.session.execute(text(explain + sql.replace(":", r"\:")))
    return "\n".join(str(row[-1]) for row in rows)
