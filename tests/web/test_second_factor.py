"""The second factor in the browser: set up, used, enforced, replaced, switched off."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask

from tests.callers import Browser
from tests.support.factories import PASSWORD, Make
from tests.support.people import (
    SECRET,
    code,
    demand_second_factor,
    id_of,
    stored,
    with_second_factor,
)
from webapp.accounts.models import Role
from webapp.activity.models import Activity

BEGIN, SET_UP = "/profile/second-factor", "/profile/second-factor/set-up"
CODES, OFF = "/profile/second-factor/recovery-codes", "/profile/second-factor/off"
PROOF = {"current_password": PASSWORD}


@pytest.fixture
def siti(visitor: Browser, make: Make) -> Browser:
    """Signed in with her password."""
    make.user("siti", Role.VIEWER)
    visitor.submit("/sign-in", {"username": "siti", "password": PASSWORD})
    return visitor


@pytest.fixture
def secured(app: Flask, siti: Browser) -> Browser:
    """Signed in, and has a second factor since then."""
    with_second_factor(app, id_of(app, "siti"))
    return siti


def codes_on(page: str) -> list[str]:
    return re.findall(r"<li>([a-z0-9]{5}-[a-z0-9]{5})</li>", page)


def set_up(browser: Browser) -> list[str]:
    """All the way; returns the recovery codes."""
    browser.submit(BEGIN, PROOF)
    answer = browser.submit(SET_UP, {"code": code(secret_on(browser.open(SET_UP)))}, 201)
    assert answer.headers["Cache-Control"] == "no-store"
    return codes_on(answer.text)


def secret_on(page: str) -> str:
    found = re.search(r'data-copy="([A-Z2-7 ]{32,})"', page)
    assert found
    return found[1].replace(" ", "")


def half_way(app: Flask, target: str = "") -> Browser:
    """A new browser after the password."""
    browser = Browser(app.test_client())
    path = "/sign-in" + (f"?next={target}" if target else "")
    answer = browser.submit(path, {"username": "siti", "password": PASSWORD})
    assert answer.location.startswith("/sign-in/code")
    return browser


def test_setting_up_shows_a_code_to_scan_and_recovery_codes_once(app: Flask, siti: Browser) -> None:
    siti.client.set_cookie("language", "en")
    siti.submit(BEGIN, PROOF)
    page = siti.open(SET_UP)
    assert re.search(r'<img class="qr" src="data:image/svg\+xml;', unescape(page))
    codes = codes_on(siti.submit(SET_UP, {"code": code(secret_on(page))}, 201).text)
    assert len(set(codes)) == 10
    assert stored(app, id_of(app, "siti")).has_second_factor
    again = siti.submit(SET_UP, {"code": code(secret_on(page))})
    assert again.location == BEGIN
    page = siti.open(BEGIN)
    assert (
        "If you have not seen your recovery codes" in page
    )  # they were in an answer that a second one replaced
    assert not codes_on(page)


def test_setting_up_begins_with_the_password(app: Flask, siti: Browser) -> None:
    assert 'id="error-current_password"' in siti.submit(BEGIN, {"current_password": "x"}, 422).text
    assert siti.client.get(SET_UP).location == BEGIN
    assert not stored(app, id_of(app, "siti")).has_second_factor


def test_what_was_left_half_done_nobody_else_finishes(app: Flask, siti: Browser) -> None:
    siti.submit(BEGIN, PROOF)
    secret = secret_on(siti.open(SET_UP))
    other = Browser(app.test_client())
    other.submit("/sign-in", {"username": "siti", "password": PASSWORD})
    other.submit(SET_UP, {"code": code(secret)})
    assert not stored(app, id_of(app, "siti")).has_second_factor


def test_half_done_signing_in_takes_the_password_alone(app: Flask, siti: Browser) -> None:
    siti.submit(BEGIN, PROOF)
    again = Browser(app.test_client())
    assert again.submit("/sign-in", {"username": "siti", "password": PASSWORD}).location == "/dashboard"


def test_a_wrong_code_does_not_switch_it_on(app: Flask, siti: Browser) -> None:
    siti.submit(BEGIN, PROOF)
    secret = secret_on(siti.open(SET_UP))
    wrong = siti.submit(SET_UP, {"code": "000000" if code(secret) != "000000" else "111111"}, 422).text
    assert 'id="error-code"' in wrong
    assert secret_on(wrong) == secret
    assert not stored(app, id_of(app, "siti")).has_second_factor


def test_the_secret_is_encrypted_where_it_is_kept_and_stays_out_of_the_log(
    app: Flask, siti: Browser, queries: list[str], logged: Callable[..., list[Activity]]
) -> None:
    siti.submit(BEGIN, PROOF)
    secret = secret_on(siti.open(SET_UP))
    assert secret not in "".join(queries)
    assert not [line for line in logged() if secret in str(line.changes)]


def test_signing_in_takes_the_code_and_leads_on(app: Flask, secured: Browser) -> None:
    browser = half_way(app, "/profile")
    browser.open("/dashboard", 302)
    answer = browser.submit("/sign-in/code?next=/profile", {"code": code()})
    assert answer.location == "/profile"
    browser.open("/dashboard")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_code_never_leads_to_another_site(app: Flask, secured: Browser, elsewhere: str) -> None:
    browser = half_way(app, elsewhere)
    assert browser.submit(f"/sign-in/code?next={elsewhere}", {"code": code()}).location == "/dashboard"


def test_a_code_is_good_once(app: Flask, secured: Browser) -> None:
    now = code()
    half_way(app).submit("/sign-in/code", {"code": now})
    half_way(app).submit("/sign-in/code", {"code": now}, 401)


def test_a_recovery_code_is_good_once(app: Flask, siti: Browser) -> None:
    codes = set_up(siti)
    half_way(app).submit("/sign-in/code", {"code": f" {codes[0].upper()} "})
    half_way(app).submit("/sign-in/code", {"code": codes[0]}, 401)
    half_way(app).submit("/sign-in/code", {"code": codes[1].replace("-", "")})


def test_wrong_codes_are_counted_and_logged(
    app: Flask, secured: Browser, logged: Callable[..., list[Activity]]
) -> None:
    browser = half_way(app)
    for _ in range(10):
        browser.submit("/sign-in/code", {"code": "0000000"}, 401)
    browser.submit("/sign-in/code", {"code": code()}, 429)
    assert len(logged(action="sign_in_failed", object_id=str(id_of(app, "siti")))) == 10


@pytest.mark.parametrize("typed", ["", " ", "12345", "é" * 6, "a" * 500, "\x00"])
def test_nonsense_is_a_wrong_code(app: Flask, secured: Browser, typed: str) -> None:
    half_way(app).submit("/sign-in/code", {"code": typed}, 401)


def test_without_the_password_there_is_no_code_to_enter(app: Flask, secured: Browser) -> None:
    nobody = Browser(app.test_client())
    assert nobody.client.get("/sign-in/code").location == "/sign-in"
    assert nobody.submit("/sign-in/code", {"code": code()}).location == "/sign-in"


def test_the_code_is_waited_for_five_minutes(
    app: Flask, secured: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = half_way(app)
    with browser.client.session_transaction() as cookie:
        user_id, since, *rest = cookie["second_factor_of"]
        cookie["second_factor_of"] = [user_id, since - 301, *rest]
    assert (
        browser.submit("/sign-in/code?next=/profile", {"code": code()}).location == "/sign-in?next=/profile"
    )


def test_an_account_switched_off_meanwhile_gets_no_further(
    app: Flask, secured: Browser, admin_browser: Browser
) -> None:
    browser = half_way(app)
    admin_browser.submit(f"/users/{id_of(app, 'siti')}/deactivate")
    assert browser.submit("/sign-in/code", {"code": code()}).location == "/sign-in"


def test_a_password_changed_meanwhile_must_be_given_anew(
    app: Flask, secured: Browser, admin_browser: Browser
) -> None:
    browser = half_way(app)
    admin_browser.submit(f"/users/{id_of(app, 'siti')}/password", {"password": "another horse"})
    assert browser.submit("/sign-in/code", {"code": code()}).location == "/sign-in"


def test_a_planted_cookie_is_worth_nothing_after_signing_in(app: Flask, secured: Browser) -> None:
    browser = half_way(app)
    with browser.client.session_transaction() as cookie:
        cookie["planted"] = "x"
    browser.submit("/sign-in/code", {"code": code()})
    with browser.client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert "second_factor_of" not in cookie


def test_new_recovery_codes_replace_the_old_ones(app: Flask, siti: Browser) -> None:
    old = set_up(siti)
    assert 'id="error-current_password"' in siti.submit(CODES, {"current_password": "x"}, 422).text
    new = codes_on(siti.submit(CODES, PROOF, 201).text)
    assert not set(old) & set(new)
    half_way(app).submit("/sign-in/code", {"code": old[0]}, 401)
    half_way(app).submit("/sign-in/code", {"code": new[0]})


def test_switching_off_takes_the_password(app: Flask, secured: Browser) -> None:
    assert 'id="error-current_password"' in secured.submit(OFF, {"current_password": "x"}, 422).text
    assert stored(app, id_of(app, "siti")).has_second_factor
    secured.submit(OFF, PROOF)
    assert not stored(app, id_of(app, "siti")).has_second_factor


@pytest.mark.parametrize("path", [CODES, OFF])
def test_without_a_second_factor_there_is_nothing_to_renew_or_switch_off(siti: Browser, path: str) -> None:
    assert siti.submit(path, PROOF).location == BEGIN


@pytest.mark.parametrize("path", [BEGIN, SET_UP, CODES, OFF, "/sign-in/code"])
def test_a_form_without_its_token_is_refused(secured: Browser, path: str) -> None:
    assert secured.client.post(path, data=PROOF).status_code == 400


def test_who_must_have_one_is_led_to_set_it_up_from_every_page(app: Flask, siti: Browser) -> None:
    demand_second_factor(app, "viewer")
    answer = siti.client.get("/gates?search=x")
    assert answer.location == f"{BEGIN}?next=/gates?search%3Dx"
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/gates"}
    fragment = siti.client.get("/gates/rows", headers=headers)
    assert fragment.headers["HX-Redirect"] == f"{BEGIN}?next=/gates"
    assert siti.submit("/profile", {"name": "Other"}, 302).location == BEGIN
    assert stored(app, id_of(app, "siti")).name == "Siti"


def _pages_of_a_viewer(app: Flask) -> list[Any]:
    return [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("web.") and "GET" in (rule.methods or ()) and not rule.arguments
        if (policy := app.view_functions[rule.endpoint].policy).role and policy.role <= Role.VIEWER  # type: ignore[attr-defined]
    ]


def test_no_page_forgets_to_ask(app: Flask, siti: Browser) -> None:
    demand_second_factor(app, "viewer")
    endpoints = _pages_of_a_viewer(app)
    assert len(endpoints) > 10
    open_to_all = set()
    for endpoint in endpoints:
        with app.test_request_context():
            from flask import url_for

            path = url_for(endpoint)
        answer = siti.client.get(path)
        if not (answer.status_code == 302 and answer.location.startswith(f"{BEGIN}?next=")):
            open_to_all.add(path)
    assert open_to_all == {BEGIN, SET_UP}


def test_who_must_have_one_can_set_it_up_and_goes_on(app: Flask, siti: Browser) -> None:
    demand_second_factor(app, "member")
    siti.open(BEGIN)
    step = siti.submit(f"{BEGIN}?next=/gates", PROOF).location
    assert step == f"{SET_UP}?next=/gates"
    page = siti.submit(step, {"code": code(secret_on(siti.open(step)))}, 201).text
    assert 'href="/gates"' in page
    siti.open("/gates")


def test_who_must_have_one_can_sign_out_and_choose_a_language(app: Flask, siti: Browser) -> None:
    demand_second_factor(app, "viewer")
    siti.submit("/preferences/language", {"language": "en"})
    siti.submit("/preferences/theme", {"theme": "dark"}, 204)
    assert siti.submit("/sign-out").location == "/sign-in"


def test_roles_below_are_left_in_peace(app: Flask, siti: Browser) -> None:
    demand_second_factor(app, "operator")
    siti.open("/gates")


def test_who_must_have_one_is_not_offered_to_switch_it_off(app: Flask, secured: Browser) -> None:
    demand_second_factor(app, "viewer")
    assert OFF not in secured.open(BEGIN)
    assert secured.submit(OFF, PROOF).location == BEGIN
    assert stored(app, id_of(app, "siti")).has_second_factor


def test_asking_costs_one_query_and_only_those_without(app: Flask, siti: Browser, queries: list[str]) -> None:
    def asked() -> int:
        queries.clear()
        siti.open("/profile/password")
        return len([sql for sql in queries if "settings" in sql])

    without = asked()
    with_second_factor(app, id_of(app, "siti"))
    assert without - asked() <= 1
    assert asked() == 0
    assert SECRET not in "".join(queries)
