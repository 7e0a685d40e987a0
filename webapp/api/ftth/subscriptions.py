"""Subscriptions (contracts, 2 ftth: what the document implies but does not list)."""

from typing import Any

from flask import Response

from webapp.api.ftth import envelope, ftth
from webapp.api.ftth import subscription_schemas as schemas
from webapp.identity import OPERATOR, VIEWER
from webapp.subscribers import amendments, changes, customers, queries, subscriptions
from webapp.subscribers.models import Subscription, SubscriptionChange

PATH = "/api/langganan"
ONE = f"{PATH}/<int:langganan_id>"


@ftth.operation(
    "GET",
    PATH,
    policy=VIEWER,
    query=schemas.SubscriptionListing,
    returns=schemas.SubscriptionOut,
    paged=True,
)
def list_subscriptions(query: schemas.SubscriptionListing) -> Response:
    """Subscriptions, the newest first."""
    rows, total = queries.list_subscriptions(
        customer_id=query.pelanggan_id,
        status=query.status or "",
        package_id=query.paket_id,
        skip=query.skip,
        limit=query.limit,
    )
    return envelope.page([_subscription(row) for row in rows], total, query.skip, query.limit)


@ftth.operation(
    "POST",
    PATH,
    policy=OPERATOR,
    body=schemas.NewSubscription,
    returns=schemas.SubscriptionOut,
    status=201,
    errors=[404, 409],
)
def create_subscription(body: schemas.NewSubscription) -> Response:
    """Begin a subscription of a customer who has none."""
    begun = subscriptions.begin(customers.get_customer(body.pelanggan_id), body.terms)
    return envelope.ok(_subscription(begun), 201)


@ftth.operation("GET", ONE, policy=VIEWER, returns=schemas.SubscriptionOut, errors=[404])
def subscription(langganan_id: int) -> Response:
    """A subscription."""
    return envelope.ok(_subscription(subscriptions.get_subscription(langganan_id)))


@ftth.operation(
    "PATCH",
    ONE,
    policy=OPERATOR,
    body=schemas.SubscriptionChange,
    returns=schemas.SubscriptionOut,
    errors=[404, 409],
)
def update_subscription(langganan_id: int, body: schemas.SubscriptionChange) -> Response:
    """Change package, status or how it is billed; the history keeps what was."""
    return envelope.ok(_subscription(amendments.amend(langganan_id, body.wanted)))


@ftth.operation("GET", f"{ONE}/riwayat", policy=VIEWER, returns=schemas.ChangeOut, paged=True, errors=[404])
def subscription_history(langganan_id: int) -> Response:
    """The history of a subscription, in the order in which it takes effect; the last 500 changes."""
    found = subscriptions.get_subscription(langganan_id)
    rows = [_change(row) for row in changes.history(found.id)]
    return envelope.page(rows, len(rows), 0, changes.MAX_HISTORY)


def _subscription(row: Subscription) -> dict[str, Any]:
    return {
        "id": row.id,
        "pelanggan_id": row.customer_id,
        "paket_id": row.package_id,
        "nama_paket": row.package.name,
        "harga": row.package.price,
        "status": row.status,
        "tanggal_mulai": row.started_on,
        "tanggal_berhenti": row.ended_on,
        "jatuh_tempo_hari": row.due_day,
        "metode_pembayaran": row.payment_method,
        "suspended_by": row.suspended_by,
        "created_at": envelope.moment(row.created_at),
        "updated_at": envelope.moment(row.updated_at),
    }


def _change(row: SubscriptionChange) -> dict[str, Any]:
    return {
        "id": row.id,
        "jenis": row.kind,
        "tanggal_efektif": row.effective_on,
        "paket_id": row.package_id,
        "harga": row.price,
        "alasan": row.reason,
        "oleh": row.actor_name,
        "created_at": envelope.moment(row.at),
    }
