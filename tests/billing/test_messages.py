"""Messages on their way: by a real mail server and a real HTTP gateway on this machine, each once."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Handler
from flask import Flask
from sqlalchemy import select

from tests.support.factories import Make
from webapp.billing import channels, invoices, messages, run_jobs
from webapp.billing.messages import Kind
from webapp.billing.models import CASH
from webapp.billing.payments import record_payment
from webapp.billing.process_models import OutboxMessage
from webapp.database import transaction
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.subscribers.models import Customer

START = datetime(2024, 1, 10, 2, tzinfo=UTC)


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as travel:
        yield travel


class Gateway(ThreadingHTTPServer):
    """A WhatsApp gateway: keeps what it is told, answers with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.told: list[tuple[dict[str, str], Any]] = []
        self.status = 200


class _Answer(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.told.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b"quota is used up" if self.server.status >= 400 else b"ok")

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


def configured(app: Flask, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
    changed = app.config["GERBANG"].model_copy(update=settings)
    monkeypatch.setitem(app.config, "GERBANG", changed)


@pytest.fixture
def gateway(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    server = Gateway()
    thread = Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    host = f"127.0.0.1:{server.server_port}"
    settings = {"WHATSAPP_TOKEN": "t0ken", "HTTP_JOB_PRIVATE_HOSTS": host}
    configured(app, monkeypatch, WHATSAPP_URL=f"http://{host}/send", **settings)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Letterbox(Handler):
    def __init__(self) -> None:
        super().__init__()
        self.letters: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.letters.append(message)


@pytest.fixture
def letterbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Letterbox]:
    box = Letterbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, "127.0.0.1", port)
    server.start()
    configured(
        app, monkeypatch, SMTP_URL=f"smtp://127.0.0.1:{port}", MAIL_FROM="Jakinet <tagihan@example.com>"
    )
    yield box
    server.stop()


@pytest.fixture
def invoice(app: Flask, make: Make, now: time_machine.Traveller) -> int:
    """500,000 that a customer with e-mail and phone owes."""
    make.brand()
    customer = make.customer(email="ani@example.com", phone="0812-3456-789")
    with app.app_context(), transaction():
        items = [invoices.NewItem("Internet", 1, 500_000)]
        return invoices.create_invoice(customer, "2024-01", date(2024, 1, 13), items).id


def written(app: Flask, invoice: int, channel: str, about: str = "reminder:1", attach: bool = False) -> None:
    with app.app_context(), transaction():
        messages.write(Kind("reminder_due", channel, attach), [invoice], lambda _id: about)


def sent(app: Flask) -> OutboxMessage:
    """After the sender has run: the (last) message."""
    with app.app_context():
        run_jobs.send_messages()
        return db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()  # type: ignore[return-value]


def test_whatsapp_gets_the_text_at_an_international_number_once(
    app: Flask, gateway: Gateway, invoice: int
) -> None:
    for _ in range(2):
        written(app, invoice, "whatsapp")
        message = sent(app)
    assert (message.status, message.attempts) == ("sent", 1)
    [(headers, body)] = gateway.told
    assert body["to"] == "628123456789"
    assert body["message"].startswith("Yth. John Doe,")
    assert (headers["Authorization"], headers["Idempotency-Key"]) == (
        "Bearer t0ken",
        f"gerbang-{message.id}",
    )


def test_mail_has_the_text_and_a_name_of_its_own(app: Flask, letterbox: Letterbox, invoice: int) -> None:
    written(app, invoice, "email")
    message = sent(app)
    assert message.status == "sent"
    [letter] = letterbox.letters
    assert (letter["To"], letter["Subject"]) == (
        "ani@example.com",
        "Tagihan INV-2024-001 jatuh tempo 13 Januari 2024",
    )
    assert letter["Message-ID"] == f"<gerbang-{message.id}@example.com>"


def test_an_invoice_goes_with_its_letter_as_a_pdf(app: Flask, letterbox: Letterbox, invoice: int) -> None:
    written(app, invoice, "email", "issued:1", attach=True)
    assert sent(app).status == "sent"
    [letter] = letterbox.letters
    [attached] = [part for part in letter.walk() if part.get_content_type() == "application/pdf"]
    assert attached.get_filename() == "INV-2024-001.pdf"
    content = attached.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert content.startswith(b"%PDF")


def test_a_gateway_that_fails_is_tried_again_with_pauses_and_given_up(
    app: Flask, gateway: Gateway, invoice: int, now: time_machine.Traveller
) -> None:
    gateway.status = 503
    written(app, invoice, "whatsapp", "issued:1")
    tries = 0
    while (message := sent(app)).status == "waiting":
        tries += 1
        assert message.error == "503: quota is used up"
        assert message.next_try_at == datetime.now(UTC) + timedelta(seconds=messages.PAUSES[tries - 1])
        assert sent(app).attempts == tries, "not before its time"
        now.move_to(message.next_try_at)
    assert (message.status, message.attempts, len(gateway.told)) == ("failed", 6, 6)
    gateway.status = 200
    with app.app_context(), transaction():
        messages.retry(message.id)
    assert sent(app).status == "sent"
    with app.app_context(), pytest.raises(Conflict):
        messages.retry(message.id)


def test_a_private_gateway_must_be_allowed(
    app: Flask, gateway: Gateway, invoice: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(app, monkeypatch, HTTP_JOB_PRIVATE_HOSTS="")
    written(app, invoice, "whatsapp")
    assert "has a private address" in sent(app).error
    assert gateway.told == []


def test_no_reminder_of_what_was_paid_meanwhile(app: Flask, gateway: Gateway, invoice: int) -> None:
    written(app, invoice, "whatsapp")
    with app.app_context(), transaction():
        customer = db.session.scalars(select(Customer)).one()
        record_payment(customer.id, 500_000, CASH)
    message = sent(app)
    assert (message.status, message.error, gateway.told) == ("dropped", messages.SETTLED, [])


def test_nothing_to_whom_opted_out_meanwhile(app: Flask, gateway: Gateway, invoice: int) -> None:
    written(app, invoice, "whatsapp")
    with app.app_context(), transaction():
        db.session.scalars(select(Customer)).one().no_messages = True
    assert (sent(app).error, gateway.told) == (messages.OPTED_OUT, [])


def test_a_message_that_another_worker_has_claimed_is_left_to_it(
    app: Flask, gateway: Gateway, invoice: int, now: time_machine.Traveller
) -> None:
    written(app, invoice, "whatsapp")
    with app.app_context():
        message_id = db.session.scalars(select(OutboxMessage.id)).one()
        assert messages._claimed(message_id) is not None
        assert messages._claimed(message_id) is None
    assert (sent(app).status, gateway.told) == ("waiting", [])
    now.shift(messages.LEASE)  # it died
    assert (sent(app).status, len(gateway.told)) == ("sent", 1)


@pytest.mark.parametrize("phone", ["08123456789", "628123456789", "+62 812-3456-789"])
def test_numbers_are_international(phone: str) -> None:
    assert channels.international(phone) == "628123456789"


def test_messages_are_forgotten_after_two_years(
    app: Flask, gateway: Gateway, invoice: int, now: time_machine.Traveller
) -> None:
    written(app, invoice, "whatsapp", "old")
    now.move_to(START + messages.KEPT_FOR)
    written(app, invoice, "whatsapp", "young")
    now.move_to(START + messages.KEPT_FOR + timedelta(seconds=1))
    with app.app_context():
        run_jobs.sweep_messages()
        assert db.session.scalars(select(OutboxMessage.once)).all() == ["young"]
