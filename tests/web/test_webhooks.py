"""Webhooks in the browser: made, tried, looked at, sent again, switched, renewed, deleted."""

import re

from flask import Flask
from sqlalchemy import select

from tests.callers import Browser
from webapp.database import transaction
from webapp.extensions import db
from webapp.webhooks.models import WebhookDelivery

HOOK = {
    "url": "https://partner.example.com/hooks",
    "kinds": ["invoice.*", "gate.events"],
    "description": "Theirs",
}


def made(browser: Browser) -> str:
    """The page of a new webhook."""
    shown = browser.submit("/webhooks/new", HOOK, 201).text
    assert "whsec_" in shown
    found = re.search(r'href="(/webhooks/[0-9a-f-]{36})"', shown)
    assert found
    return found[1]


def test_a_webhook_is_made_changed_and_deleted(admin_browser: Browser) -> None:
    one = made(admin_browser)
    assert "whsec_" not in admin_browser.open(one)
    admin_browser.submit(f"{one}/edit", HOOK | {"kinds": ["*"], "description": "Ours"})
    assert "Ours" in admin_browser.open("/webhooks")
    assert "whsec_" in admin_browser.submit(f"{one}/rotate", status=200).text
    admin_browser.submit(f"{one}/switch-off")
    assert f"{one}/switch-on" in admin_browser.open(one)
    admin_browser.submit(f"{one}/switch-on")
    admin_browser.submit(f"{one}/delete")
    admin_browser.open(one, 404)


def test_a_test_is_seen_and_what_failed_is_sent_again(app: Flask, admin_browser: Browser) -> None:
    one = made(admin_browser)
    admin_browser.submit(f"{one}/test")
    with app.app_context(), transaction():
        delivery = db.session.scalars(select(WebhookDelivery)).one()
        delivery.status, delivery.detail = "failed", "500 after 0.1 s: <b>oops</b>"
        delivery_id = delivery.id
    page = admin_browser.open(f"{one}?status=failed")
    assert "&lt;b&gt;oops" in page
    admin_browser.submit(f"/webhooks/deliveries/{delivery_id}/replay")
    assert admin_browser.open(f"{one}/detail_rows", htmx=True).count("<tr>") == 3  # the heading's row, too


def test_what_can_t_be_right_is_said_beside_its_field(admin_browser: Browser) -> None:
    page = admin_browser.submit("/webhooks/new", {"url": "ftp://x", "kinds": []}, 422).text
    assert 'id="error-url"' in page
    assert 'id="error-kinds"' in page
