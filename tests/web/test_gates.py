"""The pages of gates."""

import io

import pytest
from python_calamine import CalamineWorkbook

from tests.callers import Browser
from tests.support.factories import Make
from webapp.kit import clock

NEW = {"location": "kerkof_01", "code": "gate01", "name": "Gerbang", "direction": "in"}


def test_an_operator_creates_a_gate_with_its_place(operator_browser: Browser, make: Make) -> None:
    make.location()
    form = NEW | {"latitude": "-7,21583300", "longitude": "107.900833"}
    assert operator_browser.submit("/gates/new", form).location == "/gates/kerkof_01/gate01"
    page = operator_browser.open("/gates/kerkof_01/gate01")
    assert "-7.21583, 107.90083" in page


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "ä"}, "code"),
        ({"direction": "up"}, "direction"),
        ({"latitude": "95", "longitude": "1"}, "latitude"),
        ({"latitude": "1"}, "longitude"),
        ({"latitude": "north", "longitude": "1"}, "latitude"),
        ({"latitude": "NaN", "longitude": "1"}, "latitude"),
        ({"latitude": "1.123456789", "longitude": "1"}, "latitude"),
        ({"name": "x" * 151}, "name"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    operator_browser: Browser, make: Make, change: dict[str, str], field: str
) -> None:
    make.location()
    assert f'id="error-{field}"' in operator_browser.submit("/gates/new", NEW | change, 422).text


def test_a_taken_code_is_a_message_beside_the_code(operator_browser: Browser, make: Make) -> None:
    make.open_gate()
    assert 'id="error-code"' in operator_browser.submit("/gates/new", NEW, 409).text


def test_a_place_can_be_cleared(operator_browser: Browser, make: Make) -> None:
    make.location()
    operator_browser.submit("/gates/new", NEW | {"latitude": "1", "longitude": "2"})
    operator_browser.submit("/gates/kerkof_01/gate01/edit", {"name": "G", "direction": "out"})
    assert "1.00000, 2.00000" not in operator_browser.open("/gates/kerkof_01/gate01")


def test_a_row_turns_into_a_form_and_back(operator_browser: Browser, make: Make) -> None:
    make.open_gate()
    form = operator_browser.open("/gates/kerkof_01/gate01/edit", htmx=True)
    assert form.lstrip().startswith("<tr")
    change = {"name": "Baru", "direction": "both"}
    row = operator_browser.submit("/gates/kerkof_01/gate01/edit", change, 200, htmx=True)
    assert 'id="gates-row-kerkof_01-gate01"' in row.text
    assert "Baru" in row.text


def test_filters_narrow_the_list(viewer_browser: Browser, make: Make) -> None:
    make.open_gate("kerkof_01", "gate01")
    make.open_gate("pasar_01", "gate07")
    found = viewer_browser.open("/gates/rows?location=pasar_01")
    assert "gate07" in found
    assert "gate01" not in found


def test_a_gates_page_shows_its_day(viewer_browser: Browser, make: Make) -> None:
    gate = make.open_gate()
    make.events(gate, clock.unix(), clock.unix())
    page = viewer_browser.open("/gates/kerkof_01/gate01")
    assert "Rp 4.000" in page
    assert "/keys/new" not in page


def test_an_unknown_gate_is_not_found(viewer_browser: Browser) -> None:
    viewer_browser.open("/gates/no/where", 404)


def test_a_viewer_can_not_write_and_an_operator_not_deactivate(
    viewer_browser: Browser, operator_browser: Browser, make: Make
) -> None:
    make.open_gate()
    viewer_browser.submit("/gates/new", NEW, 403)
    viewer_browser.submit("/gates/kerkof_01/gate01/edit", {"name": "x"}, 403)
    operator_browser.submit("/gates/kerkof_01/gate01/deactivate", status=403)


def test_deactivating_keeps_the_filters_of_the_list(admin_browser: Browser, make: Make) -> None:
    make.open_gate()
    form = {"csrf_token": admin_browser.csrf_token()}
    referrer = {"Referer": "http://localhost/gates?search=gate"}
    answer = admin_browser.client.post("/gates/kerkof_01/gate01/deactivate", data=form, headers=referrer)
    assert answer.location == "/gates?search=gate"
    elsewhere = {"Referer": "http://evil.example/elsewhere?x=1"}
    answer = admin_browser.client.post("/gates/kerkof_01/gate01/reactivate", data=form, headers=elsewhere)
    assert answer.location == "/gates"


def test_the_export_has_places_and_times(viewer_browser: Browser, make: Make) -> None:
    gate = make.open_gate()
    make.events(gate, clock.unix())
    data = viewer_browser.client.get("/gates/export.xlsx", buffered=True).data
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert rows[1][:4] == ["kerkof_01", "gate01", "Gate01", "in"]
    assert rows[1][6].year >= 2024
