"""Jobs: what runs outside a request. RQ carries the message; the state lives in the database."""

import functools
from collections.abc import Callable
from typing import ParamSpec, Protocol, cast

import redis
from flask import Flask, current_app
from rq import Queue, Retry
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from webapp.audit import Actor, acting
from webapp.database import transaction
from webapp.extensions import db, log

P = ParamSpec("P")
QUEUES = ("high", "default", "low")
_WAITING = "jobs_waiting_for_commit"


class Job(Protocol[P]):
    """A function that `enqueue` accepts: call it directly in a test, or let a worker do it."""

    queue: str
    timeout: int
    retries: int
    path: str

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None: ...


def job(
    queue: str = "default", timeout: int = 300, retries: int = 3
) -> Callable[[Callable[P, None]], Job[P]]:
    """Make a function a job: one transaction, safe to run twice, at most `timeout` seconds, `retries` more tries."""
    if queue not in QUEUES:
        raise ValueError(f"no queue {queue!r}")

    def decorate(function: Callable[P, None]) -> Job[P]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            with acting(Actor("job", name=marked.path)), transaction():
                function(*args, **kwargs)

        marked = cast("Job[P]", run)
        marked.queue, marked.timeout, marked.retries = queue, timeout, retries
        marked.path = f"{function.__module__}.{function.__qualname__}"
        return marked

    return decorate


def enqueue(job: Job[P], *args: P.args, **kwargs: P.kwargs) -> None:
    """Ask for `job` once the current transaction has committed; a rollback forgets it. Arguments must be JSON."""
    savepoint = db.session().get_nested_transaction()
    db.session.info.setdefault(_WAITING, []).append((job, args, kwargs, savepoint))
    db.session.connection()  # a transaction to wait for, even when nothing has been read or written yet


def connect(app: Flask) -> None:
    """Give the application its Redis connection (lazy) and tie `enqueue` to the session's commit."""
    config = app.config["GERBANG"]
    app.extensions["redis"] = redis.Redis.from_url(
        config.redis_url, socket_timeout=10, socket_connect_timeout=2, health_check_interval=30
    )


def connection() -> "redis.Redis":
    return cast("redis.Redis", current_app.extensions["redis"])


@event.listens_for(Session, "after_commit")
def _send(session: Session) -> None:
    for job, args, kwargs, _ in session.info.pop(_WAITING, []):
        retry = Retry(job.retries, interval=[10, 60, 300]) if job.retries else None
        queue = Queue(job.queue, connection=connection(), serializer=JSONSerializer)
        try:
            queue.enqueue_call(job.path, args, kwargs, timeout=job.timeout, retry=retry, result_ttl=3600)
        except redis.RedisError as error:
            log.error("job_not_sent", job=job.path, error=str(error))


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: SessionTransaction) -> None:
    """What a rolled back transaction asked for; of a savepoint, what was asked for in it."""
    waiting = session.info.pop(_WAITING, [])
    if previous.parent is not None:
        session.info[_WAITING] = [asked for asked in waiting if asked[-1] is not previous]
