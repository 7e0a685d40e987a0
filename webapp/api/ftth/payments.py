"""Payments, and what a customer's account says (contracts, 2 ftth; in the document's style)."""

from flask import Response

from webapp.api.ftth import envelope, ftth
from webapp.api.ftth import invoice_presenters as presenters
from webapp.api.ftth import invoice_schemas as schemas
from webapp.api.ftth.wire import named
from webapp.billing import payments, queries
from webapp.identity import OPERATOR, VIEWER

PATH = "/api/payments/"
ONE = "/api/payments/<int:payment_id>"
NAMES = {
    "amount": "jumlah",
    "method": "metode",
    "received_at": "tanggal_bayar",
    "reason": "alasan",
    "reference": "referensi",
}


@ftth.operation(
    "POST",
    PATH,
    policy=OPERATOR,
    body=schemas.PaymentIn,
    returns=schemas.PaymentOut,
    status=201,
    errors=[404, 409],
)
def create_payment(body: schemas.PaymentIn) -> Response:
    """Record money at the desk or on the account: the named invoice first, then the oldest due, the rest is credit."""
    queries.balance(body.pelanggan_id)
    with named(**NAMES):
        made = payments.record_payment(
            body.pelanggan_id,
            body.jumlah,
            body.metode,
            reference=body.referensi,
            received_at=body.tanggal_bayar,
            invoice_id=body.invoice_id,
            note=body.catatan,
        )
    return envelope.ok(presenters.payments([made])[0], 201)


@ftth.operation(
    "GET", PATH, policy=VIEWER, query=schemas.PaymentQuery, returns=schemas.PaymentOut, paged=True
)
def list_payments(query: schemas.PaymentQuery) -> Response:
    """List payments, newest first."""
    chosen = queries.PaymentFilter(query.pelanggan_id, query.invoice_id, query.metode)
    found, total = queries.payments(chosen, query.skip, query.limit)
    return envelope.page(presenters.payments(found), total, query.skip, query.limit)


@ftth.operation("GET", ONE, policy=VIEWER, returns=schemas.PaymentOut, errors=[404])
def read_payment(payment_id: int) -> Response:
    """One payment and the invoices that it pays."""
    return envelope.ok(presenters.payments([queries.payment_of_present(payment_id)])[0])


@ftth.operation(
    "POST",
    f"{ONE}/reversal",
    policy=OPERATOR,
    body=schemas.ReversalIn,
    returns=schemas.PaymentOut,
    errors=[404, 409],
)
def reverse_payment(payment_id: int, body: schemas.ReversalIn) -> Response:
    """It has not come after all: what it paid is owed again."""
    queries.payment_of_present(payment_id)
    with named(**NAMES):
        reversed_ = payments.reverse_payment(payment_id, body.alasan)
    return envelope.ok(presenters.payments([reversed_])[0])


@ftth.operation(
    "GET",
    "/api/pelanggan/<int:customer_id>/saldo",
    policy=VIEWER,
    returns=schemas.BalanceOut,
    errors=[404],
)
def read_balance(customer_id: int) -> Response:
    """What a customer owes, or has to their credit."""
    return envelope.ok(presenters.balance(queries.balance(customer_id)))
