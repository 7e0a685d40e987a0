"""How routers are: many at once, none for long."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import undefer

from webapp.database import pause, transaction
from webapp.extensions import db
from webapp.kit import clock
from webapp.subscribers.models import Router, RouterState
from webapp.subscribers.routers import states
from webapp.subscribers.routers.client import RouterClient
from webapp.subscribers.routers.desired import access_of
from webapp.subscribers.routers.errors import RouterError
from webapp.subscribers.routers.line import Access, Limits
from webapp.subscribers.routers.records import Health

AT_ONCE = 64  # lines that are open at the same time
SHORT = Limits(connect=1.5, reply=1.5, call=2.0)
MAX_ROUTERS = 1_000
FRESH = timedelta(seconds=10)
Found = Mapping[int, Health | RouterError]


def check(within: float, router_ids: Sequence[int] | None = None) -> list[int]:
    """Look at the active routers (or these) for `within` seconds at most, and note how they are; who came back.

    Those whose turn did not come keep what was known of them. Ends the transaction so far.
    """
    wanted = select(Router).where(Router.is_active).options(undefer(Router.password)).limit(MAX_ROUTERS)
    if router_ids is not None:
        wanted = wanted.where(Router.id.in_(router_ids))
    accesses = {router.id: access_of(router) for router in db.session.scalars(wanted)}
    pause()
    found = look(accesses, within)
    with transaction():
        return [router_id for router_id in sorted(found) if states.saw(router_id, found[router_id])]


def check_stale(within: float) -> list[int]:
    """`check` of the active routers that nobody has looked at in the last ten seconds."""
    old = or_(RouterState.checked_at.is_(None), RouterState.checked_at < clock.now() - FRESH)
    ids = select(Router.id).join(RouterState, RouterState.router_id == Router.id).where(Router.is_active, old)
    return check(within, db.session.scalars(ids.limit(MAX_ROUTERS)).all())


def look(accesses: Mapping[int, Access], within: float) -> Found:
    """Those that said how they are, or failed to, within so many seconds."""
    if not accesses:
        return {}
    pool = ThreadPoolExecutor(min(AT_ONCE, len(accesses)), "router-health")
    asked = {pool.submit(_look, access): router_id for router_id, access in accesses.items()}
    done, _ = wait(asked, within)
    pool.shutdown(wait=False, cancel_futures=True)
    return {asked[future]: future.result() for future in done}


def _look(access: Access) -> Health | RouterError:
    try:
        with RouterClient(access, SHORT) as client:
            return client.health()
    except RouterError as error:
        return error
