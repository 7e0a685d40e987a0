"""Long rows of things, some at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
CHUNK = 1_000


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of `size` (from 1), the last of which may be shorter. Reads no further than it has given."""
    remaining = iter(items)
    while some := list(islice(remaining, size)):
        yield some
