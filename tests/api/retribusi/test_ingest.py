"""POST /retribusi/v1/ingest (contract 1, Ingest)."""

import time
from typing import Any

import pytest
from flask import Flask

from tests.callers import Retribusi
from tests.support.factories import Make

PATH = "/retribusi/v1/ingest"
EXAMPLE = {"timestamp": 1703123456, "location_code": "kerkof_01", "gate_code": "gate01", "category": "motor"}


def event(**changes: Any) -> dict[str, Any]:
    return EXAMPLE | changes


def test_the_documents_example_is_stored(device: Retribusi, make: Make) -> None:
    make.open_gate()
    assert device.post(PATH, json=EXAMPLE) == {"stored": True}


def test_an_event_counts_into_its_own_day_with_its_price(
    device: Retribusi, viewer: Retribusi, make: Make
) -> None:
    make.open_gate()
    device.post(PATH, json=event(timestamp="2025-12-16 23:59:59"))
    rows = viewer.get("/retribusi/v1/summary/daily", date="2025-12-16")
    assert rows == [
        {
            "summary_date": "2025-12-16",
            "location_code": "kerkof_01",
            "gate_code": "gate01",
            "category": "motor",
            "total_count": 1,
            "total_amount": 2000,
        }
    ]
    assert viewer.get("/retribusi/v1/summary/daily", date="2025-12-17") == []


def test_a_retry_with_the_same_event_id_counts_once(device: Retribusi, viewer: Retribusi, make: Make) -> None:
    make.open_gate()
    assert device.post(PATH, json=event(event_id="e-1")) == {"stored": True}
    assert device.post(PATH, json=event(event_id="e-1")) == {"stored": True, "duplicate": True}
    assert device.post(PATH, json=event(), headers={"Idempotency-Key": "e-1"}) == {
        "stored": True,
        "duplicate": True,
    }
    assert viewer.get("/retribusi/v1/summary/daily", date="2023-12-21")[0]["total_count"] == 1


def test_the_same_event_id_at_another_gate_is_another_event(device: Retribusi, make: Make) -> None:
    make.open_gate()
    make.open_gate(code="gate02")
    assert device.post(PATH, json=event(event_id="e-1")) == {"stored": True}
    assert device.post(PATH, json=event(event_id="e-1", gate_code="gate02")) == {"stored": True}


@pytest.mark.parametrize("key", [None, "", "wrong", "clé", "x" * 5000])
def test_a_missing_or_wrong_key_is_unauthorized(app: Flask, make: Make, key: str | None) -> None:
    make.open_gate()
    body = Retribusi(app.test_client(), key=key).post(PATH, 401, json=EXAMPLE)
    assert body["message"] == "Invalid API key"


def test_a_wrong_key_costs_no_look_up_of_its_own(
    app: Flask, device: Retribusi, make: Make, queries: list[str]
) -> None:
    make.open_gate()
    stranger = Retribusi(app.test_client(), key="wrong")
    stranger.post(PATH, 401, json=EXAMPLE)
    queries.clear()
    for _ in range(20):
        stranger.post(PATH, 401, json=EXAMPLE)
    assert [one for one in queries if "SELECT" in one and "catalogue_version" not in one] == []
    assert len([one for one in queries if "SELECT" in one]) <= 1


def test_the_key_is_checked_before_the_body_is_looked_at(stranger: Retribusi) -> None:
    stranger.send(PATH, b"{", "application/json", 401)


def test_a_key_bound_to_a_gate_opens_no_other(app: Flask, make: Make) -> None:
    gate, _ = make.open_gate(), make.open_gate(code="gate02")
    bound = Retribusi(app.test_client(), key=make.key(gate))
    assert bound.post(PATH, json=EXAMPLE) == {"stored": True}
    bound.post(PATH, 403, json=event(gate_code="gate02"))


def test_a_key_with_another_scope_is_forbidden(app: Flask, make: Make) -> None:
    make.open_gate()
    Retribusi(app.test_client(), key=make.key(scope="reports")).post(PATH, 403, json=EXAMPLE)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"location_code": "nowhere"}, "Location not found"),
        ({"gate_code": "gate99"}, "Gate not found"),
        ({"category": "car"}, "Tariff not found"),
    ],
)
def test_what_is_not_there_is_named(
    device: Retribusi, make: Make, changes: dict[str, Any], message: str
) -> None:
    make.location()
    make.tariff(make.gate(), "motor")
    assert device.post(PATH, 404, json=event(**changes))["message"] == message


def test_an_inactive_gate_or_location_takes_no_events(
    device: Retribusi, admin: Retribusi, make: Make
) -> None:
    make.open_gate()
    make.open_gate("pasar", "gate01")
    admin.delete("/retribusi/v1/frontend/gates/kerkof_01/gate01")
    admin.delete("/retribusi/v1/frontend/locations/pasar")
    device.post(PATH, 404, json=EXAMPLE)
    device.post(PATH, 404, json=event(location_code="pasar"))


def test_the_price_is_that_of_the_events_own_time(
    device: Retribusi, operator: Retribusi, viewer: Retribusi, make: Make
) -> None:
    make.open_gate()
    tariff = "/retribusi/v1/frontend/tariffs/kerkof_01/gate01/motor"
    operator.put(tariff, json={"price": 3000, "effective_from": 1_700_000_000})
    device.post(PATH, json=event(timestamp=1_699_999_999))
    device.post(PATH, json=event(timestamp=1_700_000_000))
    operator.put(tariff, json={"price": 9000})
    rows = viewer.get("/retribusi/v1/summary/daily", date="2023-11-15")
    assert [(row["total_count"], row["total_amount"]) for row in rows] == [(2, 2000 + 3000)]


