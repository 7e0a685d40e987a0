"""Maintenance mode, through every door: what is read stays, what is written waits, devices are heard."""

from collections.abc import Callable

import jsonschema_rs
import pytest
from flask import Flask

from tests.callers import Browser, Pair, Retribusi
from tests.support.factories import PASSWORD, Make
from webapp.accounts import settings
from webapp.accounts.models import Role
from webapp.api.surface import READING, Surface
from webapp.database import transaction
from webapp.identity import INGEST

EVENT = {"timestamp": 1703123456, "location_code": "kerkof_01", "gate_code": "gate01", "category": "motor"}


@pytest.fixture
def closed(app: Flask, make: Make) -> Flask:
    """The application in maintenance, with a gate that devices post for."""
    make.location()
    make.tariff(make.gate())
    with app.app_context(), transaction():
        settings.change("maintenance_mode", "true")
        settings.change("maintenance_message", "Back at noon")
    return app


def test_every_surface_refuses_what_writes_in_its_own_words(
    closed: Flask, make: Make, pair: Callable[..., Pair]
) -> None:
    admin = Retribusi(closed.test_client(), token=pair(make.user("chief", Role.ADMIN)).access)
    surfaces = [blueprint for blueprint in closed.blueprints.values() if isinstance(blueprint, Surface)]
    for surface in surfaces:
        writes = [one for one in surface.operations if one.method not in READING and not one.always]
        bare = [one for one in writes if "<" not in one.path and one.policy.role is not None]
        response = admin.raw(bare[0].method, bare[0].path)
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
        jsonschema_rs.validate(surface.dialect.error_schema(503), response.json)
    assert len(surfaces) == 5


def test_only_signing_in_settings_devices_and_the_gateway_may_write(closed: Flask) -> None:
    surfaces = [blueprint for blueprint in closed.blueprints.values() if isinstance(blueprint, Surface)]
    open_ = [one for surface in surfaces for one in surface.operations if one.always]
    others = [one.path for one in open_ if one.policy is not INGEST and one.path != "/api/settings"]
    words = ("login", "logout", "token", "refresh", "xendit-callback")
    assert [path for path in others if not any(word in path for word in words)] == []


def test_what_is_read_stays_and_devices_are_heard(
    closed: Flask, viewer: Retribusi, device: Retribusi
) -> None:
    assert device.raw("POST", "/retribusi/v1/ingest", json=EVENT).status_code == 200
    assert device.raw("POST", "/retribusi/v1/ingest/batch", json=[EVENT]).status_code == 200
    assert viewer.raw("GET", "/retribusi/v1/frontend/locations").status_code == 200
    assert viewer.raw("GET", "/health").status_code == 200


def test_an_admin_signs_in_and_switches_it_off_in_the_browser(
    closed: Flask, make: Make, visitor: Browser
) -> None:
    make.user("chief", Role.ADMIN)
    visitor.submit("/sign-in", {"username": "chief", "password": PASSWORD})
    assert "Back at noon" in visitor.open("/gates")
    refused = visitor.submit("/locations/kerkof_01/deactivate", status=503)
    assert refused.headers["Retry-After"] == "300"
    assert "Back at noon" in refused.get_data(as_text=True)
    visitor.submit("/settings", {"maintenance_mode": "false", "was-maintenance_mode": "true"})
    assert "Back at noon" not in visitor.open("/gates")
