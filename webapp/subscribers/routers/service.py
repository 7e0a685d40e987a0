"""Routers: kept, tried out, and asked for one customer (contract 2, Mikrotik Endpoints)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from webapp import audit
from webapp.database import MAX_ID, pause
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.queue import enqueue
from webapp.subscribers import lines
from webapp.subscribers.customers import get_customer
from webapp.subscribers.models import LineSync, Router, RouterState, TechnicalData
from webapp.subscribers.routers import desired, jobs, outcomes, reconcile, states
from webapp.subscribers.routers.client import RouterClient
from webapp.subscribers.routers.errors import RouterError
from webapp.subscribers.routers.line import PLAIN_PORT, TLS_PORT, Access
from webapp.subscribers.routers.reconcile import QUICK, Outcome
from webapp.subscribers.routers.records import Health

PATIENCE = 5.0  # seconds to wait while somebody else writes to the router
_WHERE = ("host", "port", "use_tls", "fingerprint", "username")


@dataclass(frozen=True)
class Overview:
    """A router, how it was last found, and how many lines it has, of which so many are not in step."""

    router: Router
    state: RouterState
    lines: int
    pending: int


@dataclass(frozen=True)
class Tried:
    """What trying a router out told: `fingerprint` of its certificate, profiles that packages name and it lacks."""

    health: Health
    fingerprint: str
    missing_profiles: Sequence[str]


@dataclass(frozen=True)
class Synced:
    """What became of a line on its router: `steps` are add, change, remove, or none; `offline`: sessions ended.

    It is `pending` still when somebody changed it meanwhile.
    """

    line_id: int
    pending: bool
    synced_at: datetime | None
    steps: Sequence[str]
    offline: int


def get_router(router_id: int) -> Router:
    """Raises NotFound."""
    router = db.session.get(Router, router_id) if 0 < router_id <= MAX_ID else None
    if router is None:
        raise NotFound("Router not found")
    return router


def state_of(router_id: int) -> RouterState:
    return db.session.get_one(RouterState, router_id)


def overviews(
    *, search: str = "", router_id: int | None = None, skip: int = 0, limit: int = 100
) -> tuple[list[Overview], int]:
    """Routers by name, those whose name or host has `search` in it; and how many there are."""
    statement = select(Router, RouterState).join(RouterState, RouterState.router_id == Router.id)
    if router_id is not None:
        statement = statement.where(Router.id == router_id)
    if wanted := search.strip().lower():
        both = func.lower(Router.name + " " + Router.host)
        statement = statement.where(both.contains(wanted, autoescape=True))
    total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    rows = db.session.execute(statement.order_by(Router.name, Router.id).offset(skip).limit(limit)).all()
    pending, ending = desired.pending_counts(), _line_counts()
    return [Overview(one, state, ending.get(one.id, 0), pending.get(one.id, 0)) for one, state in rows], total


def create_router(values: Mapping[str, Any]) -> Router:
    """`values` are columns of Router that were checked (fields.py). Raises Conflict when the name is taken."""
    router = Router(**values)
    router.port = values.get("port") or (TLS_PORT if router.use_tls else PLAIN_PORT)
    db.session.add(router)
    _flush()
    db.session.add(RouterState(router_id=router.id))
    db.session.flush()
    return router


def update_router(router_id: int, changes: Mapping[str, Any]) -> Router:
    """Change the columns that `changes` names. Raises NotFound, Conflict; Invalid when the router is to be looked for
    elsewhere and the password is not given again: it is for the one that it was given for."""
    router = get_router(router_id)
    before = [getattr(router, name) for name in _WHERE]
    _check_password(router, changes)
    for name, value in changes.items():
        setattr(router, name, value)
    _flush()
    if before != [getattr(router, name) for name in _WHERE] or changes.keys() & {"password", "is_active"}:
        state_of(router_id).status = states.UNKNOWN
        db.session.flush()
        request_sync(router_id)
    return router


def delete_router(router_id: int) -> None:
    """Raises NotFound; Conflict while lines end at it. Deleted lines lose it, should they be restored."""
    router = get_router(router_id)
    mine = select(TechnicalData).where(TechnicalData.router_id == router_id)
    if db.session.scalar(mine.where(TechnicalData.deleted_at.is_(None)).limit(1)):
        raise Conflict("Lines end at this router: move them to another one first")
    for line in db.session.scalars(mine):
        line.router_id = None
    db.session.delete(router)
    db.session.flush()


def request_sync(router_id: int) -> None:
    """Have everything on a router brought in step, in the background. Raises NotFound."""
    jobs.reconcile_soon(get_router(router_id).id)


def test_router(router_id: int) -> Tried:
    """Try a router out and note how it is. Raises NotFound, RouterError. Ends the transaction so far."""
    access = desired.access_of(get_router(router_id))
    try:
        tried = try_access(access)
    except RouterError as error:
        states.saw(router_id, error)
        pause()
        raise
    if states.saw(router_id, tried.health):
        enqueue(jobs.reconcile_router, router_id)
    return tried


def access_for(values: Mapping[str, Any], router_id: int | None = None) -> Access:
    """How to reach a router as a form describes it; the password may be the one we have, for the same place only.

    Raises NotFound, Invalid.
    """
    given = dict(values)
    if router_id is not None:
        router = get_router(router_id)
        _check_password(router, given)
        given["password"] = given.get("password") or router.password
    given["port"] = given.get("port") or (TLS_PORT if given.get("use_tls") else PLAIN_PORT)
    return desired.access_of(Router(**given))


def try_access(access: Access) -> Tried:
    """Sign in and look around. Raises RouterError. Ends the transaction so far."""
    needed = desired.profiles()
    pause()
    with RouterClient(access, QUICK) as client:
        health, there = client.health(), set(client.profiles())
        return Tried(health, client.fingerprint, sorted(needed - there))


def sync_customer(router_id: int, customer_id: int) -> Synced:
    """Write a customer's line to its router now; a line that has none yet ends at this one from now on.

    Raises NotFound; Conflict when the line ends at another router, is exempt, or its name is taken there; RouterBusy,
    RouterError, and then the line stays pending. Ends the transaction so far.
    """
    get_router(router_id)
    line = lines.line_of(get_customer(customer_id).id)
    if line is not None and line.router_id is None:
        lines.update_line(line.id, {"router_id": router_id})
    line = line_at(router_id, customer_id)
    if line.sync_exempt:
        raise Conflict("This line is exempt from being brought in step")
    return _written(line, reconcile.bring_in_step(router_id, [line.id], patience=PATIENCE, limits=QUICK))


def line_at(router_id: int, customer_id: int) -> TechnicalData:
    """The customer's line. Raises NotFound, Conflict when it does not end at this router."""
    get_router(router_id)
    line = lines.line_of(get_customer(customer_id).id)
    if line is None:
        raise NotFound("This customer has no technical data")
    if line.router_id != router_id:
        raise Conflict("This customer's line ends at another router", field="mikrotik_server_id")
    return line


