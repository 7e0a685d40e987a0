"""Distribution points (ODP), and whose their ports are."""

from functools import partial
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from webapp.identity import VIEWER
from webapp.subscribers import odps as service
from webapp.web import htmx, lists, web
from webapp.web.forms import Listing, Query

PAGE_SIZE = 30


@web.page("/odps", policy=VIEWER)
def odps() -> str:
    return render_template("odps/index.html", **_listed())


@web.page("/odps/rows", policy=VIEWER)
def odps_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("odps/_rows.html", **_listed()), "web.odps")


def _listed() -> dict[str, Any]:
    asked = Query(Listing).data
    return {"page": lists.sliced(partial(service.taken, search=asked.search.strip()), asked.page, PAGE_SIZE)}
