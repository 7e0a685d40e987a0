"""Many invoices printed at once: whole, in order, once, whoever dies meanwhile."""

import io
import uuid
import zipfile
from datetime import timedelta

import pypdfium2
import pytest
import time_machine
from flask import Flask

from tests.billing.books import Books
from webapp.billing import bulkprints, print_jobs
from webapp.billing.process_models import BulkPrint
from webapp.billing.queries import InvoiceFilter
from webapp.errors import Conflict, Invalid, NotFound, NotReady
from webapp.extensions import db
from webapp.kit import clock

ALL = InvoiceFilter()


@pytest.fixture
def numbers(books: Books, john: int) -> list[str]:
    return [books.invoice(john, 1_000 * number).number for number in range(1, 4)]


def content(app: Flask, print_id: uuid.UUID) -> tuple[bytes, str]:
    with app.app_context():
        pieces, size, name = bulkprints.opened(print_id)
        data = b"".join(pieces)
        assert len(data) == size
        return data, name


def work(app: Flask, print_id: uuid.UUID) -> None:
    with app.app_context():
        print_jobs.print_bulk(str(print_id))


def test_one_pdf_has_every_invoice_in_order(app: Flask, books: Books, numbers: list[str]) -> None:
    asked = books.do(bulkprints.request, ALL)
    work(app, asked.id)
    data, name = content(app, asked.id)
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(data)]
    assert [number in page for number, page in zip(numbers, pages, strict=True)] == [True] * 3
    assert name.endswith(".pdf")


def test_files_are_named_by_their_numbers(app: Flask, books: Books, numbers: list[str]) -> None:
    asked = books.do(bulkprints.request, ALL, as_files=True)
    work(app, asked.id)
    archive = zipfile.ZipFile(io.BytesIO(content(app, asked.id)[0]))
    assert archive.namelist() == [f"{number}.pdf" for number in numbers]
    assert archive.read(archive.namelist()[0]).startswith(b"%PDF")


def test_only_what_was_chosen_is_printed(app: Flask, books: Books, numbers: list[str], john: int) -> None:
    books.pay(john, 1_110)
    asked = books.do(bulkprints.request, InvoiceFilter(status="Lunas"))
    work(app, asked.id)
    assert len(pypdfium2.PdfDocument(content(app, asked.id)[0])) == 1
    with pytest.raises(Invalid):
        books.do(bulkprints.request, InvoiceFilter(period="1999-01"))


def test_a_print_is_not_there_before_it_is_done(app: Flask, books: Books, numbers: list[str]) -> None:
    asked = books.do(bulkprints.request, ALL)
    with app.app_context():
        with pytest.raises(NotReady):
            bulkprints.opened(asked.id)
        with pytest.raises(NotFound):
            bulkprints.opened(uuid.uuid4())


def test_a_second_worker_prints_nothing_twice(app: Flask, books: Books, numbers: list[str]) -> None:
    asked = books.do(bulkprints.request, ALL)
    work(app, asked.id)
    before = content(app, asked.id)
    work(app, asked.id)
    assert content(app, asked.id) == before


def test_what_a_dead_worker_left_is_taken_up_and_given_up_at_last(
    app: Flask, books: Books, numbers: list[str]
) -> None:
    asked = books.do(bulkprints.request, ALL)
    for _ in range(bulkprints.MAX_ATTEMPTS):
        with app.app_context():
            assert bulkprints._claim(asked.id) is not None
        with (
            time_machine.travel(clock.now() + bulkprints.SILENT_AFTER + timedelta(seconds=1)),
            app.app_context(),
        ):
            print_jobs.rescue_prints()
    with app.app_context(), pytest.raises(Conflict, match="died three times"):
        bulkprints.opened(asked.id)


def test_a_slow_worker_leaves_the_print_to_the_one_that_took_it_up(
    app: Flask, books: Books, numbers: list[str]
) -> None:
    asked = books.do(bulkprints.request, ALL)
    with app.app_context():
        attempt = bulkprints._claim(asked.id)
        assert attempt is not None
        with time_machine.travel(clock.now() + timedelta(minutes=3)):
            print_jobs.rescue_prints()
        assert not bulkprints._move(asked.id, attempt, status="done")
    work(app, asked.id)
    assert content(app, asked.id)[0].startswith(b"%PDF")


def test_prints_are_forgotten_after_a_week(app: Flask, books: Books, numbers: list[str]) -> None:
    asked = books.do(bulkprints.request, ALL)
    work(app, asked.id)
    with time_machine.travel(clock.now() + timedelta(days=8)), app.app_context():
        print_jobs.expire_prints()
        assert db.session.get(BulkPrint, asked.id) is None
