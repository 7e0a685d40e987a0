"""Style sheets and scripts travel small; pages, which carry secrets, are left alone."""

from flask import Flask


def test_a_style_sheet_is_compressed_for_browsers_that_can_unpack_it(app: Flask) -> None:
    client = app.test_client()
    plain = client.get("/static/css/base.css", headers={"Accept-Encoding": "identity"}, buffered=True)
    packed = client.get("/static/css/base.css", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 2
    assert "Content-Encoding" not in plain.headers


def test_a_page_is_not_compressed(app: Flask) -> None:
    response = app.test_client().get("/sign-in", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in response.headers
