"""Where files are kept. A folder by default; the settings may name another place (contracts, 5 bamboo)."""

import re
from pathlib import Path
from typing import Protocol, cast

from flask import Flask, current_app

from webapp.errors import NotFound

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_.-]*)+")


class Storage(Protocol):
    """Files by name, such as `markers/0f3c….jpg`. Names are ours, never a visitor's."""

    def put(self, name: str, data: bytes) -> None:
        """Store a file, whole or not at all. Raises Unavailable."""
        ...

    def get(self, name: str) -> bytes:
        """Raises NotFound or Unavailable."""
        ...

    def delete(self, name: str) -> None:
        """Forget a file; one that isn't there is fine. Raises Unavailable."""
        ...


class Folder:
    """Files in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, name: str, data: bytes) -> None:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_bytes(data)
        fresh.replace(path)

    def get(self, name: str) -> bytes:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            raise NotFound("File not found") from None

    def delete(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):  # the fence: no dots at the start of a part, so no way up
            raise NotFound("File not found")
        return self._root / name


def init_app(app: Flask) -> None:
    app.extensions["storage"] = Folder(app.config["GERBANG"].data_dir / "files")


def storage() -> Storage:
    """The running application's."""
    return cast("Storage", current_app.extensions["storage"])
