"""Deliveries on their way: claimed by one worker, tried again for a day, and an endpoint that is gone switched off."""

import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from sqlalchemy import Select, func, select, update

from webapp import config, outgoing
from webapp.accounts.models import Role
from webapp.database import rows_changed, transaction
from webapp.extensions import db
from webapp.kit import clock
from webapp.notifications.service import notify
from webapp.outgoing import HttpRequest, Patience, Refused, target_of
from webapp.webhooks import signing
from webapp.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookHealth

# After the first attempt; together a little less than 24 hours.
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 780))
LEASE = timedelta(minutes=2)  # a delivery whose worker has not ended it by then is anybody's again
ROUND_SECONDS = 30.0  # how long one job sends; what is left goes to the next
PATIENCE = Patience(connect=5.0, silence=10.0, whole=15.0, answer=100_000)
OFF_AFTER = timedelta(hours=24)  # of failures only, on at least so many messages
OFF_MESSAGES = 3
GONE = 410  # by which an endpoint says that it wants no more
PRIVATE = "WEBHOOK_PRIVATE_HOSTS"


@dataclass(frozen=True)
class Attempt:
    """One attempt at a delivery, as its worker keeps it."""

    delivery_id: uuid.UUID
    endpoint_id: uuid.UUID
    number: int
    request: HttpRequest


@dataclass(frozen=True)
class Outcome:
    """`status` of the answer, None when there was none."""

    status: int | None
    detail: str

    @property
    def good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def send_due(endpoint_id: uuid.UUID) -> bool:
    """Send the endpoint what is due; whether there is more for another job.

    It ends when nobody answers: what comes next would only wait as long. Outside of a transaction.
    """
    until = time.monotonic() + ROUND_SECONDS
    while (attempt := claim_next(endpoint_id)) is not None:
        outcome = send(attempt.request)
        note_outcome(attempt, outcome)
        if outcome.status is None:
            return False
        if time.monotonic() > until:
            return True
    return False


def claim_next(endpoint_id: uuid.UUID) -> Attempt | None:
    """The delivery that has waited longest, now this worker's for LEASE; None when nothing is due."""
    while True:
        with transaction():
            due = db.session.execute(_due(endpoint_id, clock.now())).first()
            if due is None:
                return None
            if _claim(due.id, due.attempts):
                return _attempt(due.id)


def _due(endpoint_id: uuid.UUID, now: datetime) -> Select[uuid.UUID, int]:
    return (
        select(WebhookDelivery.id, WebhookDelivery.attempts)
        .join(WebhookDelivery.endpoint)
        .where(
            WebhookEndpoint.is_active,
            WebhookDelivery.endpoint_id == endpoint_id,
            WebhookDelivery.status == "waiting",
            WebhookDelivery.next_try_at <= now,
        )
        .order_by(WebhookDelivery.next_try_at, WebhookDelivery.created_at)
        .limit(1)
    )


def _claim(delivery_id: uuid.UUID, attempts: int) -> bool:
    """By compare-and-swap of `attempts`: only one of two workers gets it."""
    claim = update(WebhookDelivery).where(
        WebhookDelivery.id == delivery_id,
        WebhookDelivery.status == "waiting",
        WebhookDelivery.attempts == attempts,
    )
    return rows_changed(claim.values(attempts=attempts + 1, next_try_at=clock.now() + LEASE)) == 1


def _attempt(delivery_id: uuid.UUID) -> Attempt:
    delivery = db.session.get_one(WebhookDelivery, delivery_id, populate_existing=True)
    endpoint, body = delivery.endpoint, delivery.message.body
    sent_at = clock.unix()
    headers = signing.headers(public_id(delivery.message_id), sent_at, body, secrets_of(endpoint))
    headers["Content-Type"] = "application/json"
    request = HttpRequest("POST", endpoint.url, headers, body)
    return Attempt(delivery.id, endpoint.id, delivery.attempts, request)


def public_id(message_id: uuid.UUID) -> str:
    """What a partner knows a message by: the same each time that it is sent."""
    return f"msg_{message_id.hex}"


