"""Cells that no spreadsheet runs, and that are read again as they were."""

from hypothesis import example, given
from hypothesis import strategies as some

from webapp.kit import csvsafe


@given(some.text())
@example("=1+1")
@example("'=1+1")
@example("''-x")
@example("'quoted'")
def test_what_was_written_is_read_again(text: str) -> None:
    written = csvsafe.cell(text)
    assert isinstance(written, str)
    assert csvsafe.plain(written) == text
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_numbers_stay_numbers() -> None:
    assert csvsafe.cell(-6.9) == -6.9
