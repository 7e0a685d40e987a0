"""Where files are kept: a folder by default; the settings may name an S3-compatible store or Google Drive."""

import mimetypes
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol, Self, cast

from flask import Flask, current_app

from webapp.config import Config
from webapp.errors import NotFound

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_.-]*)+")
_FOLDER = re.compile(r"[a-z0-9][a-z0-9_-]*/")
CHUNK = 256 * 1024  # bytes of a file that is read in pieces
SECONDS = 5.0  # how long any store may take to connect, and between two signs of life


class Chunks:
    """A stored file, piece by piece. Whoever opens it closes it, also when not all of it is wanted."""

    def __init__(self, pieces: Iterator[bytes], close: Callable[[], object]) -> None:
        self._pieces, self.close = pieces, close

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        for piece in self._pieces:
            return piece
        self.close()
        raise StopIteration


class Entry(NamedTuple):
    """A file that is stored, and when that was (UTC)."""

    name: str
    stored_at: datetime


class Storage(Protocol):
    """Files by name, such as `markers/0f3c….jpg`. Names are ours, never a visitor's.

    Every call ends within seconds, with Unavailable where the place can't be reached or refuses.
    """

    def put(self, name: str, data: bytes) -> None:
        """Store a file, whole or not at all; one of that name is replaced. Raises Unavailable."""
        ...

    def put_file(self, name: str, path: Path) -> None:
        """`put` what is in a file of this machine, however large."""
        ...

    def get(self, name: str) -> bytes:
        """Raises NotFound or Unavailable."""
        ...

    def open(self, name: str) -> tuple[Chunks, int]:
        """`get` a file in pieces, however large, and how many bytes there are. Raises NotFound or Unavailable."""
        ...

    def delete(self, name: str) -> None:
        """Forget a file; one that isn't there is fine. Raises Unavailable."""
        ...

    def entries(self, folder: str) -> Iterator[Entry]:
        """All files whose names begin with `folder` (such as `markers/`), in any order, read as they are asked for.

        One that comes or goes meanwhile may be among them or not. Raises Unavailable.
        """
        ...

    def tidy(self, before: datetime) -> None:
        """Delete what processes that died had half written before then. Raises Unavailable."""
        ...

    def close(self) -> None:
        """Let go of open connections."""
        ...


def init_app(app: Flask) -> None:
    """Give the application the storage that its settings name. Does no I/O."""
    app.extensions["storage"] = _Fenced(_chosen(app.config["GERBANG"]))


def storage() -> Storage:
    """The running application's."""
    return cast("Storage", current_app.extensions["storage"])


def media_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _chosen(config: Config) -> Storage:
    """Each place's library is only loaded where it is wanted."""
    if config.STORAGE == "s3":
        from webapp.storage.s3 import Bucket

        return Bucket(config)
    if config.STORAGE == "drive":
        from webapp.storage.drive import Drive

        return Drive(config)
    from webapp.storage.folder import Folder

    return Folder(config.data_dir / "files")


class _Fenced:
    """A storage that is only asked for names of ours: no dots at the start of a part, so no way up."""

    def __init__(self, inner: Storage) -> None:
        self._inner = inner

    def put(self, name: str, data: bytes) -> None:
        self._inner.put(_checked(name), data)

    def put_file(self, name: str, path: Path) -> None:
        self._inner.put_file(_checked(name), path)

    def get(self, name: str) -> bytes:
        return self._inner.get(_checked(name))

    def open(self, name: str) -> tuple[Chunks, int]:
        return self._inner.open(_checked(name))

    def delete(self, name: str) -> None:
        self._inner.delete(_checked(name))

    def entries(self, folder: str) -> Iterator[Entry]:
        if not _FOLDER.fullmatch(folder):
            raise NotFound("Folder not found")
        return self._inner.entries(folder)

    def tidy(self, before: datetime) -> None:
        self._inner.tidy(before)

    def close(self) -> None:
        self._inner.close()


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise NotFound("File not found")
    return name
