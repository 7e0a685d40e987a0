"""Notes about customers."""

import pytest
from flask import Flask

from tests.support.factories import Make
from webapp.audit import Actor, acting
from webapp.database import transaction
from webapp.errors import Invalid, NotFound
from webapp.subscribers import notes


@pytest.fixture
def john(make: Make) -> int:
    make.brand()
    return make.customer()


def test_a_note_has_its_author_and_its_lines(app: Flask, john: int) -> None:
    with app.app_context(), acting(Actor("web", name="siti")), transaction():
        notes.add_note(john, " Called.\r\nWill pay on Friday 🙂 ")
        notes.add_note(john, "Paid.")
        assert [note.body for note in notes.notes_of(john)] == ["Paid.", "Called.\nWill pay on Friday 🙂"]
        assert {note.author for note in notes.notes_of(john)} == {"siti"}


@pytest.mark.parametrize("body", ["", " \n ", "x" * 2001, "a\x00", "\ud800"], ids=range(5))
def test_a_note_that_is_none(app: Flask, john: int, body: str) -> None:
    with app.app_context(), pytest.raises(Invalid), transaction():
        notes.add_note(john, body)


def test_only_this_customers_note_is_deleted(app: Flask, make: Make, john: int) -> None:
    jane = make.customer(name="Jane")
    with app.app_context(), transaction():
        note = notes.add_note(john, "x").id
    for customer, note_id in ((jane, note), (john, 2**31), (john, 0)):
        with app.app_context(), pytest.raises(NotFound), transaction():
            notes.delete_note(customer, note_id)
    with app.app_context(), transaction():
        notes.delete_note(john, note)
        assert not notes.notes_of(john)
