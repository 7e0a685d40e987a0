"""Routers: how they are, and whether they have what they should have."""

from collections.abc import Callable
from typing import Annotated, Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from pydantic import BaseModel, Field

from webapp.database import MAX_ID
from webapp.errors import Conflict
from webapp.identity import ADMIN, OPERATOR, VIEWER
from webapp.kit.paging import Page
from webapp.subscribers import lines
from webapp.subscribers.models import RouterState
from webapp.subscribers.routers import jobs, reconcile, service
from webapp.subscribers.routers.errors import RouterBusy, RouterError
from webapp.web import lists, web
from webapp.web.forms import Listing, Query, Word, validated

ONE = "/routers/<int:router_id>"
PAGE_SIZE = 50
LIVE = 2.5  # seconds that looking at all of them may take
SHOWN = 200  # differences on one page


class Chosen(BaseModel):
    """A line of the router; none: all of them."""

    line: Annotated[int | None, Field(ge=1, le=MAX_ID)] = None


class Exempted(BaseModel):
    line: Annotated[int, Field(ge=1, le=MAX_ID)]
    exempt: Word = ""


@web.page("/routers", policy=VIEWER)
def routers() -> str:
    return render_template("routers/index.html", **_listed())


@web.page("/routers/rows", policy=VIEWER)
def routers_rows() -> str:
    """Asked for again and again, so that the page shows how routers are."""
    return render_template("routers/_rows.html", **_listed())


def _listed() -> dict[str, Any]:
    asked = Query(Listing).data
    return {"page": lists.turned(lambda number: _asked_for(asked.search, number), asked.page)}


def _asked_for(search: str, number: int) -> Page[service.Overview]:
    found, total = service.overviews(search=search, skip=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return Page(found, number, PAGE_SIZE, total)


@web.page("/routers/check", policy=OPERATOR, methods=["POST"])
def routers_check() -> ResponseReturnValue:
    """Look at all of them now, for as long as a reader waits gladly."""
    jobs.check_now(LIVE)
    return redirect(url_for("web.routers"), 303)


@web.page(ONE, policy=VIEWER)
def routers_detail(router_id: int) -> str:
    """`?compare=1` compares at once, for those without JavaScript."""
    compared = _compared(router_id) if request.args.get("compare") else {}
    [one], _total = service.overviews(router_id=service.get_router(router_id).id)
    return render_template(
        "routers/detail.html", one=one, router=one.router, exempt=service.exempt_lines(router_id), **compared
    )


@web.page(f"{ONE}/state", policy=VIEWER)
def routers_state(router_id: int) -> str:
    [one], _total = service.overviews(router_id=service.get_router(router_id).id)
    return render_template("routers/_state.html", one=one, router=one.router)


@web.page(f"{ONE}/difference", policy=VIEWER)
def routers_difference(router_id: int) -> str:
    router = service.get_router(router_id)
    compared = _compared(router_id)
    return render_template("routers/_difference.html", router=router, **compared)


def _compared(router_id: int) -> dict[str, Any]:
    try:
        found, wanted = reconcile.compare(service.get_router(router_id).id)
    except RouterError as error:
        return {"trouble": router_words(str(error))}
    return {"difference": found, "wanted": wanted, "shown": SHOWN}


@web.page(f"{ONE}/sync", policy=OPERATOR, methods=["POST"])
def routers_sync(router_id: int) -> ResponseReturnValue:
    service.request_sync(router_id)
    flash(_("The router is being brought in step."), "success")
    return _back(router_id)


@web.page(f"{ONE}/test", policy=OPERATOR, methods=["POST"])
def routers_test(router_id: int) -> ResponseReturnValue:
    return _attempt(router_id, lambda: _tested(service.test_router(router_id)))


def _tested(tried: service.Tried) -> str:
    if tried.missing_profiles:
        missing = ", ".join(tried.missing_profiles)
        return _("It answers, but has no profile called: %(missing)s.", missing=missing)
    return _(
        "It answers: %(name)s, RouterOS %(version)s.", name=tried.health.name, version=tried.health.version
    )


@web.page(f"{ONE}/adopt", policy=ADMIN, methods=["POST"])
def routers_adopt(router_id: int) -> ResponseReturnValue:
    chosen = validated(Chosen, request.form).line
    return _attempt(
        router_id, lambda: _adopted(service.adopt(router_id, None if chosen is None else [chosen]))
    )


def _adopted(outcome: reconcile.Outcome) -> str:
    for refusal in list(outcome.refused.values())[:1]:
        flash(router_words(refusal.message), "danger")
    return ngettext("%(num)d secret is ours now.", "%(num)d secrets are ours now.", outcome.written)


@web.page(f"{ONE}/exempt", policy=ADMIN, methods=["POST"])
def routers_exempt(router_id: int) -> ResponseReturnValue:
    """Leave a line alone, or look after it again."""
    asked = validated(Exempted, request.form)
    if lines.get_line(asked.line).router_id != router_id:
        raise Conflict("This customer's line ends at another router")
    lines.update_line(asked.line, {"sync_exempt": asked.exempt == "1"})
    flash(_("Saved."), "success")
    return _back(router_id)


@web.page(f"{ONE}/delete", policy=ADMIN, methods=["POST"])
def routers_delete(router_id: int) -> ResponseReturnValue:
    try:
        service.delete_router(router_id)
    except Conflict as refusal:
        flash(_(refusal.message), "danger")
        return _back(router_id)
    flash(_("Router deleted. What it has stays there."), "success")
    return redirect(url_for("web.routers"), 303)


def _attempt(router_id: int, act: Callable[[], str]) -> ResponseReturnValue:
    """Do what a router may refuse, and say how it went."""
    try:
        flash(act(), "success")
    except (RouterError, RouterBusy) as trouble:
        flash(router_words(trouble.message), "danger")
    return _back(router_id)


def _back(router_id: int) -> ResponseReturnValue:
    return redirect(url_for("web.routers_detail", router_id=router_id), 303)


@web.app_template_filter()
def router_words(trouble: str) -> str:
    """What went wrong, in the reader's language; what a router itself said behind it stays as it is."""
    sentence, colon, said = trouble.partition(": ")
    return f"{_(sentence)}{colon}{said}" if sentence else ""


@web.app_template_global()
def router_state(state: RouterState, is_active: bool) -> tuple[str, str]:
    """What a router's state is called, and how its badge looks."""
    if not is_active:
        return _("Switched off"), "neutral"
    words = {"up": (_("Online"), "success"), "down": (_("Offline"), "danger")}
    return words.get(state.status, (_("Not looked at yet"), "neutral"))