def lines_of(customer_ids: Sequence[int]) -> list[int]:
    """Their lines; who has none is left out."""
    mine = select(TechnicalData.id).where(TechnicalData.customer_id.in_(customer_ids))
    return list(db.session.scalars(mine.where(TechnicalData.deleted_at.is_(None))))


def exempt_lines(router_id: int, limit: int = 200) -> Sequence[TechnicalData]:
    """Lines of the router that are left alone, by name."""
    mine = select(TechnicalData).where(
        TechnicalData.router_id == router_id, TechnicalData.deleted_at.is_(None), TechnicalData.sync_exempt
    )
    return db.session.scalars(mine.order_by(TechnicalData.pppoe_name).limit(limit)).all()


def adopt(router_id: int, line_ids: Sequence[int] | None = None) -> Outcome:
    """Take over secrets that others made under the names of these lines, or of all lines of the router.

    Raises NotFound, RouterBusy, RouterError. Ends the transaction so far.
    """
    get_router(router_id)
    chosen = _lines_here(router_id, line_ids)
    audit.note("adopt", "routers", router_id, get_router(router_id).name, lines=len(chosen))
    return reconcile.bring_in_step(
        router_id, chosen if line_ids is not None else None, adopt=chosen, patience=PATIENCE, limits=QUICK
    )


def _written(line: TechnicalData, outcome: Outcome) -> Synced:
    if line.id in outcome.refused:
        raise outcome.refused[line.id]
    if any(clash.line_id == line.id for clash in outcome.difference.clashes):
        raise Conflict(outcomes.TAKEN)
    sync = db.session.get_one(LineSync, line.id)
    steps = [step.kind for step in outcome.difference.steps if step.line_id == line.id]
    return Synced(line.id, sync.pending, sync.synced_at, steps, outcome.offline)


def _lines_here(router_id: int, line_ids: Sequence[int] | None) -> list[int]:
    """Those of `line_ids` that end at the router, or all that do."""
    statement = select(TechnicalData.id).where(
        TechnicalData.router_id == router_id, TechnicalData.deleted_at.is_(None)
    )
    here = db.session.scalars(statement).all()
    return list(here) if line_ids is None else sorted(set(here) & set(line_ids))


def _line_counts() -> dict[int, int]:
    statement = select(TechnicalData.router_id, func.count()).where(TechnicalData.deleted_at.is_(None))
    rows = db.session.execute(statement.group_by(TechnicalData.router_id))
    return {router_id: count for router_id, count in rows if router_id is not None}


def _check_password(router: Router, changes: Mapping[str, Any]) -> None:
    moves = any(changes.get(name, getattr(router, name)) != getattr(router, name) for name in _WHERE[:2])
    if moves and not changes.get("password"):
        raise Invalid({"password": "Write the password again: it goes to another address"})


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict("There is a router of this name", field="name") from None
