"""Dunning: who is late, promises and exemptions; reminder rules, texts and messages (in the document's style)."""

from flask import Response

from webapp.api.ftth import envelope, ftth
from webapp.api.ftth import run_presenters as presenters
from webapp.api.ftth import run_schemas as schemas
from webapp.api.ftth.wire import named
from webapp.billing import board, dunning, messages, reminders, wording
from webapp.billing.reminders import RuleIn
from webapp.identity import ADMIN, OPERATOR, VIEWER

PROMISES, RULES, MESSAGES = "/api/dunning/promises", "/api/dunning/rules", "/api/dunning/messages"
EXEMPTION = "/api/dunning/exemptions/<int:customer_id>"
TEXT = "/api/dunning/templates/<key>/<channel>/<language>"
RULE_NAMES = {
    "offset_days": "hari",
    "channel": "saluran",
    "brand_code": "id_brand",
}


@ftth.operation(
    "GET",
    "/api/dunning/overdue",
    policy=VIEWER,
    query=schemas.OverdueQuery,
    returns=schemas.OverdueOut,
    paged=True,
)
def list_overdue(query: schemas.OverdueQuery) -> Response:
    """List overdue invoices, the oldest first."""
    rows, total = board.overdue(query.skip, query.limit, query.umur, query.id_brand)
    return envelope.page([presenters.overdue(row) for row in rows], total, query.skip, query.limit)


@ftth.operation("GET", PROMISES, policy=VIEWER, returns=list[schemas.PromiseOut])
def list_promises() -> Response:
    """The promises that still hold (200 at most)."""
    return envelope.ok([presenters.promise(row.PaymentPromise) for row in board.promises()])


@ftth.operation(
    "POST",
    PROMISES,
    policy=OPERATOR,
    body=schemas.PromiseIn,
    returns=schemas.PromiseOut,
    status=201,
    errors=[404, 409],
)
def create_promise(body: schemas.PromiseIn) -> Response:
    """Write down a promise to pay: no reminders and no suspension before."""
    with named(until="sampai"):
        made = dunning.promise(body.invoice_id, body.sampai, body.catatan)
    return envelope.ok(presenters.promise(made), 201)


@ftth.operation("DELETE", f"{PROMISES}/<int:promise_id>", policy=OPERATOR, status=204, errors=[404])
def delete_promise(promise_id: int) -> Response:
    """The promise no longer counts."""
    dunning.withdraw(promise_id)
    return Response(status=204)


@ftth.operation("PUT", EXEMPTION, policy=OPERATOR, returns=schemas.ExemptionOut, errors=[404])
def create_exemption(customer_id: int) -> Response:
    """Never suspend this customer."""
    dunning.exempt(customer_id)
    return envelope.ok({"pelanggan_id": customer_id, "dikecualikan": True})


@ftth.operation("DELETE", EXEMPTION, policy=OPERATOR, status=204, errors=[404])
def delete_exemption(customer_id: int) -> Response:
    """Suspend this customer as everybody."""
    dunning.exempt(customer_id, never_suspend=False)
    return Response(status=204)


@ftth.operation("GET", RULES, policy=VIEWER, returns=list[schemas.RuleOut])
def list_reminder_rules() -> Response:
    """When reminders go out."""
    return envelope.ok([presenters.rule(row) for row in reminders.rules()])


@ftth.operation(
    "POST",
    RULES,
    policy=ADMIN,
    body=schemas.RuleBody,
    returns=schemas.RuleOut,
    status=201,
    errors=[409],
)
def create_reminder_rule(body: schemas.RuleBody) -> Response:
    """Add a rule; a brand with rules of its own follows only those."""
    with named(**RULE_NAMES):
        return envelope.ok(presenters.rule(reminders.add_rule(_rule(body))), 201)


@ftth.operation(
    "PUT",
    f"{RULES}/<int:rule_id>",
    policy=ADMIN,
    body=schemas.RuleBody,
    returns=schemas.RuleOut,
    errors=[404, 409],
)
def update_reminder_rule(rule_id: int, body: schemas.RuleBody) -> Response:
    """Change a rule."""
    with named(**RULE_NAMES):
        return envelope.ok(presenters.rule(reminders.change_rule(rule_id, _rule(body))))


def _rule(body: schemas.RuleBody) -> RuleIn:
    return RuleIn(body.id_brand, body.hari, body.saluran, body.template, body.aktif)


@ftth.operation("DELETE", f"{RULES}/<int:rule_id>", policy=ADMIN, status=204, errors=[404])
def delete_reminder_rule(rule_id: int) -> Response:
    """Delete a rule."""
    reminders.delete_rule(rule_id)
    return Response(status=204)


@ftth.operation(
    "GET", MESSAGES, policy=VIEWER, query=schemas.MessageQuery, returns=schemas.MessageOut, paged=True
)
def list_messages(query: schemas.MessageQuery) -> Response:
    """List messages to customers, newest first."""
    rows, total = board.messages(query.skip, query.limit, query.status, query.saluran)
    found = [presenters.message(row.OutboxMessage) for row in rows]
    return envelope.page(found, total, query.skip, query.limit)


@ftth.operation(
    "POST",
    f"{MESSAGES}/<int:message_id>/retry",
    policy=OPERATOR,
    returns=schemas.MessageOut,
    errors=[404, 409],
)
def retry_message(message_id: int) -> Response:
    """Send one that failed or was dropped once more."""
    return envelope.ok(presenters.message(messages.retry(message_id)))


@ftth.operation("GET", "/api/dunning/templates", policy=VIEWER, returns=list[schemas.TextOut])
def list_message_templates() -> Response:
    """Every text that customers are sent, ours or your own."""
    own = wording.own()
    found = sorted(wording.words().items())
    return envelope.ok([presenters.text(key, words, key in own) for key, words in found])


@ftth.operation("PUT", TEXT, policy=ADMIN, body=schemas.TextBody, returns=schemas.TextOut, errors=[404])
def update_message_template(key: str, channel: str, language: str, body: schemas.TextBody) -> Response:
    """Replace our words by your own."""
    words = wording.Text(body.subjek, body.isi)
    with named(subject="subjek", body="isi"):
        wording.change(key, channel, language, words)
    return envelope.ok(presenters.text((key, channel, language), words, True))


@ftth.operation("DELETE", TEXT, policy=ADMIN, status=204, errors=[404])
def delete_message_template(key: str, channel: str, language: str) -> Response:
    """Back to our words."""
    wording.reset(key, channel, language)
    return Response(status=204)