def test_a_price_change_counts_for_the_very_next_event(
    device: Retribusi, operator: Retribusi, viewer: Retribusi, make: Make
) -> None:
    make.open_gate()
    device.post(PATH, json=event())
    operator.put(
        "/retribusi/v1/frontend/tariffs/kerkof_01/gate01/motor",
        json={"price": 7, "effective_from": 1_703_000_000},
    )
    device.post(PATH, json=event())
    assert viewer.get("/retribusi/v1/summary/daily", date="2023-12-21")[0]["total_amount"] == 2007


def test_a_deleted_tariff_leaves_the_past_as_it_was(
    device: Retribusi, admin: Retribusi, viewer: Retribusi, make: Make
) -> None:
    make.open_gate()
    device.post(PATH, json=event())
    admin.delete("/retribusi/v1/frontend/tariffs/kerkof_01/gate01/motor")
    device.post(PATH, 404, json=event())
    assert viewer.get("/retribusi/v1/summary/daily", date="2023-12-21")[0]["total_amount"] == 2000


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"timestamp": None}, "timestamp"),
        ({"timestamp": -1}, "timestamp"),
        ({"timestamp": 1.5}, "timestamp"),
        ({"timestamp": True}, "timestamp"),
        ({"timestamp": 10**30}, "timestamp"),
        ({"timestamp": "2025-02-30 10:00:00"}, "timestamp"),
        ({"timestamp": "2025-12-16 10:00+01"}, "timestamp"),  # an offset that would be ignored
        ({"timestamp": "2025-W01-1 10:00:00"}, "timestamp"),
        ({"timestamp": "2025-12-16 100000.0"}, "timestamp"),
        ({"timestamp": "9999-12-31 23:59:59"}, "timestamp"),
        ({"timestamp": "0001-01-01 00:00:00"}, "timestamp"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": "2025-12-16"}, "timestamp"),
        ({"location_code": ""}, "location_code"),
        ({"location_code": 7}, "location_code"),
        ({"gate_code": "x" * 200}, "gate_code"),
        ({"category": "ox"}, "category"),
        ({"category": ["motor"]}, "category"),
        ({"event_id": ""}, "event_id"),
        ({"event_id": "x" * 101}, "event_id"),
        ({"event_id": "a\x00b"}, "event_id"),
    ],
)
def test_a_wrong_field_is_named(device: Retribusi, make: Make, changes: dict[str, Any], field: str) -> None:
    make.open_gate()
    assert list(device.post(PATH, 422, json=event(**changes))["fields"]) == [field]


def test_every_missing_field_is_named_in_the_documents_words(device: Retribusi) -> None:
    fields = device.post(PATH, 422, json={})["fields"]
    assert fields == dict.fromkeys(EXAMPLE, "Field is required")


def test_the_future_is_refused_beyond_five_minutes(device: Retribusi, make: Make) -> None:
    make.open_gate()
    device.post(PATH, json=event(timestamp=int(time.time()) + 290))
    assert "timestamp" in device.post(PATH, 422, json=event(timestamp=int(time.time()) + 400))["fields"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b"7", b"null", b'"x"', b'{"timestamp": NaN}', b"\xff\xfe", b"[" * 9999]
)
def test_what_is_not_an_object_is_invalid(device: Retribusi, body: bytes) -> None:
    device.send(PATH, body, "application/json", 422)


def test_another_content_type_is_refused(device: Retribusi) -> None:
    device.send(PATH, b"timestamp=1", "application/x-www-form-urlencoded", 415)


def test_a_huge_body_is_refused(device: Retribusi) -> None:
    device.send(PATH, b" " * 2_000_000, "application/json", 413)


def test_a_lone_surrogate_or_nul_is_no_code(device: Retribusi, make: Make) -> None:
    make.open_gate()
    device.send(
        PATH,
        b'{"timestamp":1,"location_code":"\\ud800","gate_code":"g","category":"motor"}',
        "application/json",
        422,
    )
    device.post(PATH, 404, json=event(location_code="a\x00b"))


def test_a_trailing_slash_changes_nothing(device: Retribusi, make: Make) -> None:
    make.open_gate()
    assert device.post(PATH + "/", json=EXAMPLE) == {"stored": True}


def test_a_wrong_method_answers_in_the_surfaces_dialect(device: Retribusi) -> None:
    device.get(PATH, 405)


def test_flask_answers_as_the_fast_lane_does(device: Retribusi, make: Make) -> None:
    make.open_gate()
    lean = device.raw("POST", PATH, json=EXAMPLE)
    slow = device.raw("POST", PATH + "?slow=1", json=EXAMPLE)  # a query string is not for the fast lane
    assert lean.json["data"] == slow.json["data"]  # type: ignore[index]
    assert {name for name, _ in lean.headers} == {name for name, _ in slow.headers}


def test_nan_in_a_field_that_nobody_reads_is_still_no_json(device: Retribusi, make: Make) -> None:
    make.open_gate()
    body = b'{"timestamp":1,"location_code":"kerkof_01","gate_code":"gate01","category":"motor","note":NaN}'
    device.send(PATH, body, "application/json", 422)
