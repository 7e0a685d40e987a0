"""The page of the activity log."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.callers import Browser
from tests.support.factories import Make
from webapp import audit, config
from webapp.accounts.models import Role
from webapp.activity.models import Activity
from webapp.database import transaction
from webapp.kit import clock, csvsafe
from webapp.web import activity as page_module

Lines = Callable[..., list[Activity]]


@pytest.fixture
def english(admin_browser: Browser) -> Browser:
    admin_browser.client.set_cookie("language", "en")
    return admin_browser


def rename(browser: Browser, name: str = "Baru") -> None:
    browser.submit("/locations/kerkof_01/edit", {"name": name, "type": "pasar"})


def ids(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="activity-line-(\d+)"', page)]


def one(page: str, line: Activity) -> str:
    """A line as the page has it."""
    found = re.search(rf'<tr id="activity-line-{line.id}">.*?</tr>', page, re.DOTALL)
    assert found
    return found[0]


def test_a_line_says_who_what_when_and_from_where(english: Browser, make: Make, logged: Lines) -> None:
    make.location(name="Lama")
    rename(english)
    [line] = logged(action="update")
    text = one(english.open("/activity"), line)
    for word in (
        "admin_b",
        "Browser",
        "changed",
        "Location",
        "Baru",
        "127.0.0.1",
        "2 fields",
        line.request_id,
    ):
        assert word in text, word
    assert re.search(r"<del>.*Lama</del>.*<ins>.*Baru</ins>", text, re.DOTALL)


def test_a_secret_is_three_dots(english: Browser, make: Make, logged: Lines) -> None:
    make.key()
    [line] = logged(object_type="api_keys")
    text = one(english.open("/activity"), line)
    assert text.count("•••") == 2
    assert "pk_live_" in text  # the hint, which is none


def test_what_people_typed_is_text(english: Browser, make: Make, logged: Lines) -> None:
    make.location(name="<script>alert(1)</script>")
    assert "<script>alert" not in english.open("/activity")


def test_each_filter_narrows(english: Browser, make: Make, logged: Lines) -> None:
    make.location(name="Alpha")
    rename(english, "Bravo")
    make.key()
    created, changed, key = logged(object_type="locations")[0], logged(action="update")[0], logged()[-1]
    for query, shown, hidden in (
        ("type=api_keys", key, changed),
        (f"type=locations&id={created.object_id}", changed, key),
        ("action=update", changed, created),
        ("door=web", changed, created),
        (f"user={changed.user_id}", changed, created),
        ("search=BRAVO", changed, created),
    ):
        found = ids(english.open(f"/activity/rows?{query}"))
        assert shown.id in found, query
        assert hidden.id not in found, query


def test_what_a_key_did_is_found_by_the_key(app: Flask, english: Browser, logged: Lines) -> None:
    with app.app_context(), audit.acting(audit.Actor("datalane", key_id=77, name="Partner")), transaction():
        audit.note("recount", "recounts", 1, "x")
    [line] = logged()
    assert line.id in ids(english.open("/activity/rows?key=77"))
    assert line.id not in ids(english.open("/activity/rows?key=78"))


def test_days_are_business_days(app: Flask, english: Browser, make: Make, logged: Lines) -> None:
    make.location()
    [line] = logged()
    with app.app_context():
        today = clock.today(config.current().timezone).isoformat()
    assert line.id in ids(english.open(f"/activity/rows?since={today}&until={today}"))
    assert line.id not in ids(english.open("/activity/rows?until=2001-01-01"))
    assert line.id not in ids(english.open("/activity/rows?since=2099-01-01"))


@pytest.mark.parametrize(
    "query",
    [
        "since=soon",
        "since=2026-02-01&until=2026-01-01",
        "before=x",
        "after=-1",
        "user=abc",
        "key=99999999999",
    ],
)
def test_filters_that_make_no_sense_are_said_to(english: Browser, query: str) -> None:
    page = english.open(f"/activity?{query}", 422)
    assert "empty-state" in page
    english.open(f"/activity/rows?{query}", 422, htmx=True)
    assert english.client.get(f"/activity/export.csv?{query}").status_code == 303


def test_what_is_wrong_with_a_day_stands_beside_it(english: Browser) -> None:
    page = english.open("/activity?since=soon", 422)
    assert re.search(r'id="error-since">[^<]+<', page)
    fragment = english.open("/activity/rows?since=soon", 422, htmx=True)
    assert re.search(r'id="error-since" hx-swap-oob="true">[^<]+<', fragment)


def test_turning_pages_keeps_the_filters(
    english: Browser, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_module, "PAGE_SIZE", 2)
    for number in range(5):
        make.location(f"l{number}", name="Pagina")
    first = english.open("/activity/rows?search=pagina")
    older = re.search(r'href="(/activity\?[^"]*before=\d+[^"]*)"', first)
    assert older
    assert "search=pagina" in older[1]
    second = english.open(older[1].replace("&amp;", "&"))
    assert ids(second) == [ids(first)[0] - 2, ids(first)[0] - 3]
    newer = re.search(r'href="(/activity\?[^"]*after=\d+[^"]*)"', second)
    assert newer
    assert ids(english.open(newer[1].replace("&amp;", "&"))) == ids(first)


def test_the_page_asks_few_questions_and_counts_nothing(
    english: Browser, make: Make, queries: list[str]
) -> None:
    for number in range(30):
        make.location(f"l{number}")
    queries.clear()
    english.open("/activity/rows")
    assert len(queries) <= 4
    assert not any("count(" in query.lower() for query in queries)


def test_a_line_leads_to_its_object(english: Browser, make: Make, logged: Lines) -> None:
    gate = make.open_gate()
    make.key(gate)
    [key] = logged(object_type="api_keys")
    page = english.open("/activity")
    assert f"/activity/gates/{gate.id}" in page
    assert english.client.get(f"/activity/gates/{gate.id}").location == "/gates/kerkof_01/gate01"
    assert "/keys/" in english.client.get(f"/activity/api_keys/{key.object_id}").location
    assert english.client.get("/activity/settings/branch_id").location == "/settings#branch_id"


@pytest.mark.parametrize("path", ["gates/999999", "gates/x", "api_keys/99999999999999", "users/999999"])
def test_what_is_gone_leads_to_its_history(english: Browser, path: str) -> None:
    kind, object_id = path.split("/")
    answer = english.client.get(f"/activity/{path}")
    assert answer.location == f"/activity?type={kind}&id={object_id}"


def test_a_thing_without_a_page_leads_nowhere(english: Browser) -> None:
    english.open("/activity/secrets/1", 404)


def test_the_history_of_a_gate_is_one_click_away(
    english: Browser, operator_browser: Browser, make: Make
) -> None:
    gate = make.open_gate()
    link = f'href="/activity?type=gates&amp;id={gate.id}"'
    assert link in english.open("/gates/kerkof_01/gate01")
    assert link not in operator_browser.open("/gates/kerkof_01/gate01")


def test_the_file_says_what_the_page_says_and_runs_no_formula(
    english: Browser, make: Make, logged: Lines
) -> None:
    make.location(name="=HYPERLINK(1)")
    answer = english.client.get("/activity/export.csv?type=locations&search=hyperlink")
    assert "attachment" in answer.headers["Content-Disposition"]
    text = answer.get_data(as_text=True).removeprefix(csvsafe.BYTE_ORDER_MARK)
    header, newest, *_ = csv.reader(io.StringIO(text))
    line = dict(zip(header, newest, strict=True))
    assert line["Name"] == "'=HYPERLINK(1)"
    assert "name: None → =HYPERLINK(1)" in line["Changes"]
    assert (line["Action"], line["Object"]) == ("create", "locations")


@pytest.mark.parametrize("path", ["/activity", "/activity/rows", "/activity/export.csv", "/activity/gates/1"])
def test_only_an_admin_reads_the_log(operator_browser: Browser, path: str) -> None:
    operator_browser.open(path, 403)


def test_an_account_that_is_gone_can_still_be_asked_for(app: Flask, english: Browser, make: Make) -> None:
    from webapp.accounts import service
    from webapp.accounts.models import User
    from webapp.extensions import db

    boss, user = make.user("boss", Role.ADMIN), make.user("budi", Role.VIEWER)
    with app.app_context(), transaction():
        service.delete_user(user, by=db.session.get_one(User, boss))
    assert f'<option value="{user}" selected>' in english.open(f"/activity?user={user}")
