"""What customers are told: our own words in two languages, which an admin may replace.

A text has placeholders such as {name}, and nothing else that does anything: templates from the database are filled in,
never run. A line whose placeholders all come to nothing is left out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from webapp.billing.channels import CHANNELS
from webapp.billing.process_models import MessageTemplate
from webapp.errors import Invalid, NotFound
from webapp.extensions import db

LANGUAGES = ("id", "en")
ISSUED, SUSPENDED, RESTORED = "invoice_issued", "service_suspended", "service_restored"
REMINDERS = ("reminder_before", "reminder_due", "reminder_after", "reminder_last")
KEYS = (ISSUED, *REMINDERS, SUSPENDED, RESTORED)
PLACEHOLDERS = ("name", "brand", "number", "period", "amount", "due_on", "package", "bank_account", "link")
MAX_SUBJECT, MAX_BODY = 200, 4_000
_PLACEHOLDER = re.compile(r"\{([A-Za-z_]{1,30})\}")


@dataclass(frozen=True)
class Text:
    subject: str
    body: str


_PAY_ID = "Bayar di sini: {link}\nTransfer: {bank_account}\n\nTerima kasih,\n{brand}"
_PAY_EN = "Pay here: {link}\nBank transfer: {bank_account}\n\nThank you,\n{brand}"
_OWED_ID = "Nomor: {number}\nPeriode: {period}\nJumlah: {amount}\nJatuh tempo: {due_on}\n\n" + _PAY_ID
_OWED_EN = "Number: {number}\nPeriod: {period}\nAmount: {amount}\nDue: {due_on}\n\n" + _PAY_EN
DEFAULTS: Mapping[tuple[str, str], Text] = {
    (ISSUED, "id"): Text(
        "Tagihan {number} dari {brand}", f"Yth. {{name}},\n\nTagihan Anda sudah terbit.\n\n{_OWED_ID}"
    ),
    (ISSUED, "en"): Text(
        "Invoice {number} from {brand}", f"Dear {{name}},\n\nYour invoice is ready.\n\n{_OWED_EN}"
    ),
    ("reminder_before", "id"): Text(
        "Tagihan {number} jatuh tempo {due_on}",
        f"Yth. {{name}},\n\nTagihan Anda akan jatuh tempo pada {{due_on}}.\n\n{_OWED_ID}",
    ),
    ("reminder_before", "en"): Text(
        "Invoice {number} is due on {due_on}",
        f"Dear {{name}},\n\nYour invoice will be due on {{due_on}}.\n\n{_OWED_EN}",
    ),
    ("reminder_due", "id"): Text(
        "Tagihan {number} jatuh tempo {due_on}",
        f"Yth. {{name}},\n\n{{due_on}} adalah hari jatuh tempo tagihan Anda.\n\n{_OWED_ID}",
    ),
    ("reminder_due", "en"): Text(
        "Invoice {number} is due on {due_on}",
        f"Dear {{name}},\n\n{{due_on}} is the day your invoice is due.\n\n{_OWED_EN}",
    ),
    ("reminder_after", "id"): Text(
        "Tagihan {number} belum kami terima",
        f"Yth. {{name}},\n\nPembayaran tagihan Anda belum kami terima.\n\n{_OWED_ID}",
    ),
    ("reminder_after", "en"): Text(
        "Invoice {number} has not been paid",
        f"Dear {{name}},\n\nWe have not received your payment yet.\n\n{_OWED_EN}",
    ),
    ("reminder_last", "id"): Text(
        "Peringatan terakhir: tagihan {number}",
        "Yth. {name},\n\nTagihan Anda masih terbuka. Tanpa pembayaran, layanan akan ditangguhkan.\n\n"
        + _OWED_ID,
    ),
    ("reminder_last", "en"): Text(
        "Last reminder: invoice {number}",
        f"Dear {{name}},\n\nYour invoice is open. Unless it is paid, your service will be suspended.\n\n{_OWED_EN}",
    ),
    (SUSPENDED, "id"): Text(
        "Layanan {package} ditangguhkan",
        "Yth. {name},\n\nLayanan {package} ditangguhkan karena tagihan yang lewat jatuh tempo. "
        f"Layanan kembali segera setelah dibayar.\n\n{_OWED_ID}",
    ),
    (SUSPENDED, "en"): Text(
        "Service {package} suspended",
        "Dear {name},\n\nYour service {package} is suspended because an invoice is overdue. "
        f"It comes back as soon as you have paid.\n\n{_OWED_EN}",
    ),
    (RESTORED, "id"): Text(
        "Layanan {package} aktif kembali",
        "Yth. {name},\n\nLayanan {package} aktif kembali.\n\nTerima kasih,\n{brand}",
    ),
    (RESTORED, "en"): Text(
        "Service {package} restored",
        "Dear {name},\n\nYour service {package} is back.\n\nThank you,\n{brand}",
    ),
}
Words = Mapping[tuple[str, str, str], Text]


def words() -> Words:
    """Every text that is in force, by key, channel and language."""
    found = {
        (key, channel, language): text for (key, language), text in DEFAULTS.items() for channel in CHANNELS
    }
    for row in db.session.scalars(select(MessageTemplate).limit(1_000)):
        found[row.key, row.channel, row.language] = Text(row.subject, row.body)
    return found


def in_language(words: Words, key: str, channel: str, language: str) -> Text:
    """The text for a customer; who speaks another language gets Indonesian."""
    return words[key, channel, language if language in LANGUAGES else "id"]


def fill(text: Text, values: Mapping[str, str]) -> Text:
    """The text with its placeholders replaced; what `values` doesn't know stays as it is written."""
    lines = [line for line in text.body.splitlines() if not _is_idle(line, values)]
    subject = " ".join(_filled(text.subject, values).split())[:MAX_SUBJECT]
    return Text(subject, "\n".join(_filled(line, values) for line in lines))


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def _is_idle(line: str, values: Mapping[str, str]) -> bool:
    names = _PLACEHOLDER.findall(line)
    return bool(names) and not any(values.get(name, name) for name in names)


