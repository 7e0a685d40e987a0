"""The activity log in contract 2's form (Activity Logs Endpoints)."""

import pytest
from flask import Flask

from tests.callers import Ftth
from webapp.audit import Actor, acting
from webapp.database import transaction
from webapp.gates import service as gates
from webapp.kit import clock

LIST = "/api/activity-logs/"


def test_what_somebody_did_is_found_by_who_what_and_when(app: Flask, boss: Ftth) -> None:
    today = clock.today(app.config["GERBANG"].timezone)
    with app.app_context(), acting(Actor("web", user_id=77, name="siti", address="10.0.0.1")), transaction():
        gates.create_location("k1", "Kerkof", "kerkof")
    page = boss.call("GET", f"{LIST}?user_id=77&action=create&start_date={today}&end_date={today}&limit=1")
    [line] = page["data"]
    assert (line["user_id"], line["username"], line["action"]) == (77, "siti", "create")
    assert (line["object_type"], line["object_label"], line["surface"]) == ("locations", "Kerkof", "web")
    assert line["changes"]["name"] == [None, "Kerkof"]
    assert line["timestamp"].endswith("Z")
    assert page["total_count"] >= 1
    assert boss.call("GET", f"{LIST}?user_id=77&end_date=2020-01-01")["total_count"] == 0
    assert boss.call("GET", f"{LIST}?start_date=0001-01-01&end_date=9999-12-31")["total_count"] >= 1


@pytest.mark.parametrize(
    "query", ["start_date=2025-02-30", "start_date=2025-02-02&end_date=2025-02-01", "user_id=0"]
)
def test_odd_questions_are_refused(boss: Ftth, query: str) -> None:
    boss.call("GET", f"{LIST}?{query}", 422)
