"""Bringing a router in step with the database (docs/decisions/0021-reconciler.md).

One reconcile at a time for each router, whoever asks; killed anywhere, the next one goes on from what it finds there.
No transaction is open while a router is waited for.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from redis import RedisError
from redis.lock import Lock
from sqlalchemy.orm import undefer

from webapp.database import pause
from webapp.errors import NotFound, Unavailable
from webapp.extensions import db, log
from webapp.queue import connection
from webapp.subscribers.models import Router
from webapp.subscribers.routers import desired, outcomes, states
from webapp.subscribers.routers.client import BATCH, RouterClient
from webapp.subscribers.routers.difference import Difference, Step, Wanted, difference, marked
from webapp.subscribers.routers.errors import RouterBusy, RouterError
from webapp.subscribers.routers.line import Limits
from webapp.subscribers.routers.records import Secret

FEW = 50  # lines that are cheaper to ask for by name than with all others
CLAIM = (
    240  # seconds without a sign of life after which another worker may take over; a batch takes 180 at most
)
QUICK = Limits(connect=2.0, reply=4.0, call=8.0)  # where somebody waits for the answer


@dataclass
class Outcome:
    """What a reconcile came to: lines by what was done for them, and what was refused, by line."""

    difference: Difference
    refused: dict[int, RouterError] = field(default_factory=dict)
    offline: int = 0
    round_trips: int = 0

    @property
    def written(self) -> int:
        return sum(step.line_id not in self.refused for step in self.difference.steps)


def compare(
    router_id: int, line_ids: Collection[int] | None = None
) -> tuple[Difference, Mapping[int, Wanted]]:
    """A dry run, of these lines or of all: the difference, and the lines it speaks of. Ends the transaction so far.

    Raises NotFound, RouterError.
    """
    router = _router(router_id)
    with _meeting(router, QUICK) as client:
        there = _read(client, line_ids)
    wanted = _wanted(router_id, line_ids, there)
    return difference(wanted, there), {one.line_id: one for one in wanted}


def bring_in_step(
    router_id: int,
    line_ids: Collection[int] | None = None,
    *,
    adopt: Collection[int] = frozenset(),
    patience: float = 0,
    limits: Limits | None = None,
) -> Outcome:
    """Write these lines, or all of the router, to it as they are wanted; `adopt` takes over secrets of their names.

    Lines that could not be written stay pending. Ends the transaction so far, and others of its own. Raises NotFound,
    RouterBusy when another reconcile of it goes on for longer than `patience` seconds, RouterError when the router
    can't be worked with.
    """
    router = _router(router_id)
    with _claim(router_id, patience) as claim:
        begun, answered = states.next_try(router_id), False
        try:
            with _meeting(router, limits) as client:
                answered = True
                outcome = _work(client, router_id, line_ids, adopt, claim)
                outcome.round_trips = client.round_trips
        except RouterError as error:
            states.failed(router_id, error, answered=answered)
            pause()
            log.warning("router_not_in_step", router_id=router_id, error=str(error))
            raise
        states.worked(router_id, begun, everything=line_ids is None)
        pause()
    log.info("router_in_step", router_id=router_id, written=outcome.written, refused=len(outcome.refused))
    return outcome


def _work(
    client: RouterClient,
    router_id: int,
    line_ids: Collection[int] | None,
    adopt: Collection[int],
    claim: Lock,
) -> Outcome:
    there = _read(client, line_ids)
    wanted = _wanted(router_id, line_ids, there)
    outcome = Outcome(difference(wanted, there, adopt))
    lines = {line.line_id: line for line in wanted}
    pause()
    _prolong(claim)
    for steps, settled in _portions(outcome.difference, lines):
        outcome.refused |= _refusals(steps, client.apply([step.write for step in steps]))
        _prolong(claim)
        outcome.offline += client.drop_active(*_to_drop(steps, settled, wanted))
        outcomes.settle([line for line in settled if line.line_id not in outcome.refused])
        pause()
        _prolong(claim)
    taken = {clash.line_id: outcomes.TAKEN for clash in outcome.difference.clashes}
    refused = {line_id: str(error) for line_id, error in outcome.refused.items()}
    outcomes.complain(router_id, lines, taken | refused)
    pause()
    return outcome


def _portions(
    difference: Difference, lines: Mapping[int, Wanted]
) -> Iterator[tuple[Sequence[Step], Sequence[Wanted]]]:
    """A batch of steps each, with the lines that are done with it; first those that need no step."""
    steps = difference.steps
    last = {step.line_id: position for position, step in enumerate(steps)}
    busy = last.keys() | {clash.line_id for clash in difference.clashes}
    yield (
        (),
        [line for line in lines.values() if line.pending and line.line_id not in busy and not line.exempt],
    )
    for start in range(0, len(steps), BATCH):
        ending = range(start, min(start + BATCH, len(steps)))
        yield steps[start : ending.stop], [lines[one] for one, position in last.items() if position in ending]


def _refusals(steps: Sequence[Step], answers: Sequence[RouterError | None]) -> dict[int, RouterError]:
    return {step.line_id: error for step, error in zip(steps, answers, strict=True) if error is not None}


def _to_drop(steps: Sequence[Step], settled: Sequence[Wanted], wanted: Sequence[Wanted]) -> list[str]:
    """Whose sessions have to end: also of lines that a reconcile which was killed has switched off already."""
    on = {line.secret.name for line in wanted if line.secret is not None and not line.secret.disabled}
    off = {step.puts_offline for step in steps} | {
        line.name for line in settled if line.secret is None or line.secret.disabled
    }
    return sorted(off - on - {""})


def _read(client: RouterClient, line_ids: Collection[int] | None) -> list[Secret]:
    """All, or those of a few lines' names. (Where a line had another name is found when all are read.)"""
    if line_ids is None or len(line_ids) > FEW:
        return client.secrets()
    names = desired.names_of(line_ids)
    pause()
    return client.secrets(*names) if names else []


def _wanted(router_id: int, line_ids: Collection[int] | None, there: Sequence[Secret]) -> list[Wanted]:
    """What these lines want, and the lines that secrets there are marked with."""
    marks = {line_id for secret in there if (line_id := marked(secret)) is not None}
    if line_ids is None:
        return desired.of_router(router_id, also=marks)
    return desired.of_lines(router_id, marks | set(line_ids))


@contextmanager
def _meeting(router: Router, limits: Limits | None) -> Iterator[RouterClient]:
    access = desired.access_of(router)
    pause()
    with RouterClient(access, limits) as client:
        yield client


@contextmanager
def _claim(router_id: int, patience: float) -> Iterator[Lock]:
    """Be the only one to change this router."""
    pause()
    claim = connection().lock(f"router:{router_id}", timeout=CLAIM, blocking_timeout=patience, sleep=0.2)
    try:
        is_ours = claim.acquire(blocking=patience > 0)
    except RedisError:
        raise Unavailable from None
    if not is_ours:
        raise RouterBusy
    try:
        yield claim
    finally:
        with suppress(RedisError):  # it took so long that it is somebody else's now; or it ends by itself
            claim.release()


def _prolong(claim: Lock) -> None:
    """Raises RouterBusy when another has taken over, or might."""
    try:
        claim.reacquire()
    except RedisError:
        raise RouterBusy from None


def _router(router_id: int) -> Router:
    router = db.session.get(Router, router_id, options=[undefer(Router.password)])
    if router is None:
        raise NotFound("Router not found")
    return router
