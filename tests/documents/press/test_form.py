"""The evidence sheet as a form: what stands on each page, how values are written, and what becomes of odd ones."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
import segno

from tests.documents.press.paper import (
    URL,
    lines,
    opened,
    passage,
    photograph,
    photos,
    sheet,
    texts,
    unembedded,
)
from tests.support.pictures import picture
from webapp.documents.press import print_evidence
from webapp.documents.press.page import SIZES
from webapp.documents.sources import Transaction


def printed(target: Path, *transactions: Transaction, **changes: object) -> Path:
    print_evidence(sheet(**changes), lambda: iter(transactions), target)
    return target


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "report.pdf"


@pytest.mark.parametrize("size", SIZES)
def test_every_page_has_the_header_and_says_which_it_is(target: Path, size: str) -> None:
    printed(target, *[passage()] * 40, page_size=size)
    pages = texts(target)
    assert len(pages) >= 4
    for number, text in enumerate(pages, 1):
        for words in (
            "PT Jasa Marga",
            "Dicetak 2 Januari 2026 pukul 08.05.09 WIB",
            "CABANG : BALMERA",
            "GERBANG : 01 Belawan",
            "OPERATOR : Siti",
            "PERIODE : 15 Desember 2025",
            "No. R-2026-000123",
            f"Halaman {number} dari {len(pages)}",
        ):
            assert words in " ".join(text.split()), words


@pytest.mark.parametrize("size", SIZES)
def test_the_paper_is_the_one_asked_for_and_nothing_leaves_its_margins(target: Path, size: str) -> None:
    printed(target, *[passage(photos=(photograph(), photograph()))] * 3, page_size=size)
    width, height = SIZES[size]
    margin = 5 / 25.4 * 72
    page = opened(target).pages[0]
    assert [float(side) for side in page.mediabox] == pytest.approx([0, 0, width, height], abs=0.01)
    places: list[tuple[float, float]] = []
    page.extract_text(
        visitor_operand_before=lambda operator, operands, matrix, text: _note(places, operator, operands)
    )
    assert len(places) > 20
    assert all(
        margin - 0.1 <= x <= width - margin and margin - 0.1 <= y <= height - margin for x, y in places
    )


def _note(places: list[tuple[float, float]], operator: bytes, operands: list[float]) -> None:
    """Where boxes begin and end."""
    if operator == b"re" and len(operands) == 4 and operands[3] > 5:
        x, y, wide, high = map(float, operands)
        places.extend([(x, y), (x + wide, y + high)])
    if operator == b"Td":
        places.append((float(operands[0]), float(operands[1])))


def test_an_unknown_paper_is_refused() -> None:
    with pytest.raises(ValueError, match="A4"):
        sheet(page_size="B5")


def test_a_block_names_its_values(target: Path) -> None:
    found = lines(printed(target, passage()))
    for line in (
        "SHF/PRD : 1/4",
        "NIK PUL : 100019",
        "NIK PAS : 45978",
        "WAKTU : 15/12/2025 08.05.09",
        "GOL/AVC : 2/2",
        "METODA : eToll BRI",
        "SERI : 000005",
        "STATUS : PERIODIK",
        "ASAL : 05",
        "KARTU : 6032473305931910",
    ):
        assert line in found
    assert any(line.startswith("GARDU : 03") or line.endswith("GARDU : 03") for line in found)
    assert " ".join(found).count("[No Capture]") == 2


def test_empty_values_are_written_as_such(target: Path) -> None:
    bare = passage(
        collector="",
        passer=" ",
        vehicle_class="",
        detected_class="",
        method="",
        serial="",
        origin="",
        card="",
    )
    found = lines(printed(target, bare))
    for line in ("NIK PUL : --", "NIK PAS : --", "GOL/AVC : -/-", "SERI : 000000", "ASAL : 00", "KARTU : --"):
        assert line in found


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("PPC", "eToll Mdr"),
        ("PPC0", "eToll Mdr"),
        ("PPC1", "eToll BRI"),
        ("PPC2", "eToll BNI"),
        ("PPC3", "eToll BTN"),
        ("PPC5", "eToll BCA"),
        ("PPC7", "eToll DKI"),
        ("TUNAI", "TUNAI"),
        ("PPC9", "PPC9"),
    ],
)
def test_methods_are_named(target: Path, code: str, words: str) -> None:
    assert f"METODA : {words}" in lines(printed(target, passage(method=code)))


def test_a_class_that_the_detector_saw_otherwise_is_marked_and_counted(target: Path) -> None:
    found = lines(printed(target, passage(detected_class="3"), passage()))
    assert "GOL/AVC : 2/3 ≠" in found
    assert "GOL/AVC : 2/2" in found
    assert "GOL ≠ AVC 1 50,0%" in found
    assert "GOL 2, AVC 3 1 50,0%" in found


def test_an_empty_period_says_so(target: Path) -> None:
    result = print_evidence(sheet(missing_days=[date(2025, 12, 15)]), lambda: iter(()), target)
    [text] = texts(target)
    assert "Tidak ada transaksi pada periode ini." in text
    assert "Hari tanpa data\n15 Desember 2025" in text
    assert "Halaman 1 dari 1" in text
    assert (result.transactions, result.photos, result.pages) == (0, 0, 1)


def test_missing_days_that_follow_each_other_are_one_line_and_many_turn_the_page(target: Path) -> None:
    days = [date(2025, month, day) for month in range(1, 13) for day in range(1, 28, 2)]
    printed(target, passage(), missing_days=[date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), *days])
    found = lines(target)
    assert "28 Februari 2024 – 1 Maret 2024" in found
    assert "27 Desember 2025" in found
    assert sum(line.endswith("2025") and line[0].isdigit() for line in found) == len(days)
    assert len(texts(target)) > 2


@pytest.mark.parametrize("data", [b"", b"GIF89a", photograph()[:-30], photograph()[:50], b"\xff\xd8\xff\xd9"])
def test_a_damaged_photo_is_named_and_the_rest_is_printed(target: Path, data: bytes) -> None:
    good = photograph()
    result = print_evidence(sheet(), lambda: iter([passage(photos=(data, good))]), target)
    assert result.photos == 1
    assert photos(target) == [good]
    found = lines(target)
    assert "[Damaged]" in found
    assert "Foto rusak 1" in found


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_photo_of_any_colour_shows_as_itself(target: Path, mode: str) -> None:
    printed(target, passage(photos=(photograph(mode),)))
    [image] = opened(target).pages[0].images
    assert image.image is not None
    assert image.image.mode == mode
    assert image.image.size == (64, 36)


def test_signs_beyond_ascii_can_be_copied_out(target: Path) -> None:
    text = "Café – Rp 1.250.000 “Ñandú” €"
    printed(target, passage(collector="é–Rp"), company=text)
    assert text in texts(target)[0]
    assert "NIK PUL : é–Rp" in lines(target)


def test_long_and_strange_texts_do_no_harm(target: Path) -> None:
    long = "Perusahaan Jalan Bebas Hambatan " * 20
    strange = "a\n\tb\0c\ud800漢字 (x) \\ >"
    printed(
        target,
        passage(collector=strange, status=long),
        company=long,
        branch=strange,
        operator=long,
        page_size="A5",
    )
    assert "…" in texts(target)[0]
    assert any(line.startswith("NIK PUL : a b c") for line in lines(target))


def test_all_fonts_are_in_the_document(target: Path) -> None:
    assert unembedded(printed(target, passage())) == set()


def test_the_code_shows_the_way_to_the_verification(target: Path) -> None:
    """As many dark squares as the code for that address has."""
    objects = opened(printed(target)).pages[0]["/Resources"]["/XObject"]  # type: ignore[index]
    [drawn] = [one.get_object() for one in objects.values()]
    squares = [line.split() for line in drawn.get_data().decode().splitlines() if line.endswith(" re")]
    dark = sum(sum(row) for row in segno.make(URL, error="m", micro=False).matrix)
    assert sum(int(square[2]) for square in squares) == dark
    assert URL in texts(target)[-1]


def test_a_long_address_is_written_out_whole(target: Path) -> None:
    address = f"https://gerbang.example/{'verify/' * 30}R-1"
    printed(target, verify_url=address, page_size="A5")
    assert address in "".join(texts(target)[0].split("\n"))


def test_the_document_says_what_it_is(target: Path) -> None:
    reader = opened(printed(target, passage()))
    assert reader.metadata is not None
    assert reader.metadata.title == "LAPORAN BUKTI TRANSAKSI R-2026-000123"
    assert reader.metadata.author == "PT Jasa Marga"
    assert reader.metadata.creation_date == datetime.fromisoformat("2026-01-02T08:05:09+07:00")
    assert reader.trailer["/Root"]["/Lang"] == "id-ID"  # type: ignore[index]


def test_the_same_input_makes_the_same_bytes(tmp_path: Path) -> None:
    def read() -> Iterator[Transaction]:
        return iter([passage(photos=(photograph(),)), passage()])

    first = print_evidence(sheet(), read, tmp_path / "1.pdf")
    assert first == print_evidence(sheet(), read, tmp_path / "2.pdf")


def test_a_period_with_hours_says_them(target: Path) -> None:
    printed(target, start=datetime(2025, 12, 15, 6), end=datetime(2025, 12, 16, 6))
    assert "PERIODE : 15 Desember 2025 06.00 – 16 Desember 2025 06.00" in " ".join(texts(target)[0].split())


@pytest.mark.parametrize("page_size", ["A5", "A4"])
@pytest.mark.parametrize("size", [(600, 60), (60, 600)], ids=["wide", "tall"])
def test_a_logo_stands_in_the_header_and_moves_only_the_companys_name(
    tmp_path: Path, page_size: str, size: tuple[int, int]
) -> None:
    logo = picture(*size, kind="PNG")
    bare = printed(tmp_path / "bare.pdf", passage(), page_size=page_size)
    with_logo = printed(tmp_path / "logo.pdf", passage(), page_size=page_size, logo=logo)
    assert texts(bare) == texts(with_logo)
    assert photos(with_logo) == []
    assert [len(page.images) for page in opened(with_logo).pages] == [1, 1]


def test_the_header_says_whether_all_transactions_are_meant(target: Path) -> None:
    for status, said in (("PERIODIK", "STATUS : PERIODIK"), ("", "STATUS : semua")):
        assert said in " ".join(" ".join(lines(printed(target, status=status))).split())
