"""Notes about a customer: written and deleted on the customer's page."""

from typing import Annotated

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, Field

from webapp.identity import OPERATOR
from webapp.subscribers import notes
from webapp.web import web
from webapp.web.customerpage import page
from webapp.web.customers import ONE
from webapp.web.forms import Form


class NoteIn(BaseModel):
    body: Annotated[str, Field(max_length=notes.MAX_LENGTH)]


@web.page(f"{ONE}/notes", policy=OPERATOR, methods=["POST"])
def customers_note(customer_id: int) -> ResponseReturnValue:
    form = Form(NoteIn)
    if form.accept(lambda data: notes.add_note(customer_id, data.body)):
        flash(_("Note saved."), "success")
        return _back(customer_id)
    return page(customer_id, "notes", values=form.values, errors=form.errors), form.status


@web.page(f"{ONE}/notes/<int:note_id>/delete", policy=OPERATOR, methods=["POST"])
def customers_note_delete(customer_id: int, note_id: int) -> ResponseReturnValue:
    notes.delete_note(customer_id, note_id)
    flash(_("Note deleted."), "success")
    return _back(customer_id)


def _back(customer_id: int) -> ResponseReturnValue:
    return redirect(url_for("web.customers_detail", customer_id=customer_id, tab="notes"), 303)
