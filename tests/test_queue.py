"""Jobs are sent after the commit and forgotten after a rollback."""

from contextlib import suppress

import pytest
from flask import Flask
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty

from webapp.accounts.jobs import sweep_sessions
from webapp.accounts.models import Role, User
from webapp.accounts.service import create_user
from webapp.database import transaction
from webapp.extensions import db
from webapp.gates import jobs
from webapp.queue import QUEUES, enqueue, job


def waiting(app: Flask, name: str = "low") -> int:
    return len(Queue(name, connection=app.extensions["redis"], serializer=JSONSerializer))


def test_a_job_waits_for_the_commit(app: Flask) -> None:
    with app.app_context(), transaction():
        enqueue(sweep_sessions)
        assert waiting(app) == 0
    assert waiting(app) == 1


def test_a_rollback_forgets_it(app: Flask) -> None:
    def fail() -> None:
        with transaction():
            enqueue(sweep_sessions)
            raise RuntimeError

    with app.app_context():
        with pytest.raises(RuntimeError):
            fail()
        with transaction():
            create_user("after", "long enough", Role.VIEWER)
    assert waiting(app) == 0


def test_a_savepoint_that_is_rolled_back_forgets_its_own_and_no_more(app: Flask) -> None:
    with app.app_context(), transaction():
        enqueue(sweep_sessions)
        with suppress(RuntimeError), db.session.begin_nested():
            enqueue(sweep_sessions)
            raise RuntimeError
    assert waiting(app) == 1


def test_a_worker_runs_it_inside_a_transaction(app: Flask) -> None:
    with app.app_context():
        with transaction():
            enqueue(sweep_sessions)
        queue = Queue("low", connection=app.extensions["redis"], serializer=JSONSerializer)
        worker = SimpleWorker([queue], connection=app.extensions["redis"], serializer=JSONSerializer)
        worker.death_penalty_class = TimerDeathPenalty
        worker.work(burst=True)
        assert queue.finished_job_registry.count == 1


def test_a_job_that_fails_leaves_nothing_behind(app: Flask) -> None:
    @job()
    def half_done() -> None:
        db.session.add(User(username="half", name="", password_hash="x", role_level=1))
        db.session.flush()
        raise RuntimeError

    with app.app_context():
        with pytest.raises(RuntimeError):
            half_done()
        assert db.session.scalar(db.select(User)) is None


def test_jobs_name_a_queue_that_workers_serve() -> None:
    assert {jobs.run_recount.queue, jobs.make_partitions.queue, sweep_sessions.queue} <= set(QUEUES)
    with pytest.raises(ValueError, match="no queue"):
        job(queue="nowhere")
