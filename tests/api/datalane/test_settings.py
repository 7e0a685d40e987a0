"""Settings (contract 3, D)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.callers import Datalane
from webapp.activity.models import Activity

PATH = "/api/settings"
DOCUMENTED = [
    {"key": "branch_id", "value": "001", "description": "Default Branch ID"},
    {"key": "branch_name", "value": "BALMERA", "description": "Branch Name"},
    {"key": "management_company", "value": "PT Jasa Marga", "description": "Company Name"},
    {"key": "page_size", "value": "A4", "description": "PDF Page Size"},
    {
        "key": "output_filename_format",
        "value": "{branch_id}_{date}",
        "description": "Output Filename Template",
    },
    {"key": "time_overlap", "value": "0", "description": "Time overlap in minutes"},
    {"key": "max_output_age_days", "value": "7", "description": "Auto-delete files older than N days"},
    {"key": "max_concurrent_sessions", "value": "5", "description": "Max admin sessions"},
    {"key": "queue_concurrency", "value": "1", "description": "Parallel queue workers"},
    {"key": "enable_hmac", "value": "true", "description": "Enable/Disable HMAC signature globally"},
]


def test_a_fresh_house_has_the_documents_settings_first(admin: Datalane) -> None:
    listed = admin.get(PATH)["settings"]
    assert listed[: len(DOCUMENTED)] == DOCUMENTED
    assert all(set(row) == {"key", "value", "description"} for row in listed)


def test_the_documents_example_changes_a_setting(admin: Datalane) -> None:
    body = {"key": "max_output_age_days", "value": "14"}
    assert admin.put(PATH, json=body) == body
    assert body | {"description": "Auto-delete files older than N days"} in admin.get(PATH)["settings"]


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("max_output_age_days", 14, "14"),
        ("time_overlap", " 007 ", "7"),
        ("enable_hmac", False, "false"),
        ("enable_hmac", "TRUE", "true"),
        ("page_size", "a5", "A5"),
        ("branch_name", " BALMÉRA ", "BALMÉRA"),
    ],
)
def test_a_value_is_answered_as_it_is_stored(admin: Datalane, key: str, value: Any, stored: str) -> None:
    assert admin.put(PATH, json={"key": key, "value": value}) == {"key": key, "value": stored}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("max_output_age_days", "0"),
        ("max_output_age_days", 1.5),
        ("max_output_age_days", 10**30),
        ("max_output_age_days", ""),
        ("max_output_age_days", None),
        ("max_output_age_days", ["14"]),
        ("page_size", "A9"),
        ("branch_name", "a\x00b"),
        ("branch_name", "x" * 201),
        ("output_filename_format", "../{date}"),
        ("output_filename_format", "{secret}"),
        ("enable_hmac", "maybe"),
    ],
)
def test_an_unfit_value_changes_nothing(admin: Datalane, key: str, value: Any) -> None:
    before = admin.get(PATH)
    assert "value: " in admin.put(PATH, 400, 1002, {"key": key, "value": value})
    assert admin.get(PATH) == before


def test_an_unknown_setting_is_not_found(admin: Datalane) -> None:
    assert admin.put(PATH, 404, 3001, {"key": "colour", "value": "red"}) == "Setting not found"


def test_the_log_remembers_who_changed_what(admin: Datalane, logged: Callable[..., list[Activity]]) -> None:
    admin.put(PATH, json={"key": "page_size", "value": "A5"})
    [line] = logged(object_type="settings")
    assert (line.actor_name, line.object_label, line.door) == ("admin", "page_size", "datalane")
