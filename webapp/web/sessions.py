"""Who is signed in now, through which door and from where; ending it."""

import uuid
from typing import Annotated, Any

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import logout_user
from pydantic import BeforeValidator

from webapp.accounts import queries
from webapp.accounts.models import LoginSession
from webapp.accounts.sessions import revoke_session
from webapp.identity import ADMIN, current_visit
from webapp.kit import agents
from webapp.kit.paging import Page
from webapp.web import htmx, lists, web
from webapp.web.forms import Listing, Query

DOORS = ("web", "retribusi", "ftth", "datalane", "scheduler", "bamboo")
PAGE_SIZE = 20


def _id(text: Any) -> int | None:
    text = str(text)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


class SessionListing(Listing):
    door: Annotated[str, BeforeValidator(lambda text: text if text in DOORS else "")] = ""
    user: Annotated[int | None, BeforeValidator(_id)] = None


@web.page("/sessions", policy=ADMIN)
def sessions() -> str:
    doors = [(door, door_name(door)) for door in DOORS]
    return render_template("sessions/index.html", doors=doors, **_listed())


@web.page("/sessions/rows", policy=ADMIN)
def sessions_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("sessions/_rows.html", **_listed()), "web.sessions")


def _listed() -> dict[str, Any]:
    asked = Query(SessionListing).data
    whose = queries.names([asked.user]).get(asked.user or 0)
    return {
        "page": lists.turned(lambda number: _asked_for(asked, number), asked.page),
        "whose": whose and (asked.user, whose),
    }


def _asked_for(asked: SessionListing, number: int) -> Page[LoginSession]:
    return queries.sessions_page(
        number, PAGE_SIZE, user_id=asked.user, surface=asked.door, search=asked.search
    )


@web.page("/sessions/<uuid:session_id>/revoke", policy=ADMIN, methods=["POST"])
def sessions_revoke(session_id: uuid.UUID) -> ResponseReturnValue:
    revoke_session(session_id)
    return after_ending(session_id, lists.back_to("web.sessions"))


def after_ending(session_id: uuid.UUID, back: str) -> ResponseReturnValue:
    """Back to the page; from one's own session that was ended, to the sign-in page."""
    if session_id == current_visit().session_id:
        logout_user()
        session.clear()
        return redirect(url_for("web.sign_in"), 303)
    flash(_("Session ended."), "success")
    return redirect(back, 303)


@web.app_template_filter()
def door_name(surface: str) -> str:
    """What people call the door that a session came in through."""
    names = {
        "web": _("Browser"),
        "retribusi": _("Gates API"),
        "ftth": _("Billing API"),
        "datalane": _("Reports API"),
        "scheduler": _("Accounts API"),
        "bamboo": _("Markers API"),
    }
    return names.get(surface, surface)


@web.app_template_filter()
def device_name(user_agent: str) -> str:
    """The program and system of a session: `Chrome on Android`."""
    program, system = agents.described(user_agent)
    if program and system:
        return _("%(program)s on %(system)s", program=program, system=system)
    return program or system or _("Unknown device")
