"""The pages of stations."""

import pytest

from tests.callers import Browser


def created(admin: Browser, number: int, name: str) -> None:
    assert admin.submit("/stations/new", {"id": str(number), "name": name}).location == "/stations"


def test_an_admin_creates_a_station_and_people_pick_it(
    admin_browser: Browser, operator_browser: Browser
) -> None:
    created(admin_browser, 7, " Gardu Tujuh ")
    assert "Gardu Tujuh" in operator_browser.open("/stations")
    assert '<option value="7"' in operator_browser.open("/reports/new")


def test_the_next_free_number_is_proposed(admin_browser: Browser) -> None:
    created(admin_browser, 7, "Tujuh")
    assert 'value="8"' in admin_browser.open("/stations/new")


def test_a_taken_number_is_a_message_beside_it(admin_browser: Browser) -> None:
    created(admin_browser, 1, "Satu")
    answer = admin_browser.submit("/stations/new", {"id": "1", "name": "Lagi"}, 409).text
    assert 'id="error-id"' in answer
    assert 'value="Lagi"' in answer


@pytest.mark.parametrize("number", ["0", "-1", "1000000", "x", ""])
def test_what_is_no_number_is_refused(admin_browser: Browser, number: str) -> None:
    assert 'id="error-id"' in admin_browser.submit("/stations/new", {"id": number, "name": "x"}, 422).text


def test_a_row_turns_into_a_form_and_back(admin_browser: Browser) -> None:
    created(admin_browser, 1, "Satu")
    assert admin_browser.open("/stations/1/edit", htmx=True).lstrip().startswith("<tr")
    row = admin_browser.submit("/stations/1/edit", {"name": "Baru"}, 200, htmx=True)
    assert "Baru" in row.text
    assert "toast" in row.headers["HX-Trigger"]
    assert "Baru" in admin_browser.open("/stations/1/row")
    assert (
        admin_browser.submit("/stations/1/edit", {"name": ""}, 422, htmx=True).text.lstrip().startswith("<tr")
    )


def test_editing_works_without_javascript(admin_browser: Browser) -> None:
    created(admin_browser, 1, "Satu")
    assert "<html" in admin_browser.open("/stations/1/edit")
    assert admin_browser.submit("/stations/1/edit", {"name": "Baru"}).location == "/stations"


def test_a_deleted_station_is_gone(admin_browser: Browser) -> None:
    created(admin_browser, 1, "Satu")
    admin_browser.submit("/stations/1/delete")
    assert "Satu" not in admin_browser.open("/stations/rows")
    admin_browser.submit("/stations/1/delete", status=404)
    assert admin_browser.client.get("/stations/1/edit").status_code == 404


def test_search_finds_by_number_and_name(admin_browser: Browser) -> None:
    created(admin_browser, 1, "Utara")
    created(admin_browser, 12, "Selatan")
    assert "Utara" not in admin_browser.open("/stations/rows?search=sela")
    assert "Utara" in admin_browser.open("/stations/rows?search=01")


def test_an_operator_sees_and_changes_nothing(admin_browser: Browser, operator_browser: Browser) -> None:
    created(admin_browser, 1, "Satu")
    assert "/stations/1" not in operator_browser.open("/stations")
    operator_browser.open("/stations/new", 403)
    operator_browser.submit("/stations/1/delete", status=403)
