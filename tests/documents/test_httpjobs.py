"""Scheduled HTTP calls, over a real server on this machine: what is sent, who may be called, what is tried again."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from tests.support import reports
from tests.support.partner import Partner, serving
from webapp.database import transaction
from webapp.documents import httpjobs, queries, schedules
from webapp.documents.jobs import run_http_job
from webapp.documents.models import ScheduleRun
from webapp.documents.schedules import Plan
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.kit import clock
from webapp.outgoing import HttpRequest, is_public


@pytest.fixture
def partner() -> Iterator[Partner]:
    with serving() as made:
        yield made


@pytest.fixture
def allowed(app: Flask, partner: Partner, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The partner's host is one that may be called, though it is in the house."""
    reports.configured(app, monkeypatch, HTTP_JOB_PRIVATE_HOSTS=f"{partner.host}, localhost:1")
    return app


def job(url: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "http", "method": "POST", "url": url, "headers": {}, "retries": 0} | fields


def started(app: Flask, payload: dict[str, Any]) -> UUID:
    """A run of a schedule that was just made."""
    with app.app_context(), transaction():
        schedule = schedules.create(Plan("0 0 * * *", payload, name="Call"))
        return schedules.run_now(schedule.id).id


def work(app: Flask, run_id: UUID) -> ScheduleRun:
    with app.app_context():
        run_http_job(str(run_id))
        return run_of(app, run_id)


def run_of(app: Flask, run_id: UUID) -> ScheduleRun:
    with app.app_context():
        return db.session.get_one(ScheduleRun, run_id)


def send(app: Flask, url: str, method: str = "GET") -> httpjobs.HttpResult:
    with app.app_context():
        return httpjobs.send(HttpRequest(method, url))


def test_the_call_is_made_as_it_was_asked_for(allowed: Flask, partner: Partner) -> None:
    headers = {"Authorization": "Bearer secret", "Content-Type": "application/json"}
    url = f"{partner.url}/hook?a=1&b=%20#part"
    run = work(allowed, started(allowed, job(url, headers=headers, body='{"é": 1}')))
    assert run.status == "completed"
    assert run.detail.startswith("200 after ")
    [(method, path, sent, body)] = partner.calls
    assert (method, path, json.loads(body.encode("latin-1").decode() if "Ã" in body else body)) == (
        "POST",
        "/hook?a=1&b=%20",
        {"é": 1},
    )
    assert (sent["Authorization"], sent["Host"]) == ("Bearer secret", partner.host)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500, 503])
def test_whatever_is_no_success_has_failed_and_no_redirect_is_followed(
    allowed: Flask, partner: Partner, status: int
) -> None:
    partner.status, partner.headers = status, {"Location": f"{partner.url}/elsewhere"}
    run = work(allowed, started(allowed, job(f"{partner.url}/hook")))
    assert run.status == "failed"
    assert run.detail.startswith(f"{status} ")
    assert len(partner.calls) == 1


def test_a_failed_attempt_is_repeated_later_as_often_as_it_says(allowed: Flask, partner: Partner) -> None:
    partner.status = 503
    run_id = started(allowed, job(partner.url, retries=2))
    for attempt, wait in ((1, 30), (2, 120)):
        run = work(allowed, run_id)
        assert (run.status, run.attempt) == ("queued", attempt)
        assert run.not_before is not None
        assert abs((run.not_before - clock.now()).total_seconds() - wait) < 5
    partner.status = 200
    assert work(allowed, run_id).status == "completed"
    assert len(partner.calls) == 3


def test_a_run_whose_message_or_worker_was_lost_is_looked_after(allowed: Flask, partner: Partner) -> None:
    run_id = started(allowed, job(partner.url, retries=1))
    redis = allowed.extensions["redis"]
    redis.flushdb()
    with allowed.app_context():
        schedules.tick(clock.now() + timedelta(seconds=61))
        assert redis.llen("rq:queue:default") == 1
        with transaction():
            assert schedules.claim_call(run_id) is not None  # and dies
        schedules.tick(clock.now() + schedules.CALL_LIMIT + timedelta(seconds=1))
    assert run_of(allowed, run_id).status == "queued"
    assert work(allowed, run_id).status == "completed"


