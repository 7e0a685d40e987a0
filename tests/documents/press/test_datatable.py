"""`<pdf:datatable>` and `<pdf:bars>`: whatever is handed over is printed once, under its titles."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents.press.paper import opened, texts
from webapp.documents.press import print_html
from webapp.documents.press.datatable import DataTable, columns

TABLE = '<pdf:datatable name="rows" titles="Nomor|Nama" widths="30 *" aligns="right left"></pdf:datatable>'
SHAPE = columns("Nomor|Nama", "30 *", "right left")


def document(before: int = 0) -> str:
    return (
        f"<style>@page {{ size: A5; margin: 10mm }}</style>{'<p>Sebelum</p>' * before}{TABLE}<p>Sesudah</p>"
    )


@settings(deadline=None, max_examples=25)
@given(count=st.integers(0, 400), before=st.integers(0, 60))
def test_every_row_is_printed_once_under_titles_that_every_page_repeats(count: int, before: int) -> None:
    rows = [(f"n{number}", f"é–{number}x") for number in range(count)]
    pages = texts(print_html(document(before), {"rows": rows}))
    words = [word for page in pages for word in page.split()]
    assert [word for word in words if word.startswith("n")] == [number for number, _ in rows]
    assert [word for word in words if word.startswith("é")] == [name for _, name in rows]
    assert words.count("Sesudah") == 1
    assert words.count("Sebelum") == before
    for page in pages:
        if any(word.startswith("é") for word in page.split()):
            assert page.split().count("Nomor") == page.split().count("Nama") == 1
    assert ("Tidak ada data." in " ".join(words)) == (count == 0)


@given(count=st.integers(1, 10**9), height=st.floats(0, 2_000))
def test_splitting_shares_the_rows_out_whatever_their_number(count: int, height: float) -> None:
    parts = DataTable(range(count), SHAPE, 0, count, total=False).split(100, height)  # type: ignore[arg-type]
    shares = [(part._start, part._stop) for part in parts]  # type: ignore[attr-defined]
    assert shares == [] or (shares[0][0], shares[-1][1]) == (0, count)
    assert all(one[1] == other[0] for one, other in pairwise(shares))
    if parts:
        assert parts[0].wrap(100, height)[1] <= height


def test_cells_are_text_and_never_markup() -> None:
    [page] = texts(print_html(document(), {"rows": [("1", "<b>a</b> & <pdf:toc>")]}))
    assert "<b>a</b> & <pdf:toc>" in page


def test_every_sign_of_ascii_and_its_neighbours_comes_out_as_it_went_in() -> None:
    """Those of ASCII take a short cut into the font's first subset, before or after the others."""
    plain, other = "".join(map(chr, range(33, 127))), "éÉñ–€Šł“”…≠"
    cells = [other, plain[:40], f"{plain[40:70]}{other}", plain[70:]]
    rows = [(str(number), cell) for number, cell in enumerate(cells)]
    [page] = texts(print_html(document(), {"rows": rows}))
    assert [cell in page.replace("\n", " ") for cell in cells] == [True] * len(cells)


def test_a_cell_that_is_too_long_is_cut_and_stays_in_its_column() -> None:
    [page] = texts(print_html(document(), {"rows": [("x" * 200, "name")]}))
    assert "xxx…" in page.replace("\n", "")
    assert "name" in page


def test_the_last_row_can_be_a_total() -> None:
    html = TABLE.replace("<pdf:datatable ", '<pdf:datatable total="yes" ')
    fonts = opened(print_html(html, {"rows": [("1", "a"), ("2", "b")]})).pages[0]
    drawn = fonts.get_contents().get_data().decode("latin-1")  # type: ignore[union-attr]
    plain = opened(print_html(TABLE, {"rows": [("1", "a"), ("2", "b")]})).pages[0]
    assert drawn != plain.get_contents().get_data().decode("latin-1")  # type: ignore[union-attr]


def test_widths_are_millimetres_and_shares_of_the_rest() -> None:
    edges = columns("a|b|c", "20 * *", "").edges(200 / 25.4 * 72)
    begins = [round(left / 72 * 25.4 - 1.2, 3) for left, _ in edges]
    assert begins == [0, 20, 110]


@pytest.mark.parametrize(
    ("titles", "widths", "aligns"), [("a|b", "20", ""), ("a|b", "", "left"), ("a", "wide", "")]
)
def test_attributes_that_do_not_fit_each_other_are_refused(titles: str, widths: str, aligns: str) -> None:
    with pytest.raises(ValueError, match=r"datatable|float"):
        columns(titles, widths, aligns)


@pytest.mark.parametrize("tag", [TABLE, '<pdf:bars name="rows"></pdf:bars>'])
def test_rows_that_nobody_handed_over_are_an_error_and_not_an_empty_table(tag: str) -> None:
    with pytest.raises(ValueError, match="rows"):
        print_html(tag)


def test_bars_show_their_labels_and_numbers() -> None:
    bars = [("Jan", 5, "5 rb"), ("Feb", 0, "0"), ("Mar", -2, "-2")]
    [page] = texts(print_html('<pdf:bars name="b" height="30"></pdf:bars>', charts={"b": bars}))
    assert page.split() == ["Jan", "5", "rb", "Feb", "0", "Mar", "-2"]


def test_bars_that_have_no_room_for_words_leave_them_out() -> None:
    bars = [(f"label {number}", number, "") for number in range(300)]
    [page] = texts(print_html('<pdf:bars name="b"></pdf:bars>', charts={"b": bars}))
    assert "label" not in page


def test_a_caption_stands_above_the_first_row_and_is_not_repeated() -> None:
    table = '<pdf:datatable name="t" titles="a" caption="Menurut jam"></pdf:datatable>'
    for before in range(40, 60):
        filling = "<p>x</p>" * before
        pages = texts(print_html(f"{filling}{table}", {"t": [(f"row{n}",) for n in range(60)]}))
        [page] = [page for page in pages if "Menurut jam" in page]
        assert "row0" in page
