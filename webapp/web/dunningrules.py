"""When reminders go out, and what became of each message: rules and the outbox."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext, ngettext
from flask_babel import gettext as _
from pydantic import BaseModel, BeforeValidator, Field

from webapp.billing import board, messages, reminders
from webapp.billing.channels import CHANNELS, is_configured
from webapp.billing.messages import STATES
from webapp.billing.process_models import DunningRule
from webapp.billing.reminders import MOST_DAYS, RuleIn
from webapp.billing.wording import REMINDERS
from webapp.errors import Conflict
from webapp.identity import ADMIN, OPERATOR, VIEWER
from webapp.subscribers import catalogue
from webapp.web import htmx, lists, web
from webapp.web.forms import Form, PageNumber, Query, Word

ONE = "/dunning/rules/<int:rule_id>"
PAGE_SIZE = 20
CHANNEL_NAMES: Mapping[str, str] = {"email": "E-mail", "whatsapp": "WhatsApp"}
TEXT_NAMES: Mapping[str, LazyString] = {
    "invoice_issued": lazy_gettext("New invoice"),
    "reminder_before": lazy_gettext("Reminder before the due date"),
    "reminder_due": lazy_gettext("Reminder on the due date"),
    "reminder_after": lazy_gettext("Reminder after the due date"),
    "reminder_last": lazy_gettext("Last reminder"),
    "service_suspended": lazy_gettext("Service suspended"),
    "service_restored": lazy_gettext("Service restored"),
}
STATE_NAMES: Mapping[str, tuple[LazyString, str]] = {
    "waiting": (lazy_gettext("Waiting"), "info"),
    "sent": (lazy_gettext("Sent"), "success"),
    "failed": (lazy_gettext("Failed"), "danger"),
    "dropped": (lazy_gettext("Not sent"), "neutral"),
}


class RuleForm(BaseModel):
    brand: Word | None = None
    offset_days: Annotated[int, Field(ge=-MOST_DAYS, le=MOST_DAYS)]
    channel: Word
    template: Word
    active: bool = False

    @property
    def wanted(self) -> RuleIn:
        return RuleIn(self.brand, self.offset_days, self.channel, self.template, self.active)


@web.page("/dunning/rules", policy=VIEWER)
def dunning_rules() -> str:
    return render_template("dunning/rules.html", rules=reminders.rules())


@web.page("/dunning/rules/new", policy=ADMIN, methods=["GET", "POST"])
def dunning_rules_new() -> ResponseReturnValue:
    form = Form(RuleForm, conflict=("offset_days", ""), active="1", offset_days=3, template="reminder_after")
    if form.accept(lambda data: reminders.add_rule(data.wanted)):
        flash(_("Rule created."), "success")
        return redirect(url_for("web.dunning_rules"), 303)
    return render_template("dunning/rule.html", rule=None, form_data=form, **_choices()), form.status


@web.page(f"{ONE}/edit", policy=ADMIN, methods=["GET", "POST"])
def dunning_rules_edit(rule_id: int) -> ResponseReturnValue:
    rule = reminders.get_rule(rule_id)
    form = Form(RuleForm, conflict=("offset_days", ""), **_values(rule))
    if form.accept(lambda data: reminders.change_rule(rule_id, data.wanted)):
        flash(_("Saved."), "success")
        return redirect(url_for("web.dunning_rules"), 303)
    return render_template("dunning/rule.html", rule=rule, form_data=form, **_choices()), form.status


@web.page(f"{ONE}/delete", policy=ADMIN, methods=["POST"])
def dunning_rules_delete(rule_id: int) -> ResponseReturnValue:
    reminders.delete_rule(rule_id)
    flash(_("Rule deleted."), "success")
    return redirect(url_for("web.dunning_rules"), 303)


def _values(rule: DunningRule) -> dict[str, Any]:
    return {
        "brand": rule.brand_code or "",
        "offset_days": rule.offset_days,
        "channel": rule.channel,
        "template": rule.template,
        "active": rule.is_active,
    }


def _choices() -> dict[str, Any]:
    brands = [(brand.code, brand.name) for brand in catalogue.brands()]
    return {
        "brands": [("", _("All brands without rules of their own")), *brands],
        "channels": [(channel, channel_name(channel)) for channel in CHANNELS],
        "texts": [(key, text_name(key)) for key in REMINDERS],
    }


class OutboxListing(BaseModel):
    """The filters in the address; nonsense counts as none."""

    status: Annotated[str | None, BeforeValidator(lambda text: text if text in STATES else None)] = None
    channel: Annotated[str | None, BeforeValidator(lambda text: text if text in CHANNELS else None)] = None
    page: PageNumber = 1


@web.page("/dunning/messages", policy=VIEWER)
def dunning_messages() -> str:
    missing = [channel_name(channel) for channel in CHANNELS if not is_configured(channel)]
    states = [(state, str(STATE_NAMES[state][0])) for state in STATES]
    channels = [(channel, channel_name(channel)) for channel in CHANNELS]
    context = {"missing": missing, "states": states, "channels": channels}
    return render_template("dunning/messages.html", **context, **_outbox())


@web.page("/dunning/messages_rows", policy=VIEWER)
def dunning_messages_rows() -> ResponseReturnValue:
    return htmx.rows(render_template("dunning/_messages_rows.html", **_outbox()), "web.dunning_messages")


def _outbox() -> dict[str, Any]:
    asked = Query(OutboxListing).data
    wanted = partial(board.messages, status=asked.status, channel=asked.channel)
    return {"page": lists.sliced(wanted, asked.page, PAGE_SIZE)}


@web.page("/dunning/messages/<int:message_id>/retry", policy=OPERATOR, methods=["POST"])
def dunning_messages_retry(message_id: int) -> ResponseReturnValue:
    try:
        messages.retry(message_id)
        flash(_("It will be sent again."), "success")
    except Conflict as refusal:
        flash(_(refusal.message), "danger")
    return redirect(lists.back_to("web.dunning_messages"), 303)


@web.app_template_filter()
def channel_name(channel: str) -> str:
    return CHANNEL_NAMES.get(channel, channel)


@web.app_template_filter()
def text_name(key: str) -> str:
    """What a message is about."""
    return str(TEXT_NAMES.get(key, key))


@web.app_template_global()
def message_state(status: str) -> tuple[str, str]:
    """What it is called and how it looks."""
    name, level = STATE_NAMES[status]
    return str(name), level


@web.app_template_filter()
def days_from_due(days: int) -> str:
    """`-3`: 3 days before the due date."""
    if days == 0:
        return _("on the due date")
    if days < 0:
        return ngettext("%(num)s day before the due date", "%(num)s days before the due date", -days)
    return ngettext("%(num)s day after the due date", "%(num)s days after the due date", days)
