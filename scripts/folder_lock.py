"""One Gerbang a data folder: a lock that also knows of children outliving a parent that was killed."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def sole_user_of(folder: Path, patience: float) -> Iterator[TextIO]:
    """Hold the folder's lock, or raise BlockingIOError with a sentence for people.

    Give the file to every child as well: then the lock is free only when the last of them has ended. Where the
    holder itself is dead, its children are still finishing their work, and we wait for them up to `patience` seconds.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "serve.lock").open("a+") as file:
        deadline = time.monotonic() + patience
        while not _lock(file):
            file.seek(0)
            holder = file.read()
            if _is_alive(holder):
                raise BlockingIOError(
                    f"Gerbang already runs on {folder} (process {holder}): stop it, or choose another DATA_DIR."
                )
            if time.monotonic() > deadline:
                raise BlockingIOError(
                    f"A Gerbang on {folder} was killed, and its processes are still finishing."
                )
            time.sleep(0.2)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file


def _lock(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
