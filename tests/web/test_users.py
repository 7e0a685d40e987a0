"""The pages of accounts, as administrators use them."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.callers import Browser
from tests.support.factories import PASSWORD, Make
from tests.support.people import SECRET, id_of, is_live, open_session, stored, with_second_factor
from webapp.accounts.models import Role
from webapp.activity.models import Activity

Logged = Callable[..., list[Activity]]
NEW = {"username": "siti", "name": "Siti", "email": "", "role": "viewer", "password": "correct horse"}
POSTS = [
    "/users/new",
    "/users/{}/edit",
    "/users/{}/deactivate",
    "/users/{}/reactivate",
    "/users/{}/password",
    "/users/{}/second-factor/remove",
    "/users/{}/delete",
    "/users/{}/sessions/revoke",
    "/users/{}/sessions/00000000-0000-0000-0000-000000000000/revoke",
]


@pytest.fixture
def siti(make: Make) -> int:
    return make.user("siti", Role.OPERATOR)


@pytest.fixture
def me(app: Flask, admin_browser: Browser) -> int:
    """The id of the administrator who holds `admin_browser`."""
    return id_of(app, "admin_b")


def test_an_admin_creates_an_account_that_can_sign_in(admin_browser: Browser, visitor: Browser) -> None:
    made = admin_browser.submit("/users/new", NEW | {"username": " Siti ", "email": "Siti@Example.com"})
    page = admin_browser.open(made.location)
    assert "siti@example.com" in page
    visitor.submit("/sign-in", {"username": "siti@example.com", "password": "correct horse"})


def test_the_new_password_is_taken_as_it_was_typed(admin_browser: Browser, visitor: Browser) -> None:
    admin_browser.submit("/users/new", NEW | {"password": "  spaces count "})
    visitor.submit("/sign-in", {"username": "siti", "password": "spaces count"}, 401)
    visitor.submit("/sign-in", {"username": "siti", "password": "  spaces count "})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""),
        ("username", "has space"),
        ("username", "x" * 65),
        ("username", "si@ti"),
        ("name", ""),
        ("name", "x" * 101),
        ("name", "a\x07b"),
        ("email", "no address"),
        ("email", "x" * 250 + "@example.com"),
        ("password", "short"),
        ("password", ""),
        ("password", "x" * 73),
    ],
)
def test_what_is_wrong_stands_beside_its_field(admin_browser: Browser, field: str, value: str) -> None:
    page = admin_browser.submit("/users/new", NEW | {field: value}, 422).text
    assert re.findall(r'id="error-(\w+)"', page) == [field]
    assert "correct horse" not in page


def test_a_role_that_does_not_exist_is_refused(admin_browser: Browser) -> None:
    assert 'id="error-role"' in admin_browser.submit("/users/new", NEW | {"role": "owner"}, 422).text


@pytest.mark.parametrize("field", ["username", "email"])
def test_a_taken_name_is_a_message_beside_the_field(admin_browser: Browser, field: str) -> None:
    admin_browser.submit("/users/new", NEW | {"email": "siti@example.com"})
    other = NEW | {"username": "other", "email": "other@example.com"}
    page = admin_browser.submit(
        "/users/new", other | {field: {"username": "SITI", "email": "siti@example.com"}[field]}, 409
    )
    assert re.findall(r'id="error-(\w+)"', page.text) == [field]


def test_a_row_turns_into_a_form_and_back(admin_browser: Browser, siti: int) -> None:
    form = admin_browser.open(f"/users/{siti}/edit", htmx=True)
    assert form.lstrip().startswith("<tr")
    changed = {"username": "sitir", "name": "Siti R.", "email": "s@example.com", "role": "viewer"}
    row = admin_browser.submit(f"/users/{siti}/edit", changed, 200, htmx=True)
    assert f'id="users-row-{siti}"' in row.text
    assert "sitir" in row.text
    assert "toast" in row.headers["HX-Trigger"]
    refused = admin_browser.submit(f"/users/{siti}/edit", changed | {"name": ""}, 422, htmx=True)
    assert refused.text.lstrip().startswith("<tr")


def test_editing_works_without_javascript_and_an_emptied_email_is_gone(
    app: Flask, admin_browser: Browser, siti: int
) -> None:
    assert "<html" in admin_browser.open(f"/users/{siti}/edit")
    form = {"username": "siti", "name": "Siti", "email": "s@example.com", "role": "operator"}
    assert admin_browser.submit(f"/users/{siti}/edit", form).location == f"/users/{siti}"
    admin_browser.submit(f"/users/{siti}/edit", form | {"email": ""})
    assert stored(app, siti).email is None


def test_renaming_to_a_taken_name_leaves_both_as_they_were(
    app: Flask, admin_browser: Browser, siti: int
) -> None:
    form = {"username": "admin_b", "name": "Other", "email": "", "role": "operator"}
    page = admin_browser.submit(f"/users/{siti}/edit", form, 409).text
    assert 'id="error-username"' in page
    assert (stored(app, siti).username, stored(app, siti).name) == ("siti", "Siti")


def test_the_only_admin_can_not_stop_being_one(app: Flask, admin_browser: Browser, me: int) -> None:
    assert "<select" not in admin_browser.open(f"/users/{me}/edit")
    form = {"username": "admin_b", "name": "Admin", "email": "", "role": "viewer"}
    assert "field-error" in admin_browser.submit(f"/users/{me}/edit", form, 409).text
    assert stored(app, me).role == Role.ADMIN


def test_nobody_switches_off_or_deletes_themself(app: Flask, admin_browser: Browser, me: int) -> None:
    for page in (admin_browser.open("/users"), admin_browser.open(f"/users/{me}")):
        assert f"/users/{me}/deactivate" not in page
        assert f"/users/{me}/delete" not in page
    for action in ("deactivate", "delete"):
        refused = admin_browser.submit(f"/users/{me}/{action}")
        assert "notice-danger" in admin_browser.open(refused.location)
    assert stored(app, me).is_active


def test_switching_off_ends_the_sessions_and_refuses_new_ones(
    app: Flask, admin_browser: Browser, visitor: Browser, siti: int
) -> None:
    session = open_session(app, siti)
    admin_browser.submit(f"/users/{siti}/deactivate")
    assert not is_live(app, session)
    visitor.submit("/sign-in", {"username": "siti", "password": PASSWORD}, 403)
    admin_browser.submit(f"/users/{siti}/reactivate")
    assert not is_live(app, session)
    visitor.submit("/sign-in", {"username": "siti", "password": PASSWORD})


def test_switching_off_leads_back_to_the_list_it_was_done_in(admin_browser: Browser, siti: int) -> None:
    data = {"csrf_token": admin_browser.csrf_token()}
    headers = {"Referer": "http://localhost/users?search=sit"}
    answer = admin_browser.client.post(f"/users/{siti}/deactivate", data=data, headers=headers)
    assert answer.location == "/users?search=sit"
    assert admin_browser.submit(f"/users/{siti}/reactivate").location == f"/users/{siti}"


def test_a_new_password_replaces_the_old_one_and_ends_all_sessions(
    app: Flask, admin_browser: Browser, visitor: Browser, siti: int
) -> None:
    session = open_session(app, siti)
    assert (
        'id="error-password"' in admin_browser.submit(f"/users/{siti}/password", {"password": "x"}, 422).text
    )
    assert is_live(app, session)
    admin_browser.submit(f"/users/{siti}/password", {"password": "another horse"})
    assert not is_live(app, session)
    visitor.submit("/sign-in", {"username": "siti", "password": PASSWORD}, 401)
    visitor.submit("/sign-in", {"username": "siti", "password": "another horse"})


def test_ones_own_password_is_changed_in_the_profile(admin_browser: Browser, me: int) -> None:
    answer = admin_browser.submit(f"/users/{me}/password", {"password": "another horse"})
    assert answer.location == "/profile/password"
    admin_browser.open("/users")


def test_ones_own_second_factor_is_not_removed_without_the_password(
    app: Flask, admin_browser: Browser, me: int
) -> None:
    with_second_factor(app, me)
    answer = admin_browser.submit(f"/users/{me}/second-factor/remove")
    assert answer.location == "/profile/second-factor/off"
    assert stored(app, me).has_second_factor


def test_a_lost_second_factor_is_removed_and_that_is_logged(
    app: Flask, admin_browser: Browser, me: int, siti: int, logged: Logged
) -> None:
    assert "second-factor/remove" not in admin_browser.open(f"/users/{siti}")
    with_second_factor(app, siti)
    assert "second-factor/remove" in admin_browser.open(f"/users/{siti}")
    admin_browser.submit(f"/users/{siti}/second-factor/remove")
    assert not stored(app, siti).has_second_factor
    line = logged(object_type="users", object_id=str(siti), user_id=me)[-1]
    assert line.changes["totp_enabled_at"][1] is None
    assert SECRET not in str(line.changes)


def test_a_deleted_account_is_gone_and_its_name_is_free(
    app: Flask, admin_browser: Browser, siti: int
) -> None:
    session = open_session(app, siti)
    assert admin_browser.submit(f"/users/{siti}/delete").location == "/users"
    assert not is_live(app, session)
    assert f"users-row-{siti}" not in admin_browser.open("/users")
    admin_browser.open(f"/users/{siti}", 404)
    admin_browser.submit("/users/new", NEW)


def test_an_accounts_page_shows_its_sessions_and_ends_them(
    app: Flask, admin_browser: Browser, siti: int
) -> None:
    one, another = open_session(app, siti), open_session(app, siti)
    page = admin_browser.open(f"/users/{siti}")
    assert page.count('<tr id="session-') == 2
    assert "10.0.0.9" in page
    admin_browser.submit(f"/users/{siti}/sessions/{one}/revoke")
    assert (is_live(app, one), is_live(app, another)) == (False, True)
    admin_browser.submit(f"/users/{siti}/sessions/revoke")
    assert not is_live(app, another)


def test_a_session_is_ended_only_from_its_own_accounts_page(
    app: Flask, admin_browser: Browser, siti: int, make: Make
) -> None:
    session = open_session(app, make.user("budi", Role.VIEWER))
    admin_browser.submit(f"/users/{siti}/sessions/{session}/revoke", status=404)
    assert is_live(app, session)


def test_ending_all_of_ones_own_sessions_keeps_this_one(app: Flask, admin_browser: Browser, me: int) -> None:
    other = open_session(app, me)
    admin_browser.submit(f"/users/{me}/sessions/revoke")
    assert not is_live(app, other)
    admin_browser.open("/users")


def test_an_accounts_page_leads_to_what_it_has_done(admin_browser: Browser, siti: int) -> None:
    assert f'href="/activity?user={siti}"' in admin_browser.open(f"/users/{siti}")


def test_a_role_changes_by_somebody_elses_hand(app: Flask, admin_browser: Browser, siti: int) -> None:
    form = {"username": "siti", "name": "Siti", "email": "", "role": "admin"}
    admin_browser.submit(f"/users/{siti}/edit", form)
    assert stored(app, siti).role == Role.ADMIN


@pytest.mark.parametrize("path", POSTS)
def test_only_admins_and_only_with_a_token(
    operator_browser: Browser, viewer_browser: Browser, admin_browser: Browser, siti: int, path: str
) -> None:
    path = path.format(siti)
    for browser in (operator_browser, viewer_browser):
        browser.submit(path, NEW, 403)
    assert admin_browser.client.post(path, data=NEW).status_code == 400


def test_no_page_of_users_opens_for_others(operator_browser: Browser, visitor: Browser, siti: int) -> None:
    for path in ("/users", "/users/rows", "/users/export.csv", "/users/new", f"/users/{siti}"):
        assert operator_browser.client.get(path).status_code == 403
        assert visitor.client.get(path).status_code == 302
    assert "/users" not in operator_browser.open("/dashboard")


def test_search_and_filters_narrow_the_list(admin_browser: Browser, make: Make) -> None:
    make.user("siti", Role.OPERATOR)
    make.user("budi", Role.VIEWER, active=False)
    for query, there, missing in (
        ("search=SIT", "siti", "budi"),
        ("role=viewer", "budi", "siti"),
        ("active=0", "budi", "siti"),
        ("search=%25", "", "siti"),
        ("search=ud&role=viewer&active=0", "budi", "siti"),
    ):
        found = admin_browser.open(f"/users/rows?{query}")
        assert there in found
        assert missing not in found


@pytest.mark.parametrize("sort", ["name", "username", "email", "role", "created_at"])
def test_the_list_sorts_both_ways(admin_browser: Browser, make: Make, sort: str) -> None:
    make.user("siti", Role.OPERATOR)
    up = re.findall(r'id="users-row-(\d+)"', admin_browser.open(f"/users/rows?sort={sort}"))
    down = re.findall(r'id="users-row-(\d+)"', admin_browser.open(f"/users/rows?sort=-{sort}"))
    assert sorted(up) == sorted(down)
    assert len(up) == 2
    assert up == down[::-1] or sort == "email"  # both have none


def test_nonsense_in_the_address_is_no_error(admin_browser: Browser) -> None:
    for query in (
        "sort=password_hash",
        "sort=--x",
        "sort=__class__",
        "page=0",
        "page=99",
        "role=x",
        "active=x",
    ):
        assert "admin_b" in admin_browser.open(f"/users?{query}"), query


def test_pages_hold_twenty(admin_browser: Browser, make: Make) -> None:
    for number in range(20):
        make.user(f"u{number:02}", Role.VIEWER)
    assert admin_browser.open("/users/rows").count("<tr id=") == 20
    assert admin_browser.open("/users/rows?page=2").count("<tr id=") == 1
    assert admin_browser.open("/users/rows?page=9").count("<tr id=") == 1


def test_no_fit_says_what_to_do(admin_browser: Browser) -> None:
    assert "empty-state" in admin_browser.open("/users/rows?search=nobody")


def test_names_are_shown_as_text(admin_browser: Browser) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x>"
    made = admin_browser.submit("/users/new", NEW | {"name": evil})
    for path in ("/users", made.location, f"{made.location}/edit", f"{made.location}/password"):
        page = admin_browser.open(path)
        assert "<script>alert" not in page
        assert "<img src=x>" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_the_export_has_what_the_list_has_and_runs_no_formula(admin_browser: Browser) -> None:
    admin_browser.submit("/users/new", NEW | {"name": "=1+1"})
    text = admin_browser.client.get("/users/export.csv?role=viewer").get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    assert [row[:2] for row in rows[1:]] == [["siti", "'=1+1"]]
    assert "$2b$" not in text
    assert admin_browser.client.get("/users/export.xlsx", buffered=True).data.startswith(b"PK")


def test_the_list_costs_the_same_for_one_and_for_many(
    admin_browser: Browser, make: Make, queries: list[str]
) -> None:
    admin_browser.open("/users")
    few = len(queries)
    for number in range(15):
        make.user(f"u{number:02}", Role.VIEWER)
    queries.clear()
    admin_browser.open("/users")
    assert len(queries) == few
