"""A worker's sign of life: once a second, whatever the printing is busy with."""

import threading
import uuid
from types import TracebackType
from typing import Any, Self

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from webapp.database import transaction
from webapp.documents import tasks
from webapp.extensions import log

EVERY = 1.0  # seconds between two notes in the database


class NoLongerOurs(Exception):
    """The task was cancelled, or another worker has taken it up."""


class Watch:
    """Writes a task's progress down while it is printed, and learns whether the task is still its worker's own."""

    def __init__(self, task_id: uuid.UUID, attempt: int) -> None:
        self._task_id, self._attempt = task_id, attempt
        self._at = ("starting", 0)
        self._lost = False
        self._done = threading.Event()
        app: Any = current_app
        self._app = app._get_current_object()  # noqa: SLF001 - Flask's way to hand it to a thread
        self._thread = threading.Thread(target=self._run, name="report-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def note(self, stage: str, percent: int) -> None:
        """How far it is. Raises NoLongerOurs."""
        self._at = stage[:40], max(0, min(99, percent))
        self.check()

    def check(self) -> None:
        """Raises NoLongerOurs."""
        if self._lost:
            raise NoLongerOurs()

    def _run(self) -> None:
        with self._app.app_context():
            while not self._lost and not self._done.wait(EVERY):
                try:
                    with transaction():
                        self._lost = not tasks.report_progress(self._task_id, self._attempt, *self._at)
                except (
                    SQLAlchemyError
                ) as error:  # the database may be back before anybody takes the task over
                    log.warning("report_watch_failed", error=str(error))
