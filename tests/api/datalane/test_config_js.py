"""`GET /config.js` (contract 3, UI Configuration)."""

from flask import Flask


def test_it_is_a_script_that_says_where_the_api_is(app: Flask) -> None:
    response = app.test_client().get("/config.js")
    assert response.status_code == 200
    assert response.content_type == "text/javascript; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert response.get_data(as_text=True).splitlines() == [
        'window.API_BASE_URL = "/api";',
        'window.APP_CONFIG = {"API_BASE_URL":"/api"};',
    ]
