"""The company's logo on the settings page."""

import io
import re

from flask import Flask

from tests.callers import Browser
from tests.support import reports
from tests.support.pictures import opened, picture


def send(browser: Browser, data: bytes, name: str = "logo.png") -> None:
    browser.open("/settings")
    answer = browser.submit("/settings/logo", {"logo": (io.BytesIO(data), name)})
    assert answer.location == "/settings#logo"


def test_a_logo_is_sent_seen_and_removed(admin_browser: Browser, viewer_browser: Browser) -> None:
    admin_browser.client.set_cookie("language", "en")
    assert "There is none yet" in admin_browser.open("/settings")
    assert viewer_browser.client.get("/settings/logo").status_code == 404
    send(admin_browser, picture(kind="PNG"))
    page = admin_browser.open("/settings")
    assert "The logo is on every document" in page
    address = re.findall(r"/settings/logo\?v=\w+", page)[0]
    shown = viewer_browser.client.get(address)
    assert (shown.mimetype, opened(shown.data).size) == ("image/png", (600, 450))
    assert "max-age" in shown.headers["Cache-Control"]
    admin_browser.submit("/settings/logo/remove", {})
    assert viewer_browser.client.get(address).status_code == 404


def test_what_is_no_logo_changes_nothing_and_is_said(admin_browser: Browser) -> None:
    admin_browser.client.set_cookie("language", "en")
    for data, said in ((b"GIF89a", "Must be a PNG or JPEG picture"), (b"", "Choose a file.")):
        send(admin_browser, data)
        page = admin_browser.open("/settings")
        assert said in page
        assert "There is none yet" in page


def test_only_an_admin_may_change_it(viewer_browser: Browser) -> None:
    viewer_browser.submit("/settings/logo/remove", {}, 403)


def test_no_list_of_settings_has_it(app: Flask, admin_browser: Browser) -> None:
    send(admin_browser, picture())
    with app.app_context():
        assert "company_logo" not in reports.settings.everything()
