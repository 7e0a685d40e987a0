"""The gateway's callbacks, and the inbox that they are kept in (contracts, 2 ftth, Xendit)."""

from flask import Response, request

from webapp.api import body as bodies
from webapp.api.ftth import envelope, ftth
from webapp.api.ftth.gateway_schemas import CallbackOut, CallbackQuery, Received, XenditCallback
from webapp.billing import callbacks
from webapp.billing.process_models import GatewayCallback
from webapp.identity import ADMIN, OPERATOR, PUBLIC

MAX_BODY = 100_000  # bytes


@ftth.operation(
    "POST",
    "/api/invoices/xendit-callback",
    policy=PUBLIC,
    always=True,  # money that came is told of once: maintenance must not lose it
    takes={"application/json": XenditCallback},
    headers={"x-callback-token": "The brand's callback token"},
    returns=Received,
    errors=[401, 413, 422],
)
def xendit_callback() -> Response:
    """Xendit tells that a page was paid or expired: kept at once, applied once, in the background."""
    callbacks.receive(request.headers.get("x-callback-token", ""), bodies.raw(MAX_BODY))
    return envelope.ok({"status": "received"})


@ftth.operation(
    "GET", "/api/gateway-callbacks", policy=OPERATOR, query=CallbackQuery, returns=CallbackOut, paged=True
)
def list_callbacks(query: CallbackQuery) -> Response:
    """The callbacks that came, newest first."""
    found, total = callbacks.inbox(query.status, skip=query.skip, limit=query.limit)
    return envelope.page([_presented(one) for one in found], total, query.skip, query.limit)


@ftth.operation(
    "POST",
    "/api/gateway-callbacks/<int:callback_id>/replay",
    policy=ADMIN,
    returns=CallbackOut,
    errors=[404, 409],
)
def replay_callback(callback_id: int) -> Response:
    """Apply a callback that failed once more."""
    return envelope.ok(_presented(callbacks.replay(callback_id)))


def _presented(callback: GatewayCallback) -> dict[str, object]:
    return {
        "id": callback.id,
        "external_id": callback.external_id,
        "xendit_id": callback.gateway_id,
        "jenis": callback.kind,
        "status": callback.status,
        "keterangan": callback.detail,
        "invoice_id": callback.invoice_id,
        "received_at": envelope.moment(callback.received_at),
        "applied_at": envelope.moment(callback.applied_at),
    }