def secrets_of(endpoint: WebhookEndpoint) -> list[str]:
    """What its messages are signed with now: the secret, and for a while the one before it."""
    found = [endpoint.secret]
    if endpoint.previous_until is not None and endpoint.previous_until > clock.now():
        found.append(endpoint.previous_secret)
    return [secret for secret in found if secret]


def send(request: HttpRequest) -> Outcome:
    """Make the call; what came of it, with nothing secret in it."""
    try:
        allowed = outgoing.is_among(config.current().WEBHOOK_PRIVATE_HOSTS, target_of(request.url))
        answer = outgoing.send(request, private=allowed or PRIVATE, patience=PATIENCE)
    except (Refused, ValueError) as error:
        return Outcome(None, str(error))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Outcome(None, f"{type(error).__name__}: {error}"[:300])
    return Outcome(answer.status, f"{answer.status} after {answer.seconds:.1f} s: {answer.start}".strip(": "))


def note_outcome(attempt: Attempt, outcome: Outcome) -> None:
    """Keep how an attempt ended; a failed one is tried again until RETRY_AFTER is used up. A late word is not heard."""
    with transaction():
        endpoint = db.session.get(WebhookEndpoint, attempt.endpoint_id, with_for_update=True)
        delivery = db.session.get(WebhookDelivery, attempt.delivery_id, with_for_update=True)
        if endpoint is None or delivery is None:
            return
        if (delivery.status, delivery.attempts) != ("waiting", attempt.number):
            return
        delivery.answer_status, delivery.detail = outcome.status, outcome.detail
        if outcome.good:
            _end(delivery, "delivered")
        elif attempt.number > len(RETRY_AFTER):
            _end(delivery, "failed")
        else:
            delivery.next_try_at = clock.now() + RETRY_AFTER[attempt.number - 1]
        db.session.flush()
        _note_health(endpoint, outcome)


def _end(delivery: WebhookDelivery, status: str) -> None:
    delivery.status, delivery.next_try_at, delivery.finished_at = status, None, clock.now()


def _note_health(endpoint: WebhookEndpoint, outcome: Outcome) -> None:
    health = health_of(endpoint)
    if outcome.good:
        health.failing_since, health.last_success_at = None, clock.now()
        return
    health.failing_since = health.failing_since or clock.now()
    if outcome.status == GONE:
        switch_off(endpoint, "gone")
    elif clock.now() - health.failing_since >= OFF_AFTER and _unheard(endpoint) >= OFF_MESSAGES:
        switch_off(endpoint, "failing")


def health_of(endpoint: WebhookEndpoint) -> WebhookHealth:
    health = db.session.get(WebhookHealth, endpoint.id)
    if health is None:
        health = WebhookHealth(endpoint_id=endpoint.id)
        db.session.add(health)
    return health


def _unheard(endpoint: WebhookEndpoint) -> int:
    """How many messages of the last days it was sent and did not take."""
    counted = select(func.count(func.distinct(WebhookDelivery.message_id))).where(
        WebhookDelivery.endpoint_id == endpoint.id,
        WebhookDelivery.created_at > clock.now() - 3 * OFF_AFTER,
        WebhookDelivery.attempts > 0,
        WebhookDelivery.status != "delivered",
    )
    return db.session.scalar(counted) or 0


def switch_off(endpoint: WebhookEndpoint, reason: str) -> None:
    """It is sent nothing more until somebody switches it on; admins are told when nobody did it by hand.

    `reason` is one of `failing`, `gone`, `hand`. What waited has failed, and can be sent again.
    """
    endpoint.is_active, endpoint.disabled_reason = False, reason
    waiting = update(WebhookDelivery).where(
        WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.status == "waiting"
    )
    rows_changed(waiting.values(status="failed", next_try_at=None, finished_at=clock.now()))
    if reason != "hand":
        data = {"webhook_id": str(endpoint.id), "url": endpoint.url, "reason": reason}
        notify("system", f"Webhook ke {endpoint.url} dimatikan: terus gagal dikirim", data, role=Role.ADMIN)