def test_a_message_that_comes_twice_calls_once(allowed: Flask, partner: Partner) -> None:
    run_id = started(allowed, job(partner.url))
    for _ in range(3):
        work(allowed, run_id)
    assert len(partner.calls) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.0.0.1:2/",
        "http://example.com/",
        "https://localhost:1/",
        "ftp://localhost:1/",
        "http://user:word@localhost:1/",
        "http://localhost:1:2/",
        "//localhost:1/",
        "http:///x",
        "http://localhost:1/a b",
        "http://localhost:1/\r\nX: y",
        "http://localhost:99999/",
    ],
)
def test_only_hosts_that_the_settings_name_may_be_called(
    allowed: Flask, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    if url.startswith("https"):
        reports.configured(allowed, monkeypatch, HTTP_JOB_PRIVATE_HOSTS="localhost")
    with pytest.raises(Invalid):
        started(allowed, job(url))


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "10.0.0.1", "169.254.169.254", "224.0.0.1"])
def test_a_name_that_leads_into_the_house_is_not_called(
    app: Flask, monkeypatch: pytest.MonkeyPatch, partner: Partner, name: str
) -> None:
    port = partner.server.server_port
    reports.configured(app, monkeypatch, HTTP_JOB_HOSTS=f"{name}:{port}")
    result = send(app, f"http://{name}:{port}/")
    assert not result.good
    assert "private address" in result.detail
    assert partner.calls == []


@pytest.mark.parametrize(
    "address", ["::ffff:10.0.0.1", "::1", "fd00::1", "fe80::1", "2002:0a00:0001::", "100.64.0.1"]
)
def test_private_addresses_are_known_in_every_dress(address: str) -> None:
    import ipaddress

    assert not is_public(ipaddress.ip_address(address))
    assert is_public(ipaddress.ip_address("93.184.215.14"))


@pytest.mark.parametrize(
    "headers",
    [{"Host": "x"}, {"X": "a\r\nY: b"}, {"a b": "c"}, {"Content-Length": "1"}, {"X": "é"}, {"": "x"}],
)
def test_headers_that_would_change_the_call_itself_are_refused(
    allowed: Flask, headers: dict[str, str]
) -> None:
    with pytest.raises(Invalid):
        started(allowed, job("http://localhost:1/", headers=headers))


def test_an_answer_that_never_ends_is_cut_off(
    allowed: Flask, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(httpjobs, "WHOLE_CALL", 0.3)
    partner.drip = 0.05
    began = time.monotonic()
    result = send(allowed, partner.url)
    assert not result.good
    assert time.monotonic() - began < 3


def test_who_is_not_there_has_failed(allowed: Flask) -> None:
    result = send(allowed, "http://localhost:1/")
    assert not result.good
    assert result.detail.startswith("ConnectError")


def test_headers_and_body_are_kept_where_nobody_reads_them(allowed: Flask, partner: Partner) -> None:
    started(allowed, job(partner.url, headers={"Authorization": "Bearer hush"}, body="hush too"))
    with allowed.app_context():
        everything = ["report_schedules", "schedule_runs", "activity_log"]
        written = str([db.session.execute(text(f"SELECT * FROM {table}")).all() for table in everything])
        [schedule] = queries.schedules()
        assert schedules.whole_payload(schedule)["headers"] == {"Authorization": "Bearer hush"}
    assert "hush" not in written


def test_a_mask_that_is_sent_back_leaves_the_header_as_it_was(allowed: Flask, partner: Partner) -> None:
    started(allowed, job(partner.url, headers={"Authorization": "Bearer hush"}))
    changed = job(partner.url, headers={"Authorization": httpjobs.MASK, "X-New": "1"})
    with allowed.app_context(), transaction():
        [schedule] = queries.schedules()
        schedules.change(schedule.id, {"payload": changed})
    with allowed.app_context():
        [schedule] = queries.schedules()
        kept = schedules.whole_payload(schedule)["headers"]
    assert kept == {"Authorization": "Bearer hush", "X-New": "1"}
