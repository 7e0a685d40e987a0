"""Recounts: proving that a day's totals are what its events say."""

from datetime import date, timedelta
from typing import Annotated

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from pydantic import AfterValidator, BaseModel
from pydantic_core import PydanticCustomError

from webapp import config
from webapp.accounts import queries as accounts
from webapp.gates import recount
from webapp.gates.models import Recount
from webapp.identity import OPERATOR, VIEWER, current_account
from webapp.web import web
from webapp.web.forms import Day, Form


def _begun(day: date) -> date:
    if day > config.today():
        raise PydanticCustomError("future", "in the future")
    return day


class RecountIn(BaseModel):
    day: Annotated[Day, AfterValidator(_begun)]


@web.page("/recounts", policy=VIEWER)
def recounts() -> ResponseReturnValue:
    today = config.today()
    return _overview(Form(RecountIn, day=today - timedelta(days=1)))


@web.page("/recounts", policy=OPERATOR, methods=["POST"])
def recounts_request() -> ResponseReturnValue:
    form = Form(RecountIn)
    if form.accept(lambda data: recount.request(data.day, current_account())):
        return redirect(url_for("web.recounts_detail", recount_id=form.result.id), 303)
    return _overview(form)


def _overview(form: Form[RecountIn]) -> ResponseReturnValue:
    latest = recount.latest(30)
    people = accounts.names(row.requested_by_id for row in latest)
    today = config.today()
    context = {"latest": latest, "people": people, "today": today}
    return render_template("recounts/index.html", form_data=form, **context), form.status


@web.page("/recounts/<int:recount_id>", policy=VIEWER)
def recounts_detail(recount_id: int) -> str:
    return _shown("recounts/detail.html", recount.get(recount_id))


@web.page("/recounts/<int:recount_id>/progress", policy=VIEWER)
def recounts_progress(recount_id: int) -> str:
    return _shown("recounts/_progress.html", recount.get(recount_id))


def _shown(template: str, found: Recount) -> str:
    return render_template(template, recount=found, is_stalled=recount.is_stalled(found))
