"""Revenue of a day and of a month: on the page, on paper, and a shift's receipt."""

import pytest
from flask import Flask

from tests.callers import Browser
from tests.documents.press.paper import lines, opened, texts, unembedded
from tests.support.factories import GateRef, Make
from tests.support.pictures import picture
from webapp.accounts.models import Role, User
from webapp.database import transaction
from webapp.documents import branding
from webapp.extensions import db
from webapp.gates import papers, shifts
from webapp.gates.models import Gate
from webapp.kit import clock

PDF = "/revenue/report.pdf"


@pytest.fixture(autouse=True)
def gates(make: Make) -> tuple[GateRef, GateRef]:
    """On 15 December 2025: two at eight and a car at nine through the one gate, one at eight through the other."""
    first, second = make.open_gate(), make.open_gate("pasar_01", "gate02")
    make.events(first, "2025-12-15 08:00:00", "2025-12-15 08:59:59")
    make.events(first, "2025-12-15 09:00:00", category="car")
    make.events(second, "2025-12-15 08:30:00", "2025-12-17 10:00:00")
    return first, second


@pytest.fixture
def english(viewer_browser: Browser) -> Browser:
    viewer_browser.client.set_cookie("language", "en")
    return viewer_browser


def printed(browser: Browser, query: str) -> list[str]:
    answer = browser.client.get(f"{PDF}?{query}")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), answer.get_data(as_text=True)
    assert unembedded(answer.data) == set()
    return lines(answer.data)


def test_a_day_is_shown_by_hour_category_and_gate(english: Browser) -> None:
    page = " ".join(english.open("/revenue?date=2025-12-15").split())
    assert "All locations, Monday, 15 December 2025" in page
    assert '<th scope="row">08:00–08:59</th><td class="end number">3</td>' in page
    assert '<th scope="row">Car</th><td class="end number">1</td>' in page
    assert "Pasar_01 · Gate02" in page
    assert "Not over yet" not in page
    assert "Not over yet" in english.open("/revenue")


def test_a_gates_month_has_every_day_and_nothing_of_other_gates(english: Browser) -> None:
    page = " ".join(english.open("/revenue?period=month&date=2025-12-31&place=pasar_01/gate02").split())
    assert "Pasar_01 · Gate02, December 2025" in page
    assert '<th scope="row">Mon, 15 Dec 2025</th><td class="end number">1</td>' in page
    assert '<th scope="row">Wed, 31 Dec 2025</th><td class="end number">0</td>' in page
    assert '<th scope="row">Total</th><td class="end number">2</td>' in page


@pytest.mark.parametrize("address", ["/revenue", PDF])
def test_a_place_that_is_not_there_is_not_found(viewer_browser: Browser, address: str) -> None:
    for place in ("nowhere", "kerkof_01/gate99"):
        assert viewer_browser.client.get(f"{address}?place={place}").status_code == 404


def test_nonsense_in_the_address_is_answered_all_the_same(viewer_browser: Browser) -> None:
    assert viewer_browser.client.get("/revenue?date=2025-02-30&period=x").status_code == 422


def test_a_day_is_printed_with_the_same_figures(viewer_browser: Browser) -> None:
    said = printed(viewer_browser, "date=2025-12-15&place=kerkof_01")
    assert "PT Jasa Marga" in said[0]
    assert "Laporan pendapatan harian" in said[1]
    assert "Kerkof_01, 15 Desember 2025" in said
    for line in ("08.00–08.59 2 Rp 4.000", "Mobil 1 Rp 5.000", "Jumlah 3 Rp 9.000"):
        assert line in said, said
    assert "Periode telah berakhir" in said
    assert not any("Pasar_01" in line for line in said)


def test_a_month_is_printed_day_by_day(viewer_browser: Browser) -> None:
    said = printed(viewer_browser, "date=2025-12-02&period=month")
    assert "Semua lokasi, 1–31 Desember 2025" in said
    assert {"15 Desember 2025 4 Rp 11.000", "31 Desember 2025 0 Rp 0", "Jumlah 5 Rp 13.000"} <= set(said)


def test_the_file_is_called_after_what_it_holds(viewer_browser: Browser) -> None:
    answer = viewer_browser.client.get(f"{PDF}?date=2025-12-15&place=kerkof_01/gate01")
    name = "pendapatan-20251215-kerkof_01-gate01.pdf"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{name}"'


def test_the_logo_is_at_the_head_of_the_report(app: Flask, viewer_browser: Browser) -> None:
    with app.app_context(), transaction():
        branding.change_logo(picture(kind="PNG"))
    answer = viewer_browser.client.get(f"{PDF}?date=2025-12-15")
    assert len(opened(answer.data).pages[0].images) == 1


def test_a_shifts_receipt_is_a_pdf_on_one_piece_of_paper(
    app: Flask, make: Make, gates: tuple[GateRef, GateRef], viewer_browser: Browser
) -> None:
    cashier = make.user("siti_" * 6, Role.OPERATOR)
    now = clock.unix()
    make.events(gates[0], now - 10)
    with app.app_context(), transaction():
        gate, by = db.session.get_one(Gate, gates[0].id), db.session.get_one(User, cashier)
        shift = shifts.close(gate, now - 600, now, 1_500, "uang kembalian " * 33, by)
        branding.change_logo(picture(kind="PNG"))
        number, address = shift.number, f"/shifts/{shift.id}"
    assert f'href="{address}/receipt.pdf"' in viewer_browser.open(address)
    answer = viewer_browser.client.get(f"{address}/receipt.pdf")
    [page] = texts(answer.data)
    said = " ".join(page.split())
    for words in ("Bukti tutup shift", f"No. {number}", "Kurang Rp 500", "Siti_Siti_", "Dicetak"):
        assert words in said


@pytest.mark.parametrize(
    ("amount", "words"),
    [(0, ""), (500, "500"), (1_500, "2 rb"), (1_250_000, "1,2 jt"), (3_000_000_000, "3 M")],
)
def test_amounts_above_bars_are_short(amount: int, words: str) -> None:
    assert papers._briefly(amount) == words
