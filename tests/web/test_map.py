"""What the map asks for: points or clusters, rows, the panel."""

import time
from typing import Any

import pytest
from flask import Flask

from tests.callers import Browser
from tests.conftest import _browser
from tests.support.factories import Make
from tests.web.test_markers import FORM, markers, register
from webapp import audit, create_app
from webapp.accounts.models import Role, User
from webapp.config import ConfigError
from webapp.database import transaction
from webapp.extensions import db
from webapp.kit.geo import cell
from webapp.markers.models import Marker
from webapp.web.map import MAX_POINTS

JAVA = "105,-9,115,-5"


@pytest.fixture
def member_browser(app: Flask, make: Make) -> Browser:
    return _browser(app, make.user("member_b", Role.MEMBER))


def points(browser: Browser, **query: Any) -> dict[str, Any]:
    answer = browser.client.get("/map/points", query_string={"bbox": JAVA, "zoom": 7} | query)
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert len(answer.data) < 500_000
    found: dict[str, Any] = answer.json  # type: ignore[assignment]
    return found


def fill(app: Flask, count: int, name: str = "Rumpun") -> None:
    """Many markers of the viewer, in a grid over Java."""
    with app.app_context(), transaction():
        user = db.session.scalars(db.select(User)).first()
        assert user is not None
        rows = []
        for number in range(count):
            latitude, longitude = -7.9 + number % 100 / 100, 107 + number // 100 / 100
            place = {"latitude": latitude, "longitude": longitude, "cell": cell(latitude, longitude)}
            named = {"name": name, "short_code": f"{number:08}", "creator_id": user.id}
            rows.append(place | named | {"description": "", "strain": "", "quantity": 0})
        db.session.execute(db.insert(Marker), rows, execution_options=audit.UNLOGGED)


def test_the_page_carries_the_map_and_its_table(app: Flask, viewer_browser: Browser) -> None:
    id = register(app, "viewer_b", name="Rumpun satu")
    page = viewer_browser.open("/map")
    assert 'id="map"' in page
    assert "Rumpun satu" in page
    assert f"/map/{id}/panel" in page
    assert 'data-extent="[107.9, -7.2, 107.9, -7.2]"' in page


def test_few_markers_come_as_points(app: Flask, viewer_browser: Browser) -> None:
    id = register(app, "viewer_b", name="Rumpun " + "x" * 90)
    register(app, "viewer_b", latitude=40, longitude=100)
    (point,) = points(viewer_browser)["points"]
    assert point[0] == str(id)
    assert point[3:] == [-7.2, 107.9]
    assert len(point[2]) == 40


def test_many_markers_come_as_clusters_that_lose_none(app: Flask, viewer_browser: Browser) -> None:
    fill(app, MAX_POINTS + 1, name="語" * 100)
    found = points(viewer_browser)
    assert set(found) == {"clusters"}
    assert sum(count for count, _latitude, _longitude in found["clusters"]) == MAX_POINTS + 1
    assert len(found["clusters"]) < 200
    closer = points(viewer_browser, bbox="107,-7.9,107.1,-7.5", zoom=12)
    assert set(closer) == {"points"}
    far_too_fine = points(viewer_browser, zoom=20)
    assert sum(count for count, _latitude, _longitude in far_too_fine["clusters"]) == MAX_POINTS + 1


def test_as_many_points_as_there_may_be_stay_small(app: Flask, viewer_browser: Browser) -> None:
    fill(app, MAX_POINTS, name="語" * 100)
    assert len(points(viewer_browser)["points"]) == MAX_POINTS


def test_filters_narrow_the_map(app: Flask, viewer_browser: Browser) -> None:
    register(app, "viewer_b", name="Alpha", strain="Tali")
    register(app, "viewer_b", name="Beta", strain="Petung")
    assert [row[2] for row in points(viewer_browser, strain="Tali")["points"]] == ["Alpha"]
    assert [row[2] for row in points(viewer_browser, search="bet")["points"]] == ["Beta"]
    assert points(viewer_browser, until="2020-01-01")["points"] == []


def test_a_member_sees_its_own_on_the_map_and_no_gates(
    app: Flask, member_browser: Browser, make: Make
) -> None:
    make.user("other", Role.MEMBER)
    register(app, "other", name="Milik orang")
    assert points(member_browser)["points"] == []
    assert "Milik orang" not in member_browser.open("/map/rows")
    assert member_browser.client.get("/map/gates").status_code == 403
    assert "data-gates" not in member_browser.open("/map")


def test_gates_come_with_their_place_and_todays_count(viewer_browser: Browser, make: Make) -> None:
    make.location()
    placed = make.gate(latitude=-7.2, longitude=107.9)
    make.gate(code="gate02")
    make.tariff(placed)
    make.events(placed, int(time.time()), int(time.time()))
    (gate,) = viewer_browser.client.get("/map/gates").json["gates"]  # type: ignore[index]
    assert gate == {
        "name": "Gate01",
        "location": "Kerkof_01",
        "latitude": -7.2,
        "longitude": 107.9,
        "count": 2,
        "path": "/gates/kerkof_01/gate01",
    }


def test_a_marker_is_added_in_the_panel(app: Flask, member_browser: Browser) -> None:
    form = member_browser.open("/map/new?latitude=-7.5&longitude=108.5", htmx=True)
    assert 'value="-7.5"' in form
    assert 'value="108.5"' in form
    answer = member_browser.submit("/map/new", FORM, 200, htmx=True)
    assert 'id="map-panel"' in answer.text
    assert "markers-changed" in answer.headers["HX-Trigger"]
    assert markers(app)[0].name == "Rumpun 1"
    refused = member_browser.submit("/map/new", FORM | {"latitude": "91"}, 422, htmx=True).text
    assert refused.lstrip().startswith("<form")
    assert 'id="error-latitude"' in refused


def test_a_marker_is_edited_in_the_panel(app: Flask, member_browser: Browser) -> None:
    id = register(app, "member_b", name="Lama")
    assert 'value="Lama"' in member_browser.open(f"/map/{id}/edit", htmx=True)
    answer = member_browser.submit(f"/map/{id}/edit", FORM, 200, htmx=True)
    assert "Rumpun 1" in answer.text
    assert markers(app)[0].name == "Rumpun 1"


def test_only_the_maps_page_may_show_pictures_of_its_tiles_host(environ: dict[str, str]) -> None:
    url = "https://{s}.tile.example.org/{z}/{x}/{y}.png"
    app = create_app(environ | {"MAP_TILES_URL": url, "MAP_TILES_ATTRIBUTION": "© Peta"})
    browser = _browser(app, Make(app).user("tiles", Role.VIEWER))
    page = browser.client.get("/map")
    assert f'data-tiles="{url}"' in page.text
    assert "img-src 'self' data: https://*.tile.example.org;" in page.headers["Content-Security-Policy"]
    other = browser.client.get("/markers").headers["Content-Security-Policy"]
    with app.app_context():
        db.engine.dispose()
    assert "img-src 'self' data:;" in other


@pytest.mark.parametrize(
    "url", ["ftp://x/{z}/{x}/{y}", "https://x/{z}", "https://x; script-src *//{z}/{x}/{y}"]
)
def test_an_address_of_tiles_that_is_none_refuses_to_start(environ: dict[str, str], url: str) -> None:
    with pytest.raises(ConfigError, match="MAP_TILES_URL"):
        create_app(environ | {"MAP_TILES_URL": url})
