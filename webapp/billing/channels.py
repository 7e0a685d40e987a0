"""How a message reaches a customer: by e-mail, or by WhatsApp through an HTTP gateway.

Both carry a key that stays the same when a message has to be sent again, so that whoever got it already can tell.
"""

import re
import smtplib
from dataclasses import dataclass
from email.message import EmailMessage

import httpx
import orjson

from webapp import config, outgoing
from webapp.documents import letters
from webapp.outgoing import HttpRequest, Patience

EMAIL, WHATSAPP = "email", "whatsapp"
CHANNELS = (EMAIL, WHATSAPP)
PRIVATE = "HTTP_JOB_PRIVATE_HOSTS"
PATIENCE = Patience(connect=5.0, silence=15.0, whole=30.0, answer=100_000)


class NotSent(Exception):
    """The message did not go out; the reason is for people and has no secret."""


@dataclass(frozen=True)
class Letter:
    """What is sent. `key` is the message's own; `attachment` a PDF with its file name, for e-mail."""

    key: str
    channel: str
    to: str
    subject: str
    text: str
    attachment: tuple[str, bytes] | None = None


def is_configured(channel: str) -> bool:
    settings = config.current()
    return bool(settings.SMTP_URL if channel == EMAIL else settings.WHATSAPP_URL)


def address(channel: str, email: str | None, phone: str) -> str:
    """Where a customer is reached by the channel; empty when they are not."""
    return email or "" if channel == EMAIL else international(phone)


def international(phone: str) -> str:
    """`0812…`, `62812…` and `+62812…` as `62812…`."""
    digits = re.sub(r"[^0-9]", "", phone)
    return "62" + digits[1:] if digits.startswith("0") else digits


def send(letter: Letter) -> None:
    """Hand it over. Raises NotSent."""
    try:
        _post(letter) if letter.channel == EMAIL else _call(letter)
    except (smtplib.SMTPException, httpx.HTTPError, httpx.InvalidURL, outgoing.Refused) as error:
        raise NotSent(f"{type(error).__name__}: {error}"[:300]) from None
    except (OSError, ValueError) as error:  # no way there; an address that no header holds
        raise NotSent(f"{type(error).__name__}: {error}"[:300]) from None


def _post(letter: Letter) -> None:
    sender = config.current().MAIL_FROM
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, letter.to, " ".join(letter.subject.split())
    message["Message-ID"] = f"<{letter.key}@{sender.rpartition('@')[2].strip('> ')}>"
    message.set_content(letter.text)
    if letter.attachment is not None:
        name, content = letter.attachment
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    letters.deliver(message)


def _call(letter: Letter) -> None:
    settings = config.current()
    headers = {"Content-Type": "application/json", "Idempotency-Key": letter.key}
    if settings.WHATSAPP_TOKEN:
        headers["Authorization"] = f"Bearer {settings.WHATSAPP_TOKEN}"
    body = orjson.dumps({"to": letter.to, "message": letter.text}).decode()
    request = HttpRequest("POST", settings.WHATSAPP_URL, headers, body)
    inside = outgoing.is_among(settings.HTTP_JOB_PRIVATE_HOSTS, outgoing.target_of(request.url))
    answer = outgoing.send(request, private=inside or PRIVATE, patience=PATIENCE)
    if not answer.good:
        raise NotSent(f"{answer.status}: {answer.start}"[:300])
