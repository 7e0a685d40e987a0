"""The worker: runs jobs from the queues until it is told to stop.

`python worker.py`, or RQ's own command: `rq worker --worker-class worker.GerbangWorker high default low`.
"""

from typing import Any

from rq import Queue, Worker
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker_pool import WorkerPool

from webapp import create_app
from webapp.config import Config
from webapp.database import transaction
from webapp.documents import press  # noqa: F401 - loaded before a worker forks: it takes longer than a short report
from webapp.documents.jobs import rescue_reports
from webapp.extensions import db
from webapp.queue import QUEUES, enqueue

app = create_app()


class GerbangWorker(Worker):
    """A worker whose every job runs inside the application, with a database connection of its own."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "serializer": JSONSerializer})

    def bootstrap(self, *args: Any, **options: Any) -> None:
        """At its start: whatever a worker that died has left is taken up again."""
        super().bootstrap(*args, **options)
        with app.app_context(), transaction(write=False):
            enqueue(rescue_reports)
        with app.app_context():
            db.engine.dispose()  # nothing that is open now should be there after a fork

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        with app.app_context():
            db.engine.dispose(close=False)  # the parent's connections are not ours to use after the fork
            return super().perform_job(job, queue, execution)


def main() -> None:
    config: Config = app.config["GERBANG"]
    connection = app.extensions["redis"]
    if config.JOB_WORKERS > 1:
        WorkerPool(
            QUEUES,
            connection=connection,
            num_workers=config.JOB_WORKERS,
            worker_class=GerbangWorker,
            serializer=JSONSerializer,
        ).start()
        return
    queues = [Queue(name, connection=connection, serializer=JSONSerializer) for name in QUEUES]
    worker = GerbangWorker(queues, connection=connection)
    worker.work(with_scheduler=True)  # without it, jobs that are to be tried again later never would be


if __name__ == "__main__":
    main()
