"""What the gateway told us, and where the books disagree: the inbox of callbacks, and the reconciliation."""

import json
from functools import partial
from typing import Annotated, Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from pydantic import BeforeValidator

from webapp.billing import callbacks as inbox
from webapp.billing import checks, links
from webapp.identity import ADMIN, OPERATOR
from webapp.queue import enqueue
from webapp.web import htmx, lists, web
from webapp.web.forms import Listing, Query, Word

ONE = "/callbacks/<int:callback_id>"
PAGE_SIZE = 20
STATES: dict[str, tuple[LazyString, str]] = {
    inbox.WAITING: (lazy("Waiting"), "info"),
    inbox.APPLIED: (lazy("Applied"), "success"),
    inbox.IGNORED: (lazy("Nothing to do"), "neutral"),
    inbox.REJECTED: (lazy("Needs a look"), "danger"),
}


class CallbackListing(Listing):
    status: Annotated[str | None, BeforeValidator(lambda text: text if text in STATES else None)] = None
    invoice: Word = ""


@web.page("/callbacks", policy=OPERATOR)
def callbacks() -> str:
    choices = [(state, text) for state, (text, _level) in STATES.items()]
    return render_template("callbacks/index.html", choices=choices, **_listed())


@web.page("/callbacks/rows", policy=OPERATOR)
def callbacks_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("callbacks/_rows.html", **_listed()), "web.callbacks")


def _listed() -> dict[str, Any]:
    asked = Query(CallbackListing).data
    found = partial(inbox.inbox, asked.status, asked.invoice)
    return {"page": lists.sliced(found, asked.page, PAGE_SIZE), "states": STATES}


@web.page(ONE, policy=OPERATOR)
def callbacks_detail(callback_id: int) -> str:
    callback = inbox.get(callback_id)
    return render_template(
        "callbacks/detail.html", callback=callback, body=_indented(callback.body), states=STATES
    )


def _indented(body: str) -> str:
    """What came, for reading; as it is, when it is beyond us."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body


@web.page(f"{ONE}/replay", policy=ADMIN, methods=["POST"])
def callbacks_replay(callback_id: int) -> ResponseReturnValue:
    callback = inbox.replay(callback_id)
    level = "success" if callback.status != inbox.REJECTED else "warning"
    flash(callback.detail or _("Applied."), level)
    return redirect(url_for("web.callbacks_detail", callback_id=callback_id), 303)


@web.page("/reconciliation", policy=OPERATOR)
def reconciliation() -> str:
    """Where ledger, invoices and gateway disagree, and which payment links are stuck."""
    return render_template(
        "callbacks/reconciliation.html", findings=checks.open_findings(), stuck=links.stuck(), links=links
    )


@web.page("/reconciliation/check", policy=OPERATOR, methods=["POST"])
def reconciliation_check() -> ResponseReturnValue:
    from webapp.billing.jobs import check_books

    enqueue(check_books)
    flash(_("The books are being checked; this page shows what is found."), "info")
    return redirect(url_for("web.reconciliation"), 303)
