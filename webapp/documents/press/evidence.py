"""Prints evidence sheets: one block a transaction, and a closing summary."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path

from webapp.documents.press.blocks import Blocks
from webapp.documents.press.form import Form
from webapp.documents.press.sheet import Printed, Sheet
from webapp.documents.press.summary import Summary, Tally
from webapp.documents.press.wholefile import whole_file
from webapp.documents.sources import Transaction

Progress = Callable[[str, int], None]


def _nobody_listens(_stage: str, _percent: int) -> None:
    pass


def print_evidence(
    sheet: Sheet,
    read: Callable[[], Iterator[Transaction]],
    target: Path,
    progress: Progress = _nobody_listens,
) -> Printed:
    """Print what `read()` yields (it is called once) into the PDF `target`, holding a page of it in memory at most.

    `progress(stage, percent)` is told of every transaction; whatever it raises (a cancelled task) or `read` raises
    (UnreadableSource) comes out of here, and then there is no file. The same input gives the same bytes.
    """
    with whole_file(target) as out:
        form, tally = Form(out, sheet), Tally()
        blocks = Blocks(form)
        progress("printing", 0)
        with closing(_closing(read())) as transactions:
            for one in transactions:
                tally.add(one, blocks.add(one))
                progress("printing", sheet.percent(one.at))
        progress("summary", 99)
        Summary(form).print(tally, sheet.missing_days)
        form.close()
    return Printed(tally.transactions, tally.photos, form.pages, out.size, out.sha256)


def _closing(transactions: Iterator[Transaction]) -> Generator[Transaction, None, None]:
    """So that what reads behind the iterator (mdb-export) ends at once when printing does."""
    yield from transactions
