"""Routers outside a request: lines that changed, what was missed, and how routers are.

None of these is retried by the queue: routers have a back-off of their own (states.py).
"""

from webapp.errors import NotFound
from webapp.extensions import db, log
from webapp.queue import enqueue, job
from webapp.subscribers.models import TechnicalData
from webapp.subscribers.routers import desired, health, reconcile, states
from webapp.subscribers.routers.errors import RouterBusy, RouterError

FOR_ALL = 45.0  # seconds a minute's look at all routers may take


@job(timeout=1_800, retries=0)
def reconcile_line(line_id: int) -> None:
    """A line changed: its router learns of it, and of whatever else is waiting for it. Of many such jobs the first
    does the work of all."""
    line = db.session.get(TechnicalData, line_id)
    if line is not None and line.router_id is not None:
        _follow(line.router_id)


@job(queue="low", timeout=1_800, retries=0)
def reconcile_router(router_id: int) -> None:
    """Do what is waiting for a router: everything when it is owed that, else the lines that are pending."""
    _follow(router_id)


@job()
def reconcile_waiting() -> None:
    """Every five minutes: routers whose lines are pending, and that may be tried again."""
    for router_id in states.waiting():
        enqueue(reconcile_router, router_id)


@job()
def reconcile_all() -> None:
    """Every night: all routers, from end to end."""
    states.owe()
    for router_id in states.waiting():
        enqueue(reconcile_router, router_id)


@job(timeout=120, retries=0)
def check_routers() -> None:
    """Every minute: how routers are; one that came back, or whose pause is over, is brought in step at once."""
    for router_id in {*health.check(FOR_ALL), *states.waiting(failed=True)}:
        enqueue(reconcile_router, router_id)


def check_now(within: float) -> None:
    """The same for who asks now, and for those only that nobody has looked at in the last ten seconds."""
    for router_id in health.check_stale(within):
        enqueue(reconcile_router, router_id)


def reconcile_soon(router_id: int) -> None:
    """Have a router gone through from end to end, once the current transaction has committed."""
    states.owe(router_id)
    enqueue(reconcile_router, router_id)


def reconcile_all_soon() -> None:
    """Likewise all routers: what lines are given has another name, say."""
    states.owe()
    enqueue(reconcile_waiting)


def _follow(router_id: int) -> None:
    if not states.may_try(router_id):
        return
    everything = states.is_owed(router_id)
    lines = None if everything else desired.pending(router_id)
    if lines == []:
        return
    if lines is not None and len(lines) > reconcile.FEW:
        lines = None  # all are read anyhow
    try:
        reconcile.bring_in_step(router_id, lines)
    except (NotFound, RouterBusy, RouterError) as error:
        log.info("reconcile_put_off", router_id=router_id, reason=str(error))
        return
    if states.may_try(router_id) and (states.is_owed(router_id) or desired.pending(router_id, untried=True)):
        enqueue(reconcile_router, router_id)  # somebody changed a line meanwhile, and found us busy