def change(key: str, channel: str, language: str, text: Text) -> MessageTemplate:
    """Replace our words. Raises NotFound for a text that there is none of, Invalid for an unfit one."""
    _check(key, channel, language)
    wrong = _faults(text)
    if wrong:
        raise Invalid(wrong)
    row = _own(key, channel, language)
    if row is None:
        row = MessageTemplate(key=key, channel=channel, language=language)
        db.session.add(row)
    row.subject, row.body = text.subject.strip(), text.body.strip().replace("\r\n", "\n")
    db.session.flush()
    return row


def reset(key: str, channel: str, language: str) -> None:
    """Back to our words. Raises NotFound for a text that there is none of."""
    _check(key, channel, language)
    row = _own(key, channel, language)
    if row is not None:
        db.session.delete(row)
        db.session.flush()


def own() -> set[tuple[str, str, str]]:
    """Which texts somebody has replaced, by key, channel and language."""
    columns = MessageTemplate.key, MessageTemplate.channel, MessageTemplate.language
    return {(row.key, row.channel, row.language) for row in db.session.execute(select(*columns).limit(1_000))}


def _own(key: str, channel: str, language: str) -> MessageTemplate | None:
    wanted = select(MessageTemplate).filter_by(key=key, channel=channel, language=language)
    return db.session.scalar(wanted)


def _check(key: str, channel: str, language: str) -> None:
    if key not in KEYS or channel not in CHANNELS or language not in LANGUAGES:
        raise NotFound("Message template not found")


def _faults(text: Text) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for field, value, most in (("subject", text.subject, MAX_SUBJECT), ("body", text.body, MAX_BODY)):
        if not value.strip() or len(value) > most:
            wrong[field] = f"Must have 1 to {most} characters"
        elif not re.sub(r"[\r\n\t]", "", value).isprintable() or (field == "subject" and "\n" in value):
            wrong[field] = "Has characters that can't be used"
        elif not set(_PLACEHOLDER.findall(value)) <= set(PLACEHOLDERS):
            wrong[field] = "Has a placeholder that is not known"
    return wrong
