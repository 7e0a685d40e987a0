"""Schedules that call another service: their forms. Headers and body are secrets, written here and never read again."""

import uuid
from typing import Annotated, Any, Literal

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from webapp import config
from webapp.documents import schedules as service
from webapp.documents.httpjobs import MASK, METHODS
from webapp.errors import NotFound
from webapp.identity import ADMIN
from webapp.web import web
from webapp.web.forms import AS_TYPED, Form, Text
from webapp.web.schedules import ONE, WhenIn, asked, kept, moment_of, starting_moment

MAX_HEADERS = 30


def _headers(text: Any) -> dict[str, str]:
    """`Name: value`, one a line."""
    lines = [line for line in str(text).splitlines() if line.strip()]
    pairs = [line.partition(":") for line in lines]
    if len(lines) > MAX_HEADERS or not all(colon and name.strip() for name, colon, _value in pairs):
        raise PydanticCustomError("headers", "not Name: value")
    return {name.strip(): value.strip() for name, _colon, value in pairs}


def _body(text: str) -> str:
    """Browsers send lines' ends their own way."""
    if "\0" in text:
        raise PydanticCustomError("unprintable", "unprintable")
    return text.replace("\r\n", "\n")


class CallIn(WhenIn):
    """`headers` or `body` left empty stay as they are, unless they are to be forgotten."""

    method: Literal[METHODS] = "POST"  # type: ignore[valid-type]
    url: Annotated[Text, Field(max_length=2_000)]
    headers: Annotated[dict[str, str], BeforeValidator(_headers)] = Field(default_factory=dict)
    body: Annotated[str, AS_TYPED, Field(max_length=100_000), AfterValidator(_body)] = ""
    retries: Annotated[int, Field(ge=0, le=4)] = 3
    forget_headers: Literal["1"] | None = None
    forget_body: Literal["1"] | None = None

    def payload(self) -> dict[str, Any]:
        return {"kind": "http", **self.model_dump(include={"method", "url", "headers", "body", "retries"})}

    def changed(self, masked: dict[str, Any]) -> service.Plan:
        """The plan of a schedule whose secrets, masked, are those."""
        plan, payload = self.plan(), self.payload()
        if not self.headers and not self.forget_headers:
            payload["headers"] = masked.get("headers", {})
        if not self.body and not self.forget_body:
            payload["body"] = masked.get("body", "")
        return service.Plan(**{**vars(plan), "payload": payload})


@web.page("/schedules/call", policy=ADMIN, methods=["GET", "POST"])
def schedules_call() -> ResponseReturnValue:
    """A new one."""
    form = Form(CallIn, method="POST", retries=3, **starting_moment())
    if form.accept(lambda data: kept(lambda: service.create(data.plan()))):
        flash(_("Schedule created."), "success")
        return redirect(url_for("web.schedules_detail", schedule_id=form.result.id), 303)
    return asked("schedules/call.html", form, **_offered())


@web.page(f"{ONE}/call", policy=ADMIN, methods=["GET", "POST"])
def schedules_call_edit(schedule_id: uuid.UUID) -> ResponseReturnValue:
    schedule = service.get(schedule_id)
    if not schedule.is_http:
        raise NotFound()
    masked = service.masked_payload(schedule)
    known = {name: masked[name] for name in ("method", "url", "retries") if name in masked}
    form = Form(CallIn, **known, **moment_of(schedule))
    if form.accept(lambda data: kept(lambda: service.change(schedule_id, vars(data.changed(masked))))):
        flash(_("Saved."), "success")
        return redirect(url_for("web.schedules_detail", schedule_id=schedule_id), 303)
    has = {"headers": bool(masked.get("headers")), "body": masked.get("body") == MASK}
    return asked("schedules/call_edit.html", form, schedule=schedule, has=has, **_offered())


def _offered() -> dict[str, Any]:
    """What may be called, and how."""
    known = config.current()
    listed = f"{known.HTTP_JOB_HOSTS},{known.HTTP_JOB_PRIVATE_HOSTS}".split(",")
    return {
        "methods": [(one, one) for one in METHODS],
        "hosts": sorted({host.strip() for host in listed if host.strip()}),
        "retry_choices": [(count, str(count)) for count in range(5)],
    }
