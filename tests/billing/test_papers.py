"""What billing prints, read back as text."""

from datetime import date

import pypdfium2
import pytest
from flask import Flask

from tests.billing.books import Books
from tests.support.xendit import FakeXendit
from webapp.billing import callbacks, papers
from webapp.billing import gateway as asking
from webapp.billing.models import CANCELLED, PAID, Invoice, Payment
from webapp.database import transaction
from webapp.extensions import db
from webapp.subscribers.models import Brand

BASE = "https://gerbang.example"


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def invoice_text(app: Flask, invoice_id: int, base: str = BASE) -> str:
    with app.app_context(), transaction():
        return text_of(papers.invoice_pdf(db.session.get_one(Invoice, invoice_id), base))


def test_an_invoice_says_who_owes_what_and_how_it_adds_up(app: Flask, books: Books, john: int) -> None:
    invoice = books.invoice(john, 500_000, date(2099, 1, 31))
    text = invoice_text(app, invoice.id)
    for said in (
        invoice.number,
        "John Doe",
        "November 2026",
        "31 Januari 2099",
        "PPN 11%",
        "Rp 55.000",
        "Rp 555.000",
        f"{BASE}/pay/",
    ):
        assert said in text
    assert "LUNAS" not in text


def test_a_paid_invoice_is_stamped_and_asks_for_nothing(app: Flask, books: Books, john: int) -> None:
    invoice = books.invoice(john, 500_000)
    books.pay(john, 555_000)
    text = invoice_text(app, invoice.id)
    assert "LUNAS" in text
    assert "Rp 0" in text
    assert "Cara membayar" not in text


def test_a_cancelled_invoice_is_stamped(app: Flask, books: Books, john: int) -> None:
    from webapp.billing import invoices

    invoice = books.invoice(john)
    books.do(invoices.set_status, invoice.id, CANCELLED)
    assert "BATAL" in invoice_text(app, invoice.id)


def test_what_was_paid_and_credited_is_taken_off(app: Flask, books: Books, john: int) -> None:
    from webapp.billing import invoices

    invoice = books.invoice(john, 100_000)
    books.pay(john, 50_000)
    books.do(invoices.credit_note, invoice.id, 11_100, "Gangguan – 3 hari")
    text = invoice_text(app, invoice.id)
    assert "-Rp 50.000" in text
    assert "-Rp 11.100" in text
    assert "Sisa tagihan" in text
    assert "Rp 49.900" in text
    assert "Gangguan – 3 hari" in text


def test_names_that_look_like_markup_are_printed_as_they_are(
    app: Flask, books: Books, taxed: str, make
) -> None:  # type: ignore[no-untyped-def]
    customer = make.customer(name='<b>Ani</b> & <pdf:nextpage> "é–', brand_code=taxed)
    assert '<b>Ani</b> & <pdf:nextpage> "é–' in invoice_text(app, books.invoice(customer).id)


def test_without_an_address_of_ours_the_gateways_is_printed(
    app: Flask, books: Books, john: int, gateway: FakeXendit
) -> None:
    invoice = books.invoice(john)
    with app.app_context(), transaction():
        asking.tend(callbacks.told_by_poll)
    assert gateway.url in invoice_text(app, invoice.id, base="")


def test_a_bank_account_is_named(app: Flask, books: Books, john: int) -> None:
    with app.app_context(), transaction():
        db.session.scalars(db.select(Brand)).one().bank_account = "BCA 123 456 a.n. PT Jakinet"
    assert "Transfer bank: BCA 123 456 a.n. PT Jakinet" in invoice_text(app, books.invoice(john).id, base="")


@pytest.mark.parametrize("amount", [50_000, 200_000])
def test_a_receipt_says_what_a_payment_paid_and_what_is_left(
    app: Flask, books: Books, john: int, amount: int
) -> None:
    invoice = books.invoice(john, 100_000)
    payment_id = books.pay(john, amount, "transfer", reference="BCA-77")
    assert books.do(lambda: db.session.get_one(Invoice, invoice.id)).status == PAID or amount < 111_000
    with app.app_context(), transaction():
        text = text_of(papers.receipt_pdf(db.session.get_one(Payment, payment_id)))
    assert invoice.number in text
    assert "BCA-77" in text
    assert ("Menjadi saldo" in text) == (amount > 111_000)
