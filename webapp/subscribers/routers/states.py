"""What we remember of each router: up or down, owed a full look or not, and when to try again.

A router that is owed a full reconcile has no `reconciled_at`: so it survives a killed worker, a lost job, a long power
cut.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update

from webapp.extensions import db
from webapp.kit import clock
from webapp.notifications import service as notifications
from webapp.subscribers.models import Router, RouterState
from webapp.subscribers.routers import desired
from webapp.subscribers.routers.errors import RouterError
from webapp.subscribers.routers.records import Health

UNKNOWN, UP, DOWN = "unknown", "up", "down"
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)


def saw(router_id: int, found: Health | RouterError) -> bool:
    """Note how a router was found; whether it has just come back. People hear of every change, once."""
    state = _locked(router_id)
    if state is None:
        return False
    was, state.checked_at = state.status, clock.now()
    if isinstance(found, RouterError):
        state.status, state.error = DOWN, str(found)
    else:
        state.status, state.detail = UP, _detail(found)
        state.error = state.error if was == UP and state.failures else ""
        state.seen_at = state.checked_at
    is_back = was == DOWN and state.status == UP
    if is_back:
        state.failures, state.next_try_at = 0, None
    if was != state.status and (was, state.status) != (UNKNOWN, UP):
        _tell(router_id, state)
    db.session.flush()
    return is_back


def failed(router_id: int, error: RouterError, *, answered: bool) -> None:
    """A reconcile could not be finished. The next try waits twice as long as this one did; one that did not even
    answer is down, and is waited for (`saw`)."""
    if not answered:
        saw(router_id, error)
    state = _locked(router_id)
    if state is not None:
        state.error = str(error)
        state.next_try_at = clock.now() + pause_after(state.failures)
        state.failures += 1
        db.session.flush()


def next_try(router_id: int) -> datetime | None:
    """To be given to `worked`: it tells whether the router has been owed a full reconcile once more meanwhile."""
    return db.session.scalar(select(RouterState.next_try_at).where(RouterState.router_id == router_id))


def worked(router_id: int, begun: datetime | None, *, everything: bool) -> None:
    """A reconcile was finished, of `everything` or of a few lines; `begun` is what `next_try` said before it."""
    state = _locked(router_id)
    if state is None or state.next_try_at != begun:
        return
    state.failures, state.next_try_at, state.error = 0, None, ""
    state.seen_at = clock.now()
    state.reconciled_at = clock.now() if everything else state.reconciled_at
    db.session.flush()


def pause_after(failures: int) -> timedelta:
    """How long to leave a router alone that has failed so many times before: half a minute, doubling, to an hour."""
    return min(FIRST_PAUSE * 2 ** min(failures, 10), LONGEST_PAUSE)


def owe(*router_ids: int) -> None:
    """These routers (none named: all) have to be gone through from end to end, from now on."""
    statement = update(RouterState).values(reconciled_at=None, next_try_at=clock.now())
    db.session.execute(statement.where(RouterState.router_id.in_(router_ids)) if router_ids else statement)


def is_owed(router_id: int) -> bool:
    state = db.session.get(RouterState, router_id, populate_existing=True)
    return state is not None and state.reconciled_at is None


def may_try(router_id: int) -> bool:
    """Whether the router is switched on, not down, and not to be left alone yet."""
    return router_id in set(db.session.scalars(_triable()))


def waiting(*, failed: bool = False) -> list[int]:
    """Routers that have something to do and may be tried; `failed`: only those that failed the last time."""
    counts = desired.pending_counts()
    owed = set(db.session.scalars(select(RouterState.router_id).where(RouterState.reconciled_at.is_(None))))
    which = _triable().where(RouterState.failures > 0) if failed else _triable()
    return [router_id for router_id in db.session.scalars(which) if router_id in owed | counts.keys()]


def _triable() -> Any:
    return (
        select(Router.id)
        .join(RouterState, RouterState.router_id == Router.id)
        .where(
            Router.is_active,
            RouterState.status != DOWN,
            or_(RouterState.next_try_at.is_(None), RouterState.next_try_at <= clock.now()),
        )
        .order_by(Router.id)
    )


def _locked(router_id: int) -> RouterState | None:
    return db.session.get(RouterState, router_id, with_for_update=True, populate_existing=True)


def _detail(health: Health) -> dict[str, Any]:
    return {
        "identity": health.name,
        "board": health.board,
        "version": health.version,
        "uptime_seconds": int(health.uptime.total_seconds()),
        "cpu_load": health.cpu_load,
        "free_memory": health.free_memory,
        "total_memory": health.total_memory,
    }


def _tell(router_id: int, state: RouterState) -> None:
    name = db.session.get_one(Router, router_id).name
    said = (
        f"Router {name} terhubung kembali" if state.status == UP else f"Router {name} tidak dapat dihubungi"
    )
    data = {"mikrotik_server_id": router_id, "nama": name, "status": state.status, "keterangan": state.error}
    notifications.notify("mikrotik_issue", said, data)
