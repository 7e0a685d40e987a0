"""A file that appears whole or not at all."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


class Written:
    """What is written in one go, from front to back: counted and hashed on its way to the disk."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


@contextmanager
def whole_file(target: Path) -> Iterator[Written]:
    """Write to a hidden neighbour (`.name.….part`) that takes `target`'s name when the block ends well.

    Whatever is raised inside, a full disk included, leaves neither the neighbour nor a changed `target`. Only a killed
    process leaves its neighbour behind, in a folder that is swept (documents/workfolder.py).
    """
    part = target.with_name(f".{target.name}.{secrets.token_hex(6)}.part")
    try:
        with part.open("xb") as file:
            yield Written(file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            part.unlink()
        raise
