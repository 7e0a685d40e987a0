"""What customers are told: our words, or the house's own, by language and channel."""

from datetime import timedelta
from typing import Annotated

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, Field

from webapp.billing import wording
from webapp.billing.channels import CHANNELS
from webapp.billing.days import today
from webapp.billing.messages import written_day
from webapp.billing.pricing import period_of
from webapp.billing.wording import LANGUAGES, PLACEHOLDERS, Text
from webapp.errors import NotFound
from webapp.identity import ADMIN, VIEWER
from webapp.web import web
from webapp.web.forms import AS_TYPED, Form

ONE = "/dunning/texts/<key>/<channel>/<language>"


class TextIn(BaseModel):
    subject: Annotated[str, Field(max_length=wording.MAX_SUBJECT)]
    body: Annotated[str, Field(max_length=wording.MAX_BODY), AS_TYPED]


@web.page("/dunning/texts", policy=VIEWER)
def dunning_texts() -> str:
    own = wording.own()
    context = {"keys": wording.KEYS, "channels": CHANNELS, "languages": LANGUAGES, "own": own}
    return render_template("dunning/texts.html", **context)


@web.page(f"{ONE}/edit", policy=ADMIN, methods=["GET", "POST"])
def dunning_texts_edit(key: str, channel: str, language: str) -> ResponseReturnValue:
    text = wording.words().get((key, channel, language))
    if text is None:
        raise NotFound()
    form = Form(TextIn, subject=text.subject, body=text.body)
    if form.accept(lambda data: wording.change(key, channel, language, Text(data.subject, data.body))):
        flash(_("Saved."), "success")
        return redirect(url_for("web.dunning_texts"), 303)
    place = {"key": key, "channel": channel, "language": language}
    context = {"example": wording.fill(text, _example(language)), "placeholders": PLACEHOLDERS}
    is_own = (key, channel, language) in wording.own()
    return render_template(
        "dunning/text.html", form_data=form, place=place, is_own=is_own, **context
    ), form.status


@web.page(f"{ONE}/reset", policy=ADMIN, methods=["POST"])
def dunning_texts_reset(key: str, channel: str, language: str) -> ResponseReturnValue:
    wording.reset(key, channel, language)
    flash(_("The text is ours again."), "success")
    return redirect(url_for("web.dunning_texts"), 303)


def _example(language: str) -> dict[str, str]:
    """Somebody to try the text on."""
    due = today() + timedelta(days=3)
    return {
        "name": "John Doe",
        "brand": "Jakinet",
        "number": f"INV-{due:%Y}-001",
        "period": period_of(due),
        "amount": "Rp 555.000",
        "due_on": written_day(due, language),
        "package": "Internet 50Mbps",
        "bank_account": "BCA 123 456 7890",
        "link": "https://example.com/pay/…",
    }
