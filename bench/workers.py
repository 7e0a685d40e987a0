"""Short documents in workers: one page a job, the worker's start not counted."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

from bench.places import Place, place
from bench.processes import BIN, Process, running
from bench.result import Result, compared

OURS, STOCK = "bench.worker_jobs.print_ours", "bench.worker_jobs.print_stock"
OUR_CLASS = ["--worker-class", "worker.GerbangWorker"]
START_LIMIT = 60.0
WORK_LIMIT = 300.0


def invoices(redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    """Documents a second: our worker by RQ's own, and two of our workers by one."""
    rounds, count = (7, 200) if full else (3, 100)
    with place("SQLite", folder, redis_url) as here:
        pairs = [(_speed(here, OURS, count, 1), _speed(here, STOCK, count // 4, 1)) for _ in range(rounds)]
        yield _compared("one-page documents in a worker ÷ RQ's default fork", pairs, 4)
        pairs = [(_speed(here, OURS, 2 * count, 2), _speed(here, OURS, count, 1)) for _ in range(rounds)]
        yield _compared("the same, two workers ÷ one", pairs, 1.7)


def _compared(what: str, pairs: Sequence[tuple[float, float]], least: float) -> Result:
    return compared(what, [pair[0] for pair in pairs], [pair[1] for pair in pairs], least, unit="/s")


def _speed(here: Place, path: str, count: int, workers: int) -> float:
    """How many jobs a second so many waiting workers do, once they are sent all at once."""
    with _connected(here) as redis:
        redis.flushdb()
        queue = Queue("default", connection=redis, serializer=JSONSerializer)
        with running(*(_worker(here, path, number) for number in range(workers))):
            _until(lambda: Worker.count(connection=redis) == workers, START_LIMIT)
            _until(
                lambda: not Queue("high", connection=redis).count, START_LIMIT
            )  # what ours does at its start
            time.sleep(1)
            jobs = queue.enqueue_many([Queue.prepare_data(path, timeout=60) for _ in range(count)])
            _until(lambda: len(queue.finished_job_registry) == count, WORK_LIMIT)
        return count / _seconds([Job.fetch(job.id, redis, JSONSerializer) for job in jobs])


def _seconds(jobs: Sequence[Job]) -> float:
    """From when the first was begun to when the last had ended."""
    starts = [job.started_at for job in jobs if job.started_at]
    ends = [job.ended_at for job in jobs if job.ended_at]
    return (max(ends) - min(starts)).total_seconds()


def _worker(here: Place, path: str, number: int) -> Process:
    own = OUR_CLASS if path == OURS else ["--serializer", "rq.serializers.JSONSerializer"]
    url = here.environ["REDIS_URL"]
    command = [str(BIN / "rq"), "worker", *own, "--url", url, "high", "default"]
    return Process(command, {**here.environ, "PYTHONPATH": "."}, here.folder / f"worker{number}.log")


@contextmanager
def _connected(here: Place) -> Iterator[Redis]:
    redis = Redis.from_url(here.environ["REDIS_URL"])
    try:
        yield redis
    finally:
        redis.close()


def _until(true: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise RuntimeError("The workers did not do it in time")
        time.sleep(0.1)
