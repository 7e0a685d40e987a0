"""Files in a folder of this machine."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from webapp.errors import NotFound, Unavailable
from webapp.extensions import log
from webapp.storage import CHUNK, Chunks, Entry


class Folder:
    """See Storage. A full or read-only disk is Unavailable."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, name: str, data: bytes) -> None:
        self._write(name, lambda fresh: fresh.write_bytes(data))

    def put_file(self, name: str, path: Path) -> None:
        self._write(name, lambda fresh: shutil.copyfile(path, fresh))

    def _write(self, name: str, write: Callable[[Path], object]) -> None:
        path = self._root / name
        fresh = path.with_name(f".{uuid4().hex}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(fresh)
            fresh.replace(path)
        except OSError as error:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise _unavailable(error) from None

    def get(self, name: str) -> bytes:
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            raise NotFound("File not found") from None
        except OSError as error:
            raise _unavailable(error) from None

    def open(self, name: str) -> tuple[Chunks, int]:
        try:
            file = (self._root / name).open("rb")
        except FileNotFoundError:
            raise NotFound("File not found") from None
        except OSError as error:
            raise _unavailable(error) from None
        pieces = iter(lambda: file.read(CHUNK), b"")
        return Chunks(pieces, file.close), os.fstat(file.fileno()).st_size

    def delete(self, name: str) -> None:
        try:
            (self._root / name).unlink(missing_ok=True)
        except OSError as error:
            raise _unavailable(error) from None

    def entries(self, folder: str) -> Iterator[Entry]:
        try:
            for path in (self._root / folder).rglob("[!.]*"):  # a dot: half written
                with suppress(FileNotFoundError):
                    if path.is_file():
                        stored_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                        yield Entry(path.relative_to(self._root).as_posix(), stored_at)
        except OSError as error:
            raise _unavailable(error) from None

    def tidy(self, before: datetime) -> None:
        try:
            for path in self._root.rglob(".*.new"):
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < before.timestamp():
                        path.unlink()
        except OSError as error:
            raise _unavailable(error) from None

    def close(self) -> None:
        """There are none."""


def _unavailable(error: OSError) -> Unavailable:
    log.warning("storage_unavailable", place="folder", error=str(error))
    return Unavailable("Files can't be stored now, please retry")
