"""A report's first page as a picture, drawn when somebody first wants to see it and kept with the report's file."""

import subprocess
import sys
import tempfile
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import IO

from webapp.database import pause
from webapp.documents.models import ReportTask
from webapp.errors import NotFound, Unavailable
from webapp.extensions import log
from webapp.storage import storage

MAX_PDF = 60_000_000  # bytes; what is larger is not worth its memory
SECONDS = 25.0
DRAW = Path(__file__).with_name("firstpage.py")
_turn = threading.BoundedSemaphore(1)


def is_possible(task: ReportTask) -> bool:
    return task.status == "completed" and (task.output_size or 0) <= MAX_PDF


def name_of(pdf: str) -> str:
    """Where the picture of a report's file is kept."""
    return pdf.removesuffix(".pdf") + ".webp"


def load(task: ReportTask) -> bytes:
    """WebP. Raises NotFound when there is nothing to see, Unavailable when others are being drawn for too long."""
    if not is_possible(task):
        raise NotFound("The report has no preview")
    pdf = task.storage_name
    pause()
    with suppress(NotFound):
        return storage().get(name_of(pdf))
    if not _turn.acquire(timeout=SECONDS):
        raise Unavailable("Too many pictures are being drawn, please retry")
    try:
        return _drawn(pdf)
    finally:
        _turn.release()


def _drawn(pdf: str) -> bytes:
    with suppress(NotFound):  # somebody else may have had it drawn meanwhile
        return storage().get(name_of(pdf))
    with tempfile.TemporaryFile() as file:
        chunks, _size = storage().open(pdf)
        with closing(chunks):
            file.writelines(chunks)
        file.seek(0)
        picture = draw(file)
    storage().put(name_of(pdf), picture)
    return picture


def draw(pdf: IO[bytes]) -> bytes:
    """The first page of a file of this machine. Raises NotFound for what can't be drawn."""
    command = [sys.executable, "-I", str(DRAW)]
    try:
        done = subprocess.run(command, stdin=pdf, capture_output=True, timeout=SECONDS, check=True)  # noqa: S603 - all ours
    except subprocess.SubprocessError as error:
        log.warning("preview_failed", error=str(error), said=str(getattr(error, "stderr", ""))[-300:])
        raise NotFound("The report has no preview") from None
    return done.stdout
