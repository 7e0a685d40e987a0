"""The document's names for what services call otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager

from webapp.errors import Invalid


@contextmanager
def named(**names: str) -> Iterator[None]:
    """A refusal in this block speaks of fields by the client's names: `named(amount="jumlah")`."""
    try:
        yield
    except Invalid as error:
        raise type(error)({names.get(name, name): text for name, text in error.fields.items()}) from None
