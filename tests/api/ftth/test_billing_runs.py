"""The monthly run over the API: a look first, then a start, and where it is."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask

from tests.callers import Ftth
from tests.support.factories import Make
from webapp.billing import run_jobs

PATH = "/api/billing-runs"
JANUARY = {"periode": "2024-01"}


@pytest.fixture(autouse=True)
def _january(app: Flask) -> Iterator[None]:
    with time_machine.travel(datetime(2024, 1, 15, 5, tzinfo=UTC), tick=False):
        yield


def test_a_run_is_previewed_started_and_followed(app: Flask, make: Make, looker: Ftth, staff: Ftth) -> None:
    make.brand()
    make.customer(make.package(), name="Ani")
    make.customer(make.package(name="Gratis", price=0), name="Budi")
    preview = looker.call("GET", f"{PATH}/preview", query_string=JANUARY)
    assert (preview["jumlah_invoice"], preview["total_harga"]) == (1, 500_000)
    assert preview["dilewati"] == {"no_price": 1}
    assert preview["contoh_dilewati"][0]["pelanggan_nama"] == "Budi"
    run = staff.post(f"{PATH}/", 202, JANUARY)
    assert (run["status"], run["total"], run["dibuat_oleh"]) == ("waiting", 2, "clerk")
    staff.post(f"{PATH}/", 409, JANUARY)
    with app.app_context():
        run_jobs.bill(run["id"])
    done = looker.call("GET", f"{PATH}/{run['id']}")
    assert (done["status"], done["diproses"], done["jumlah_invoice"]) == ("done", 2, 1)
    assert looker.call("GET", f"{PATH}/")["data"] == [done]
    staff.post(f"{PATH}/{run['id']}/resume", 409)


@pytest.mark.parametrize("periode", ["2024-3", "2024-13", "2024-03", "x", ""])
def test_a_month_that_is_none_or_far_away_is_refused_by_its_name(staff: Ftth, periode: str) -> None:
    body = staff.post(f"{PATH}/", 422, {"periode": periode})
    assert [fault["field"] for fault in body["detail"]["errors"]] == ["periode"]


def test_who_only_looks_starts_nothing(looker: Ftth) -> None:
    looker.post(f"{PATH}/", 403, JANUARY)
    looker.call("GET", f"{PATH}/00000000-0000-0000-0000-000000000000", 404)
