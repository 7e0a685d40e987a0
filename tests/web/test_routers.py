"""The pages of routers and of ODP ports."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.callers import Browser
from tests.support.factories import Make
from tests.support.routeros import FakeRouter
from webapp.database import transaction
from webapp.extensions import db
from webapp.subscribers import customers, lines, subscriptions
from webapp.subscribers.models import Package
from webapp.subscribers.subscriptions import Terms


@pytest.fixture
def fake() -> Iterator[FakeRouter]:
    with FakeRouter() as router:
        router.profiles.put({"name": "Internet 50Mbps"})
        yield router


def typed(fake: FakeRouter, **fields: str) -> dict[str, str]:
    access = {"host": "127.0.0.1", "port": str(fake.port), "username": fake.user, "password": fake.password}
    return {"name": "BRAS-01", **access, "is_active": "1", **fields}


@pytest.fixture
def router(admin_browser: Browser, fake: FakeRouter) -> str:
    """The router's page."""
    return str(admin_browser.submit("/routers/new", typed(fake)).location)


def give_line(app: Flask, make: Make, router: str, name: str, **fields: Any) -> int:
    customer = make.customer(name=name.title())
    with app.app_context(), transaction():
        if (package := db.session.scalar(db.select(Package))) is not None:
            subscriptions.begin(customers.get_customer(customer), Terms(package.id))
        values = {"pppoe_name": name, "router_id": int(router.rsplit("/", 1)[1]), **fields}
        return lines.create_line(customers.get_customer(customer), values).id


def test_a_router_is_added_shown_changed_and_deleted(
    admin_browser: Browser, viewer_browser: Browser, fake: FakeRouter, router: str
) -> None:
    assert "BRAS-01" in viewer_browser.open("/routers")
    assert "status-neutral" in viewer_browser.open(router)
    page = admin_browser.open(f"{router}/edit")
    assert fake.password not in page
    kept = typed(fake, name="BRAS-02", password="")
    assert admin_browser.submit(f"{router}/edit", kept).location == router
    admin_browser.submit("/routers/check")
    assert "status-success" in viewer_browser.open("/routers/rows")
    assert "fake-router" in viewer_browser.open(router)
    admin_browser.submit(f"{router}/delete")
    assert "empty-state" in viewer_browser.open("/routers")


@pytest.mark.parametrize(
    ("field", "value"), [("host", "http://x"), ("port", "0"), ("pools", "10/99"), ("fingerprint", "x")]
)
def test_what_is_wrong_is_said_beside_it(
    admin_browser: Browser, fake: FakeRouter, field: str, value: str
) -> None:
    page = admin_browser.submit("/routers/new", typed(fake, **{field: value}), 422).text
    assert f'id="error-{field}"' in page


def test_the_password_does_not_go_to_another_address(
    admin_browser: Browser, fake: FakeRouter, router: str
) -> None:
    elsewhere = typed(fake, host="10.9.9.9", password="")
    page = admin_browser.submit(f"{router}/edit", elsewhere, 422).text
    assert 'id="error-password"' in page
    moved = elsewhere | {"router": router.rsplit("/", 1)[1]}
    assert "notice-danger" in admin_browser.submit("/routers/tried", moved, 200, htmx=True).text


def test_a_connection_is_tried_before_it_is_saved_and_its_certificate_pinned(admin_browser: Browser) -> None:
    with FakeRouter(tls=True) as fake:
        form = typed(fake, use_tls="1")
        tried = admin_browser.submit("/routers/tried", form, 200, htmx=True).text
        assert "fake-router" in tried
        assert fake.certificate.fingerprint in tried
        assert "Internet" not in tried
        page = admin_browser.submit("/routers/new", form | {"pin": fake.certificate.fingerprint}).location
        assert fake.certificate.fingerprint.replace(":", "").lower()[:16] in admin_browser.open(page)
        assert (
            "notice-danger"
            in admin_browser.submit("/routers/tried", form | {"password": "x"}, 200, htmx=True).text
        )
        assert "<html" in admin_browser.submit("/routers/tried", form, 200).text


def test_what_has_to_change_is_shown_applied_adopted_and_left_alone(
    app: Flask, make: Make, admin_browser: Browser, fake: FakeRouter, router: str
) -> None:
    make.brand()
    make.package()
    fake.add_secret("citra", comment="rumah biru")
    budi, citra = give_line(app, make, router, "budi"), give_line(app, make, router, "citra")
    shown = admin_browser.open(f"{router}/difference")
    assert f'action="{router}/sync"' in shown
    assert "rumah biru" in shown
    assert "Budi" in admin_browser.open(f"{router}?compare=1")
    admin_browser.submit(f"{router}/sync")
    admin_browser.submit(f"{router}/adopt", {"line": str(citra)})
    assert (fake.secrets.named("citra") or {})["comment"] == f"gerbang:{citra} rumah biru"
    admin_browser.submit(f"{router}/exempt", {"line": str(budi), "exempt": "1"})
    assert "notice-success" in admin_browser.open(f"{router}/difference")
    assert f'action="{router}/exempt"' in admin_browser.open(router)
    admin_browser.submit(f"{router}/exempt", {"line": str(budi)})
    assert f'action="{router}/sync"' in admin_browser.open(f"{router}/difference")
    admin_browser.submit(f"{router}/delete")
    admin_browser.open(router)  # it stays: a line ends at it


def test_a_router_that_is_down_is_said_to_be(admin_browser: Browser, fake: FakeRouter, router: str) -> None:
    fake.unplug()
    assert "notice-danger" in admin_browser.open(f"{router}/difference")
    admin_browser.submit(f"{router}/test")
    assert "status-danger" in admin_browser.open(router)
    assert "notice-danger" in admin_browser.open(f"{router}/state")


def test_odp_ports_in_use_are_listed(app: Flask, make: Make, viewer_browser: Browser, router: str) -> None:
    make.brand()
    give_line(app, make, router, "budi", odp_port="ODP-01/P01")
    assert "ODP-01/P01" in viewer_browser.open("/odps")
    assert "empty-state" in viewer_browser.open("/odps/rows?search=x")
