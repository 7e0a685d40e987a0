"""Signing in with a browser: in, out, and the three ways in which it fails."""

import re

import pytest

from tests.callers import Browser
from tests.support.factories import PASSWORD, Make
from webapp.accounts.models import Role


def attempt(visitor: Browser, status: int, password: str = PASSWORD, **query: str) -> str:
    path = "/sign-in" + ("?next=" + query["next"] if query else "")
    return visitor.submit(path, {"username": "viewer", "password": password}, status).get_data(as_text=True)


def test_the_right_password_leads_to_the_dashboard(visitor: Browser, make: Make) -> None:
    make.user("viewer", Role.VIEWER)
    answer = visitor.submit("/sign-in", {"username": "viewer", "password": PASSWORD}, 303)
    assert answer.location == "/dashboard"
    assert "Viewer" in visitor.open("/dashboard")


def test_it_leads_back_to_where_one_wanted_to_go(visitor: Browser, make: Make) -> None:
    make.user("viewer", Role.VIEWER)
    asked = visitor.client.get("/dashboard?date=2026-01-02")
    assert asked.status_code == 302
    answer = visitor.submit(asked.location, {"username": "viewer", "password": PASSWORD}, 303)
    assert answer.location == "/dashboard?date=2026-01-02"


def test_a_name_with_a_nul_is_unknown(visitor: Browser) -> None:
    visitor.submit("/sign-in", {"username": "si\x00ti", "password": "x"}, 401)


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"]
)
def test_it_never_leads_to_another_site(visitor: Browser, make: Make, elsewhere: str) -> None:
    make.user("viewer", Role.VIEWER)
    form = {"username": "viewer", "password": PASSWORD}
    assert visitor.submit(f"/sign-in?next={elsewhere}", form, 303).location == "/dashboard"


def test_a_wrong_password_is_told_without_saying_which_part_was_wrong(visitor: Browser, make: Make) -> None:
    make.user("viewer", Role.VIEWER)
    page = attempt(visitor, 401, "wrong")
    assert "Nama pengguna atau kata sandi salah." in page
    assert 'value="viewer"' in page
    assert "wrong" not in page


def test_an_account_that_is_switched_off_is_told_so(visitor: Browser, make: Make) -> None:
    make.user("viewer", Role.VIEWER, active=False)
    assert "Akun ini dinonaktifkan." in attempt(visitor, 403)


def test_guessing_ends_after_ten_tries(visitor: Browser, make: Make) -> None:
    make.user("viewer", Role.VIEWER)
    for _ in range(10):
        attempt(visitor, 401, "wrong")
    assert "Terlalu banyak percobaan." in attempt(visitor, 429)


def test_signing_out_ends_the_session_for_good(visitor: Browser, make: Make) -> None:
    make.user("viewer", Role.VIEWER)
    attempt(visitor, 303)
    with visitor.client.session_transaction() as kept:
        before = dict(kept)
    visitor.submit("/sign-out")
    with visitor.client.session_transaction() as kept:
        kept.update(before)
    visitor.open("/dashboard", 302)


def test_a_form_without_its_token_is_refused_in_words(visitor: Browser) -> None:
    answer = visitor.client.post("/sign-in", data={"username": "a", "password": "b"})
    assert answer.status_code == 400
    assert "Muat ulang halaman lalu coba lagi." in answer.get_data(as_text=True)


def test_the_password_never_leaves_in_an_address(visitor: Browser) -> None:
    assert re.search(r'<form method="post" action="/sign-in"', visitor.open("/sign-in"))
