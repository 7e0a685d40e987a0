"""Where a report is printed before it is stored: a folder of this machine, which goes when the printing ends."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

PREFIX = "gerbang-report-"
STALE = timedelta(hours=12)  # twice as long as anything may print


@contextmanager
def work_folder() -> Iterator[Path]:
    """A folder of its own, deleted with all that is in it. Only a killed process leaves it behind."""
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        yield Path(folder)


def sweep(before: datetime) -> int:
    """Delete folders in which nothing has been written since `before`: their process is dead. Returns how many."""
    found = [folder for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*") if _touched(folder) < before]
    for folder in found:
        shutil.rmtree(folder, ignore_errors=True)
    return len(found)


def _touched(folder: Path) -> datetime:
    """When last something changed in it; now for one that is being deleted."""
    with suppress(OSError):
        latest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
        return datetime.fromtimestamp(latest, UTC)
    return datetime.now(UTC)
