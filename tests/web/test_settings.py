"""The page of settings."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.callers import Browser
from tests.support.factories import Make
from webapp.accounts import settings
from webapp.accounts.models import Setting
from webapp.accounts.settings import SPECS
from webapp.activity.models import Activity
from webapp.database import transaction
from webapp.extensions import db
from webapp.gates import service as gates
from webapp.gates import shifts
from webapp.kit import clock
from webapp.web.settings import GROUPS

Lines = Callable[..., list[Activity]]


def shown(page: str) -> dict[str, str]:
    """The form as a browser would send it back."""
    fields = dict(re.findall(r'<input[^>]*name="([a-z_-]+)"[^>]*value="([^"]*)"', page))
    for name, options in re.findall(r'<select[^>]*name="([a-z_]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        assert chosen, name
        fields[name] = chosen[1]
    return {name: value for name, value in fields.items() if name not in ("csrf_token", "next")}


def values(app: Flask) -> dict[str, str]:
    with app.app_context():
        return settings.everything()


def test_every_setting_is_on_the_page_once_with_the_contracts_description(
    app: Flask, admin_browser: Browser
) -> None:
    listed = [key for group in GROUPS for key in group.lines]
    assert sorted(listed) == sorted(SPECS)
    admin_browser.client.set_cookie("language", "en")
    page = admin_browser.open("/settings")
    form = shown(page)
    for key, spec in SPECS.items():
        assert form[key] == form[f"was-{key}"] == spec.default
        assert f'<label class="setting-label" for="field-{key}">{spec.description}</label>' in page


def test_what_was_changed_is_saved_and_nothing_else(
    app: Flask, admin_browser: Browser, logged: Lines
) -> None:
    form = shown(admin_browser.open("/settings"))
    answer = admin_browser.submit("/settings", form | {"branch_name": " Garut ", "enable_hmac": "false"})
    assert answer.location == "/settings"
    assert values(app)["branch_name"] == "Garut"
    assert values(app)["enable_hmac"] == "false"
    with app.app_context():
        assert len(db.session.scalars(db.select(Setting)).all()) == 2
    assert {line.object_id for line in logged(object_type="settings")} == {"branch_name", "enable_hmac"}


def test_what_somebody_else_saved_meanwhile_stays(app: Flask, admin_browser: Browser) -> None:
    form = shown(admin_browser.open("/settings"))
    with app.app_context(), transaction():
        settings.change("branch_name", "Theirs")
    admin_browser.submit("/settings", form | {"branch_id": "9"})
    assert values(app)["branch_name"] == "Theirs"
    assert values(app)["branch_id"] == "9"


def test_one_fault_saves_nothing_says_where_and_keeps_what_was_typed(
    app: Flask, admin_browser: Browser
) -> None:
    form = shown(admin_browser.open("/settings"))
    typed = form | {"branch_name": "Garut", "time_overlap": "9999"}
    page = admin_browser.submit("/settings", typed, 422).text
    assert 'id="error-time_overlap"' in page
    assert page.count("field-error") == 1
    assert shown(page) == typed
    assert values(app)["branch_name"] == "BALMERA"
    admin_browser.submit("/settings", shown(page) | {"time_overlap": "15"})
    assert (values(app)["branch_name"], values(app)["time_overlap"]) == ("Garut", "15")


@pytest.mark.parametrize("key", sorted(SPECS))
def test_every_kind_of_fault_has_a_sentence(admin_browser: Browser, key: str) -> None:
    page = admin_browser.submit("/settings", {key: "a\u2028b", f"was-{key}": "x"}, 422).text
    assert re.search(rf'id="error-{key}">[^<]{{10,}}<', page)


def test_a_setting_goes_back_to_its_default_and_other_fields_keep_what_was_typed(
    app: Flask, admin_browser: Browser, logged: Lines
) -> None:
    with app.app_context(), transaction():
        settings.change("branch_name", "Garut")
    form = shown(admin_browser.open("/settings")) | {"branch_id": "77"}
    page = admin_browser.submit("/settings", form | {"default": "branch_name"}, 200).text
    assert shown(page)["branch_name"] == shown(page)["was-branch_name"] == "BALMERA"
    assert shown(page)["branch_id"] == "77"
    assert (values(app)["branch_name"], values(app)["branch_id"]) == ("BALMERA", "001")
    assert [line.action for line in logged(object_id="branch_name")] == ["create", "delete"]
    admin_browser.submit("/settings", shown(page))
    assert values(app)["branch_id"] == "77"


def test_only_what_differs_offers_its_default(app: Flask, admin_browser: Browser) -> None:
    assert 'name="default"' not in admin_browser.open("/settings")
    with app.app_context(), transaction():
        settings.change("branch_name", "Garut")
    assert re.findall(r'name="default" value="(\w+)"', admin_browser.open("/settings")) == ["branch_name"]


def test_it_says_who_changed_a_setting_last(app: Flask, admin_browser: Browser) -> None:
    with app.app_context(), transaction():
        settings.reset("branch_name")
    form = shown(admin_browser.open("/settings"))
    admin_browser.submit("/settings", form | {"queue_concurrency": "3"})
    foot = re.search(r'id="help-queue_concurrency">.*?</p>', admin_browser.open("/settings"), re.DOTALL)
    assert foot
    assert "admin_b" in foot[0]
    assert "type=settings&amp;id=queue_concurrency" in foot[0]


def test_the_example_follows_what_is_typed(admin_browser: Browser) -> None:
    today = re.compile(r"\d{8}\.pdf")
    assert today.search(admin_browser.open("/settings/example?output_filename_format={date}"))
    fragment = admin_browser.open("/settings/example?output_filename_format=R+{branch_id}+{gate_id}")
    assert "R 001 01.pdf" in fragment
    assert 'id="settings-example"' in fragment
    for bad in ("../x", "{nothing}", "", "{date!s:>9999}"):
        fragment = admin_browser.client.get("/settings/example", query_string={"output_filename_format": bad})
        assert fragment.status_code == 200
        assert ".pdf" not in fragment.text


def test_unknown_settings_and_missing_fields_change_nothing(app: Flask, admin_browser: Browser) -> None:
    admin_browser.submit("/settings", {"root": "x"})
    admin_browser.submit("/settings", {"default": "root"}, 404)
    assert values(app) == {key: spec.default for key, spec in SPECS.items()}


@pytest.mark.parametrize("path", ["/settings", "/settings/example"])
def test_only_an_admin_sees_settings(operator_browser: Browser, path: str) -> None:
    operator_browser.open(path, 403)


def test_only_an_admin_changes_settings(app: Flask, operator_browser: Browser) -> None:
    operator_browser.submit("/settings", {"branch_name": "Mine", "was-branch_name": "BALMERA"}, 403)
    assert values(app)["branch_name"] == "BALMERA"


def test_the_company_stands_on_the_shift_receipt(app: Flask, make: Make, operator_browser: Browser) -> None:
    make.open_gate()
    with app.app_context(), transaction():
        settings.change("management_company", "PT Garut & Putra")
        from webapp.accounts.models import User

        user = db.session.scalars(db.select(User)).first()
        assert user
        now = clock.unix()
        gate = gates.get_gate("kerkof_01", "gate01")
        shift_id = shifts.close(gate, now - 60, now, 0, "", user).id
    assert "PT Garut &amp; Putra" in operator_browser.open(f"/shifts/{shift_id}/receipt")
