"""Routers: kept, tried out, brought in step (contract 2, Mikrotik Endpoints)."""

from flask import Response

from webapp.api.ftth import envelope, ftth, wire
from webapp.api.ftth import router_presenters as presenters
from webapp.api.ftth import router_schemas as schemas
from webapp.identity import ADMIN, OPERATOR, VIEWER
from webapp.subscribers.routers import health, jobs, reconcile, service

PATH = "/api/mikrotik_servers"
ONE = f"{PATH}/<int:server_id>"
LIVE = 2.5  # seconds that a look at all routers may take; of those that take longer, the last state is told
TROUBLE = [404, 502, 503]


@ftth.operation(
    "GET", PATH, policy=VIEWER, query=schemas.RouterListing, returns=schemas.RouterOut, paged=True
)
def list_routers(query: schemas.RouterListing) -> Response:
    """Routers, with how they were found last and how many of their lines are not in step."""
    found, total = service.overviews(search=query.search, skip=query.skip, limit=query.limit)
    return envelope.page([presenters.router(one) for one in found], total, query.skip, query.limit)


@ftth.operation(
    "POST", PATH, policy=ADMIN, body=schemas.NewRouter, returns=schemas.RouterOut, status=201, errors=[409]
)
def create_router(body: schemas.NewRouter) -> Response:
    """Add a router; its password is kept encrypted and never answered."""
    return _shown(service.create_router(body.columns).id, 201)


@ftth.operation("GET", f"{PATH}/health", policy=VIEWER, returns=schemas.HealthOut)
def router_health() -> Response:
    """How all routers are: looked at now, within 2.5 seconds; else as they were found last."""
    jobs.check_now(LIVE)
    found, _ = service.overviews(limit=health.MAX_ROUTERS)
    return envelope.ok(presenters.health(found))


@ftth.operation("GET", ONE, policy=VIEWER, returns=schemas.RouterOut, errors=[404])
def router(server_id: int) -> Response:
    """A router, without its password."""
    return _shown(service.get_router(server_id).id)


@ftth.operation(
    "PATCH", ONE, policy=ADMIN, body=schemas.RouterChange, returns=schemas.RouterOut, errors=[404, 409]
)
def update_router(server_id: int, body: schemas.RouterChange) -> Response:
    """Change the fields that are sent."""
    with wire.named(**schemas.REFUSED):
        return _shown(service.update_router(server_id, body.columns).id)


@ftth.operation("DELETE", ONE, policy=ADMIN, status=204, errors=[404, 409])
def delete_router(server_id: int) -> Response:
    """Delete a router that no line ends at."""
    service.delete_router(server_id)
    return Response(status=204)


@ftth.operation("POST", f"{ONE}/test", policy=OPERATOR, returns=schemas.TestOut, errors=TROUBLE)
def test_router(server_id: int) -> Response:
    """Test the connection: sign in, look around."""
    return envelope.ok(presenters.tried(service.test_router(server_id)))


@ftth.operation(
    "POST",
    f"{ONE}/sync/<int:pelanggan_id>",
    policy=OPERATOR,
    returns=schemas.SyncOut,
    errors=[*TROUBLE, 409, 422],
)
def sync_customer(server_id: int, pelanggan_id: int) -> Response:
    """Write a customer's PPPoE secret to the router now: create, update or remove, as the subscription says."""
    done = service.sync_customer(server_id, pelanggan_id)
    return envelope.ok(presenters.synced(done, server_id, pelanggan_id))


@ftth.operation("POST", f"{ONE}/sync", policy=OPERATOR, returns=schemas.Accepted, status=202, errors=[404])
def sync_router(server_id: int) -> Response:
    """Bring the whole router in step, in the background."""
    service.request_sync(server_id)
    return envelope.ok({"status": "queued", "mikrotik_server_id": server_id}, 202)


@ftth.operation("GET", f"{ONE}/diff", policy=VIEWER, returns=schemas.DiffOut, errors=TROUBLE)
def router_diff(server_id: int) -> Response:
    """What a sync would do, without doing it."""
    return envelope.ok(presenters.difference(*reconcile.compare(service.get_router(server_id).id)))


@ftth.operation(
    "GET",
    f"{ONE}/diff/<int:pelanggan_id>",
    policy=VIEWER,
    returns=schemas.DiffOut,
    errors=[*TROUBLE, 409],
)
def customer_diff(server_id: int, pelanggan_id: int) -> Response:
    """What a sync of one customer would do, without doing it."""
    line = service.line_at(server_id, pelanggan_id)
    return envelope.ok(presenters.difference(*reconcile.compare(server_id, [line.id])))


@ftth.operation(
    "POST", f"{ONE}/adopt", policy=ADMIN, body=schemas.Adopt, returns=schemas.AdoptOut, errors=TROUBLE
)
def adopt_secrets(server_id: int, body: schemas.Adopt) -> Response:
    """Take over secrets that others made under the names of our lines."""
    outcome = service.adopt(server_id, None if body.semua else service.lines_of(body.pelanggan_ids))
    return envelope.ok({"ditulis": outcome.written, "ditolak": len(outcome.refused)})


def _shown(server_id: int, status: int = 200) -> Response:
    [one], _ = service.overviews(router_id=server_id)
    return envelope.ok(presenters.router(one), status)
