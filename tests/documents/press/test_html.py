"""Short documents: from templates, with our fonts, and nothing from outside."""

import base64
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from tests.documents.press.paper import JAKARTA, opened, photograph, texts, unembedded
from webapp.documents.press import fill, print_html

COMMON = {
    "company": "PT <Jasa> & Café",
    "title": "Laporan pendapatan harian",
    "subtitle": "Gerbang 01 – 15 Desember 2025",
    "number": "G-1",
    "generated_at": datetime(2026, 1, 2, 8, 5, 9, tzinfo=JAKARTA),
}


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """A web server that notes what it is asked for: the first entry is its address."""

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            noted.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(photograph())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        noted = [f"http://127.0.0.1:{server.server_port}"]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield noted
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="{}">',
        '<style>@import url("{}");</style>',
        '<link rel="stylesheet" href="{}">',
        '<style>@font-face {{ font-family: X; src: url("{}") }} p {{ font-family: X }}</style><p>x</p>',
        '<style>@page {{ background-image: url("{}") }}</style>',
        "<div style=\"background-image: url('{}')\">x</div>",
        '<pdf:insertpdf src="{}"></pdf:insertpdf>',
    ],
)
def test_nothing_is_fetched_from_a_server(asked: list[str], markup: str) -> None:
    print_html(f"<p>x</p>{markup.format(asked[0] + '/x')}")
    assert len(asked) == 1


@pytest.mark.parametrize("way", ["file://{}", "{}", "../../../../../..{}"])
def test_no_file_is_read(tmp_path: Path, way: str) -> None:
    photo = tmp_path / "secret.jpg"
    photo.write_bytes(photograph())
    pdf = print_html(f'<p>x</p><img src="{way.format(photo)}"><img src="file:///etc/passwd">')
    assert list(opened(pdf).pages[0].images) == []
    assert "root:" not in texts(pdf)[0]


def test_pictures_come_in_with_the_document() -> None:
    logo = f"data:image/jpeg;base64,{base64.b64encode(photograph()).decode()}"
    pdf = print_html(f'<img src="{logo}" width="20mm">')
    assert len(opened(pdf).pages[0].images) == 1


@pytest.mark.parametrize(
    "family", ["Helvetica", "Times New Roman", "monospace", "Nobody's Font", "sans-serif"]
)
def test_whatever_font_is_asked_for_ours_is_in_the_document(family: str) -> None:
    html = f'<p style="font-family: {family}">Café – <b>tebal</b> <i>miring</i> <code>x</code> Rp 1.250</p>'
    pdf = print_html(html)
    assert unembedded(pdf) == set()
    assert "Café – tebal miring x Rp 1.250" in " ".join(texts(pdf)[0].split())
    names = {str(font) for font in opened(pdf).pages[0]._get_fonts()[0]}
    assert {name.partition("+")[2] for name in names} == {"SourceSansPro-Regular", "SourceSansPro-Semibold"}


def test_pages_are_numbered_when_there_are_several() -> None:
    pages = texts(print_html("<p>a</p><pdf:nextpage></pdf:nextpage><p>b</p>"))
    assert [f"Halaman {number} dari 2" in page for number, page in enumerate(pages, 1)] == [True, True]
    assert "Halaman" not in texts(print_html("<p>a</p>"))[0]


def test_one_documents_tables_are_not_the_next_ones() -> None:
    table = '<pdf:datatable name="t" titles="a"></pdf:datatable>'
    print_html(table, {"t": [("x",)]})
    with pytest.raises(ValueError, match="t"):
        print_html(table)


def test_threads_print_at_once_without_mixing_up_their_tables() -> None:
    """They wait for each other (xhtml2pdf's lock), but each prints its own."""
    table = '<pdf:datatable name="t" titles="a"></pdf:datatable>'
    found: dict[int, str] = {}

    def work(number: int) -> None:
        found[number] = texts(print_html(table, {"t": [(f"mine{number}",)]}))[0]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [f"mine{number}" in found[number] for number in range(6)] == [True] * 6


def test_the_revenue_report_shows_its_figures() -> None:
    rows = [(f"{hour:02}.00", "12", "Rp 60.000") for hour in range(24)]
    html = fill("revenue.html", **COMMON, facts=[("Kendaraan", "288")], first_column="Jam")
    total = ("Jumlah", "288", "Rp 1.440.000")
    tables = {"rows": [*rows, total], "categories": [("Mobil", *total[1:]), total], "gates": [total]}
    pdf = print_html(html, tables, {"revenue": [("00", 5, "5")]})
    page = "".join(texts(pdf))
    for words in (
        "PT <Jasa> & Café",
        "No. G-1",
        "Dicetak 2 Januari 2026 pukul 08.05.09 WIB",
        "Rp 1.440.000",
        "23.00",
    ):
        assert words in page
    assert unembedded(pdf) == set()
    assert opened(pdf).metadata.title == "Laporan pendapatan harian G-1"  # type: ignore[union-attr]


def test_the_receipt_fits_a_narrow_printer() -> None:
    html = fill(
        "receipt.html",
        **COMMON,
        height=120,
        facts=[("Kasir", "Siti")],
        lines=[("Mobil", "2", "Rp 10.000")],
        count="2",
        totals=[("Selisih", "-Rp 1.000")],
        after=[],
        note="Terima kasih",
        signatures=[("Kasir", "Siti"), ("Disahkan oleh", "")],
    )
    [page] = opened(print_html(html)).pages
    assert [round(float(side) / 72 * 25.4) for side in page.mediabox] == [0, 0, 80, 120]
    assert "-Rp 1.000" in page.extract_text()


def test_a_value_that_a_template_needs_is_missed_aloud() -> None:
    with pytest.raises(UndefinedError):
        fill("receipt.html", company="x")


def test_native_threads_of_a_web_process_do_not_wait_for_each_other_for_ever() -> None:
    """gevent's locks are for greenlets: a second thread that meets one never wakes up again."""
    program = """
from gevent import monkey; monkey.patch_all()
import gevent
from webapp.kit.threads import Lane
def work():
    from webapp.documents.press import print_html
    return [len(print_html("<p>x</p>" * 30)) for _ in range(10)]
jobs = [gevent.spawn(Lane().run, work) for _ in range(3)]
gevent.joinall(jobs, timeout=60)
print([len(job.value) for job in jobs])
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert done.stdout.strip() == "[10, 10, 10]", done.stderr[-500:]
