"""The worker: runs jobs from the queues until it is told to stop."""

from rq import Queue, Worker
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker_pool import WorkerPool

from webapp import create_app
from webapp.config import Config
from webapp.extensions import db
from webapp.queue import QUEUES

app = create_app()


class GerbangWorker(Worker):
    """A worker whose every job runs inside the application, with a database connection of its own."""

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
    GerbangWorker(queues, connection=connection, serializer=JSONSerializer).work()


if __name__ == "__main__":
    main()
