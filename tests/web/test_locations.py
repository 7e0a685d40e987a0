"""The pages of locations."""

import csv
import io

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from tests.callers import Browser
from tests.support.factories import Make
from webapp.kit import csvsafe

WRITES = ["/locations/new", "/locations/kerkof_01/edit"]


def test_an_operator_creates_a_location_and_is_led_to_its_gates(operator_browser: Browser) -> None:
    form = {"code": "pasar_01", "name": " Pasar 01 ", "type": "pasar"}
    assert operator_browser.submit("/locations/new", form).location == "/gates/new?location=pasar_01"
    assert "Pasar 01" in operator_browser.open("/locations")


def test_what_is_wrong_stands_beside_its_field(operator_browser: Browser) -> None:
    answer = operator_browser.submit("/locations/new", {"code": "has space", "name": ""}, 422).text
    assert 'id="error-code"' in answer
    assert 'id="error-name"' in answer
    assert 'value="has space"' in answer


def test_a_taken_code_is_a_message_beside_the_code(operator_browser: Browser, make: Make) -> None:
    make.location()
    answer = operator_browser.submit("/locations/new", {"code": "kerkof_01", "name": "x", "type": "y"}, 409)
    assert 'id="error-code"' in answer.text


def test_a_row_turns_into_a_form_and_back(operator_browser: Browser, make: Make) -> None:
    make.location(name="Kerkof")
    form = operator_browser.open("/locations/kerkof_01/edit", htmx=True)
    assert form.lstrip().startswith("<tr")
    assert 'value="Kerkof"' in form
    row = operator_browser.submit("/locations/kerkof_01/edit", {"name": "Baru", "type": "t"}, 200, htmx=True)
    assert 'id="locations-row-kerkof_01"' in row.text
    assert "Baru" in row.text
    assert "toast" in row.headers["HX-Trigger"]
    refused = operator_browser.submit("/locations/kerkof_01/edit", {"name": ""}, 422, htmx=True)
    assert refused.text.lstrip().startswith("<tr")


def test_editing_works_without_javascript(operator_browser: Browser, make: Make) -> None:
    make.location()
    assert "<html" in operator_browser.open("/locations/kerkof_01/edit")
    saved = operator_browser.submit("/locations/kerkof_01/edit", {"name": "Baru", "type": "t"})
    assert saved.location == "/locations"


def test_an_admin_deactivates_and_reactivates(admin_browser: Browser, make: Make) -> None:
    make.location()
    admin_browser.submit("/locations/kerkof_01/deactivate")
    assert "kerkof_01" not in admin_browser.open("/locations/rows?active=1")
    admin_browser.submit("/locations/kerkof_01/reactivate")
    assert "kerkof_01" in admin_browser.open("/locations/rows?active=1")


@pytest.mark.parametrize("path", WRITES)
def test_a_viewer_can_not_write(viewer_browser: Browser, make: Make, path: str) -> None:
    make.location()
    viewer_browser.open(path, 403)
    viewer_browser.submit(path, {"name": "x"}, 403)
    assert path not in viewer_browser.open("/locations")


def test_an_operator_can_not_deactivate(operator_browser: Browser, make: Make) -> None:
    make.location()
    operator_browser.submit("/locations/kerkof_01/deactivate", status=403)


def test_a_form_without_its_token_is_refused(app: Flask, operator_browser: Browser) -> None:
    form = {"code": "a", "name": "b", "type": "c"}
    assert operator_browser.client.post("/locations/new", data=form).status_code == 400


def test_search_finds_parts_of_words_in_any_column(viewer_browser: Browser, make: Make) -> None:
    make.location("pasar_01", name="Pasar Induk", type="pasar")
    make.location("kerkof_01", name="Kerkof", type="makam")
    found = viewer_browser.open("/locations/rows?search=duk+PAS")
    assert "pasar_01" in found
    assert "kerkof_01" not in found
    assert "pasar_01" not in viewer_browser.open("/locations/rows?search=100%25")


def test_a_fragment_puts_its_filters_into_the_address(viewer_browser: Browser) -> None:
    answer = viewer_browser.client.get("/locations/rows?search=x", headers={"HX-Request": "true"})
    assert answer.headers["HX-Push-Url"] == "/locations?search=x"


def test_nonsense_in_the_address_is_no_error(viewer_browser: Browser, make: Make) -> None:
    make.location()
    for query in (
        "page=0",
        "page=-3",
        "page=999999",
        "page=x",
        "sort=;drop",
        "active=maybe",
        "page=" + "9" * 50,
    ):
        assert "kerkof_01" in viewer_browser.open(f"/locations?{query}"), query


def test_pages_hold_twenty(viewer_browser: Browser, make: Make) -> None:
    for number in range(21):
        make.location(f"l{number:02}")
    assert viewer_browser.open("/locations/rows").count("<tr id=") == 20
    assert viewer_browser.open("/locations/rows?page=2").count("<tr id=") == 1


def test_an_empty_list_says_what_to_do(operator_browser: Browser, viewer_browser: Browser) -> None:
    assert "/locations/new" in operator_browser.open("/locations/rows")
    assert "/locations/new" not in viewer_browser.open("/locations/rows")
    assert "empty-state" in viewer_browser.open("/locations/rows?search=x")


def test_exports_say_what_the_list_says_and_run_no_formula(viewer_browser: Browser, make: Make) -> None:
    make.location("l1", name='=HYPERLINK("http://x")', type="+cmd")
    make.location("l2", name="Kedua", type="t")
    answer = viewer_browser.client.get("/locations/export.csv?sort=-code")
    text = answer.get_data(as_text=True)
    assert text.startswith(csvsafe.BYTE_ORDER_MARK)
    rows = list(csv.reader(io.StringIO(text.removeprefix(csvsafe.BYTE_ORDER_MARK))))
    assert [row[0] for row in rows[1:]] == ["l2", "l1"]
    assert rows[2][1:3] == ['\'=HYPERLINK("http://x")', "'+cmd"]
    assert "attachment" in answer.headers["Content-Disposition"]
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(viewer_browser.client.get("/locations/export.xlsx?search=l1", buffered=True).data)
    )
    sheet = book.get_sheet_by_index(0).to_python()
    assert sheet[1][:3] == ["l1", '=HYPERLINK("http://x")', "+cmd"]
    assert len(sheet) == 2


def test_other_file_formats_do_not_exist(viewer_browser: Browser) -> None:
    assert viewer_browser.client.get("/locations/export.exe").status_code == 404


def test_who_is_not_signed_in_is_sent_to_sign_in(visitor: Browser) -> None:
    answer = visitor.client.get("/locations?search=x")
    assert answer.status_code == 302
    assert "/sign-in" in answer.location
