"""What files of customers say, whoever wrote them; and what is no such file."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from customer_file import DATES, content

from webapp.demo.people import OFFERS, people
from webapp.errors import Invalid
from webapp.subscribers import spreadsheet
from webapp.subscribers.spreadsheet import COLUMNS, Fault, Known, Sheet

HEAD = ",".join(COLUMNS.values())
JOHN = 'John Doe,1234567890123456,john@example.com,08123456789,Internet 50Mbps,"Jl. Example No. 123",2024-01-15,JAKINET'


def offers() -> Iterator[tuple[str, dict[str, int]]]:
    for brand in ("JAKINET", "GARUTNET"):
        named = [
            (number, offer.package) for number, offer in enumerate(OFFERS, start=1) if offer.brand == brand
        ]
        yield brand, {name: number for number, package in named for name in (package, package.lower())}


KNOWN = Known(dict(offers()), date(2027, 12, 31))


def read(*rows: str, head: str = HEAD) -> Sheet:
    return spreadsheet.read("\n".join((head, *rows)).encode(), KNOWN)


def fault(**changes: str) -> list[Fault]:
    """What is wrong with the document's example when these cells are others."""
    cells = [
        "John Doe",
        "1234567890123456",
        "john@example.com",
        "08123456789",
        "Internet 50Mbps",
        "Jl. Example",
    ]
    cells += ["2024-01-15", "JAKINET"]
    named = dict(zip(COLUMNS, cells, strict=True)) | changes
    return read(",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in named.values())).faults


def refused(data: bytes) -> str:
    with pytest.raises(Invalid) as refusal:
        spreadsheet.survey(data)
    return refusal.value.fields["file"]


def test_the_document_s_own_template_is_read() -> None:
    (line,) = read(JOHN).lines
    assert line[:9] == (
        *(2, 2, "John Doe", "1234567890123456", "john@example.com", "08123456789"),
        *("Jl. Example No. 123", date(2024, 1, 15), "JAKINET"),
    )


WRITERS: dict[str, dict[str, Any]] = {
    "plain": {},
    "Excel in Indonesia": {"delimiter": ";", "encoding": "cp1252", "dates": "slash", "untidy": True},
    "Excel's Unicode text": {"delimiter": "\t", "encoding": "utf-16", "dates": "serial"},
    "a database": {"encoding": "utf-8", "dates": "moment", "untidy": True},
}


@pytest.mark.parametrize("writer", WRITERS)
def test_the_same_people_come_out_whatever_program_wrote_them(writer: str) -> None:
    persons = list(people(40))
    sheet = spreadsheet.read(content(persons, **WRITERS[writer]), KNOWN)
    assert (sheet.faults, sheet.rows) == ([], 40)
    assert [(line.national_id, line.email, line.phone, line.installed_on) for line in sheet.lines] == [
        (person.national_id, person.email, person.phone, person.installed_on) for person in persons
    ]
    assert [line.address.replace("’", "'") for line in sheet.lines] == [person.address for person in persons]
    assert all(OFFERS[(line.package_id or 0) - 1].brand == line.brand_code for line in sheet.lines)
    assert set(DATES) == {"iso", "slash", "serial", "moment"}


def test_columns_may_come_in_any_order_and_others_are_left_out() -> None:
    head = "catatan,ID_BRAND,alamat,LAYANAN,no telepon,email,No_KTP,tanggal instalasi,nama"
    sheet = read("x,jakinet,Jl. A,,08123456789,,1234567890123456,,Siti", head=head)
    assert (sheet.ignored, sheet.faults) == (["catatan"], [])
    assert sheet.lines.first(1)[0][1:9] == (
        *(None, "Siti", "1234567890123456", None, "08123456789"),
        *("Jl. A", None, "JAKINET"),
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": " "}, "Must not be blank"),
        ({"name": "a\0b"}, "Must not contain control characters"),
        (
            {"national_id": "3.20401E+15"},
            "Was rounded by a spreadsheet: make the column text and write it again",
        ),
        ({"national_id": "123"}, "Must have 16 digits"),
        ({"national_id": ""}, "Must have 16 digits"),
        ({"email": "john@"}, "Email format is invalid"),
        ({"phone": "8123456789"}, "Must begin with 0, 62 or +62, followed by 9 to 13 digits"),
        ({"package": "Internet 51Mbps"}, "The brand has no such package"),
        ({"package": "Rumah 10Mbps"}, "The brand has no such package"),
        ({"brand": "NOBODY"}, "There is no such brand"),
        ({"installed_on": "2025-02-30"}, "Must be a date as YYYY-MM-DD"),
        ({"installed_on": "01/15/2024"}, "Must be a date as YYYY-MM-DD"),
        ({"installed_on": "2028-01-01"}, "Must be within a year from today"),
        ({"address": "x" * 301}, "Must have at most 300 characters"),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column(changes: dict[str, str], message: str) -> None:
    (name,) = changes
    assert fault(**changes) == [Fault(2, COLUMNS[name], message)]


def test_every_fault_is_told_at_once_and_twice_the_same_is_one() -> None:
    twin = JOHN.replace("John Doe", "").replace("0812", "9912")
    assert read(JOHN, "", twin, f"{JOHN},more").faults == [
        Fault(4, "Nama", "Must not be blank"),
        Fault(4, "No KTP", "Is in row 2 already"),
        Fault(4, "Email", "Is in row 2 already"),
        Fault(4, "No Telepon", "Must begin with 0, 62 or +62, followed by 9 to 13 digits"),
        Fault(5, "", "Has more cells than the heading"),
    ]


def test_a_thousand_faults_are_kept_and_all_are_counted() -> None:
    sheet = read(*[f"{JOHN},more"] * 1_200)
    assert (len(sheet.faults), sheet.fault_count, sheet.rows) == (1_000, 1_200, 1_200)


def test_a_formula_in_a_name_is_only_text() -> None:
    assert fault(name='=HYPERLINK("http://evil.example","x")') == []


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "Is empty"),
        (b"\n \n", "Is empty"),
        (HEAD.encode(), "Has no rows of data"),
        (b"Date,Amount,Payee\n2024-01-01,5,x\n", f"Has no column {', '.join(COLUMNS.values())}"),
        (f"{HEAD},nama\n".encode(), "Has two columns Nama"),
        (b"\x00" * 1_000, f"Has no column {', '.join(COLUMNS.values())}"),
        (f"{HEAD}\n".encode() + b"x\n" * 60_000, "Must have at most 50000 rows"),
        (b"PK\x03\x04zip", "Is not an XLSX file"),
        (b"x" * 10_000_001, "Must be at most 10 MB"),
    ],
    ids=["empty", "blank", "heading", "another", "twice", "nul", "60,000", "zip", "large"],
)
def test_what_is_no_table_of_customers_is_refused_in_words(data: bytes, why: str) -> None:
    assert refused(data) == why


def test_a_survey_counts_rows_and_knows_what_is_ignored() -> None:
    assert spreadsheet.survey(f"{HEAD},Catatan\n{JOHN}\n\n{JOHN}\n".encode()) == (2, ["Catatan"])
