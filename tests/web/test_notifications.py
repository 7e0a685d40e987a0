"""The bell and the page of notifications."""

from flask import Flask
from sqlalchemy import select

from tests.callers import Browser
from webapp.database import transaction
from webapp.extensions import db
from webapp.notifications.models import Notification
from webapp.notifications.service import notify


def tell(app: Flask, *kinds: str) -> list[int]:
    with app.app_context(), transaction():
        for kind in kinds:
            notify(kind, f"About {kind}", {"nomor_invoice": "INV-1", "pelanggan_nama": "<i>John</i>"})
    with app.app_context():
        return list(db.session.scalars(select(Notification.id).order_by(Notification.id)))


def test_every_page_has_a_bell_that_counts_what_is_unread(app: Flask, viewer_browser: Browser) -> None:
    ids = tell(app, "system", "new_invoice")
    page = viewer_browser.open("/events")
    assert f'data-bell="{ids[-1]}"' in page
    assert "<span data-bell-number>2</span>" in page
    latest = viewer_browser.open("/notifications/latest", htmx=True)
    assert "INV-1 · &lt;i&gt;John" in latest
    assert latest.index("About new_invoice") < latest.index("About system")


def test_they_are_narrowed_and_marked_as_read(app: Flask, viewer_browser: Browser) -> None:
    first, _second, _third = tell(app, "system", "new_invoice", "import_finished")
    viewer_browser.submit(f"/notifications/{first}/read")
    unread = viewer_browser.open("/notifications?state=unread")
    assert "About system" not in unread
    assert "About new_invoice" in unread
    assert "About new_invoice" not in viewer_browser.open("/notifications/rows?kind=system", htmx=True)
    viewer_browser.submit("/notifications/read")
    assert "About" not in viewer_browser.open("/notifications?state=unread")


def test_what_others_were_told_is_not_there(app: Flask, operator_browser: Browser) -> None:
    operator_browser.submit("/notifications/1/read", status=404)
