"""Lists of markers: in pages, searched, sorted, filtered, in a box (contract 5)."""

import uuid
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.api.bamboo.test_markers import CLUMP, MARKERS, clump
from tests.callers import Bamboo
from webapp.accounts.models import User
from webapp.database import transaction
from webapp.extensions import db
from webapp.markers import service
from webapp.markers.fields import NewMarker


def pages(caller: Bamboo, **query: Any) -> tuple[list[str], dict[str, int]]:
    body = caller.raw("GET", f"{MARKERS}/paginated", query_string=query).json
    assert body is not None
    assert set(body["meta"]) == {"success", "message", "pagination"}
    return [row["name"] for row in body["data"]], body["meta"]["pagination"]


@pytest.fixture
def grove(app: Flask, siti: Bamboo, office: Bamboo) -> None:
    """Twelve of Siti's on twelve days of March at 23:30, and one of the office's on 1 April, in Jakarta."""
    for day in range(1, 13):
        strain = "Apus" if day % 2 else "Wulung_50%"
        fields = {"name": f"Rumpun {day:02}", "quantity": 20 - day, "strain": strain}
        _plant(app, "siti", f"2026-03-{day:02}T23:30:00+07:00", fields)
    _plant(app, "office", "2026-04-01T00:00:00+07:00", {"name": "Kantor", "strain": "Ori", "quantity": 99})


def _plant(app: Flask, who: str, at: str, fields: dict[str, Any]) -> None:
    columns = NewMarker.model_validate(CLUMP | fields).columns
    with time_machine.travel(at, tick=False), app.app_context(), transaction():
        by = db.session.scalars(db.select(User).filter_by(username=who)).one()
        service.create_marker(columns, by=by)


def test_pages_have_ten_newest_first(grove: None, office: Bamboo) -> None:
    names, about = pages(office)
    assert names[:2] == ["Kantor", "Rumpun 12"]
    assert about == {"current_page": 1, "per_page": 10, "total_items": 13, "total_pages": 2}
    names, about = pages(office, page=2)
    assert names == ["Rumpun 03", "Rumpun 02", "Rumpun 01"]
    assert pages(office, page=3, per_page=100) == (
        [],
        {"current_page": 3, "per_page": 100, "total_items": 13, "total_pages": 1},
    )


@pytest.mark.parametrize(
    ("sort_by", "first", "last"),
    [
        ("name", "Kantor", "Rumpun 12"),
        ("created_at", "Rumpun 01", "Kantor"),
        ("updated_at", "Rumpun 01", "Kantor"),
        ("quantity", "Rumpun 12", "Kantor"),
    ],
)
def test_pages_are_sorted_as_asked(grove: None, office: Bamboo, sort_by: str, first: str, last: str) -> None:
    names, _ = pages(office, sort_by=sort_by, sort_dir="asc", per_page=20)
    assert (names[0], names[-1]) == (first, last)
    names, _ = pages(office, sort_by=sort_by, sort_dir="desc", per_page=20)
    assert (names[0], names[-1]) == (last, first)
    strains, _ = pages(office, sort_by="strain", per_page=20)
    assert len(strains) == 13


def test_pages_are_searched_and_filtered(grove: None, siti: Bamboo, office: Bamboo) -> None:
    assert len(pages(office, search="apus", per_page=50)[0]) == 6
    assert len(pages(office, search="g_50%")[0]) == 6
    assert pages(office, search="%%")[0] == []
    assert pages(office, search="jembatan", strain="Ori")[0] == ["Kantor"]
    assert pages(office, date_from="2026-03-12")[0] == ["Kantor", "Rumpun 12"]
    assert pages(office, date_from="2026-03-05", date_to="2026-03-06")[0] == ["Rumpun 06", "Rumpun 05"]
    assert pages(office, date_to="2026-03-31")[1]["total_items"] == 12
    me = siti.get("/api/v1/auth/me")["id"]
    assert pages(office, creator_id=me)[1]["total_items"] == 12
    assert pages(office, creator_id=str(uuid.uuid4()))[1]["total_items"] == 0
    assert pages(office, bbox="107,-7,108,-6", search="kantor")[1]["total_items"] == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", "0"),
        ("page", "x"),
        ("page", "1" * 30),
        ("per_page", "9"),
        ("per_page", "101"),
        ("sort_by", "password"),
        ("sort_dir", "up"),
        ("date_from", "2025-02-30"),
        ("date_to", "0001-01-01"),
        ("date_to", "20260301"),
        ("creator_id", "1"),
        ("bbox", "1,2,3"),
        ("bbox", "nan,nan,nan,nan"),
        ("bbox", "-200,0,10,10"),
        ("search", "x" * 101),
    ],
)
def test_a_bad_question_is_400_and_named(siti: Bamboo, name: str, value: str) -> None:
    assert list(siti.get(f"{MARKERS}/paginated", 400, **{name: value})["details"]) == [name]


def test_a_nul_in_a_question_is_400(siti: Bamboo) -> None:
    siti.get(f"{MARKERS}/paginated", 400, search="a\0b")


def test_a_box_holds_what_lies_in_it_edges_included(siti: Bamboo) -> None:
    for latitude, longitude in ((-6.9, 107.6), (-6.91, 107.61), (-6.8, 107.6), (-6.9, 107.75), (3.5, 98.6)):
        siti.post(MARKERS, 201, json=clump(latitude=latitude, longitude=longitude))
    found = siti.get(MARKERS, bbox="107.6,-6.95,107.7,-6.9")
    assert {(row["latitude"], row["longitude"]) for row in found} == {("-6.9", "107.6"), ("-6.91", "107.61")}
    assert len(siti.get(MARKERS, bbox="-180,-90,180,90")) == 5
    assert len(siti.get(MARKERS, bbox="90,-10,141,6")) == 5


def test_the_light_list_ends_somewhere_and_says_so(siti: Bamboo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.markers.queries.MAX_LIGHT", 2)
    for name in "abc":
        siti.post(MARKERS, 201, json=clump(name=name))
    body = siti.raw("GET", MARKERS).json
    assert body is not None
    assert [row["name"] for row in body["data"]] == ["c", "b"]
    assert body["meta"]["truncated"] is True
