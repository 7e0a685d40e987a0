"""What bench/press.py measures, each in a process of its own: `python -m bench.press_work ours 1000`.

The press is loaded without the application around it, so that the peak memory told is the press's. The baselines know
nothing of it: it would lend them its fonts.
"""

import io
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from webapp.documents.sources import Transaction

ROOT = Path(__file__).parent.parent
START = datetime.combine(date(2025, 12, 15), clock_time())  # in the operator's own time
END = START + timedelta(days=1)
ACCESS = ROOT / "tests" / "data" / "access"
TITLES = ("No", "Waktu", "Gerbang", "Kendaraan", "Pendapatan")
STYLE = "<style>@page { size: A4; margin: 12mm } body { font-size: 8pt }</style><h1>Laporan</h1>"
WIDTHS = (15, 45, 61, 25, 40)  # mm
MM = 72 / 25.4


def rows(count: int) -> list[tuple[str, ...]]:
    return [
        (
            str(n),
            f"15 Desember 2025 {n % 24:02}.00",
            f"Gerbang {n % 7}",
            f"{n % 997}",
            f"Rp {n % 997 * 5}.000",
        )
        for n in range(count)
    ]


def ours(count: int) -> None:
    from webapp.documents.press import print_html

    tag = (
        f'<pdf:datatable name="t" titles="{"|".join(TITLES)}" widths="{" ".join(map(str, WIDTHS))}" '
        'aligns="right left left right right"></pdf:datatable>'
    )
    print_html(STYLE + tag, {"t": rows(count)})


def stock(count: int) -> None:
    """The same page in plain HTML: the same columns, alignments and hair lines, titles repeated."""
    from xhtml2pdf import pisa

    look = "td, th { padding: 0.8mm 1.2mm; border-bottom: 0.3pt solid #ccc } .r { text-align: right }"
    sides = ("r", "", "", "r", "r")
    head = "".join(
        f'<th width="{wide}mm" class="{side}">{title}</th>'
        for title, wide, side in zip(TITLES, WIDTHS, sides, strict=True)
    )
    lines = "".join(
        f"<tr>{''.join(f'<td class={side!r}>{cell}</td>' for cell, side in zip(row, sides, strict=True))}</tr>"
        for row in rows(count)
    )
    html = f'{STYLE}<style>{look}</style><table repeat="1"><thead><tr>{head}</tr></thead>{lines}</table>'
    pisa.CreatePDF(html, io.BytesIO())


def canvas(count: int) -> None:
    """As short as a drawing by hand can be: a standard font, no measuring, no page numbers."""
    from reportlab.pdfgen.canvas import Canvas

    drawing = Canvas(io.BytesIO(), (210 * MM, 297 * MM))
    starts = [12 * MM + sum(WIDTHS[:place]) * MM for place in range(len(WIDTHS))]
    y = 0.0
    for row in rows(count):
        if y < 15 * MM:
            y = 280 * MM
            drawing.showPage()
            drawing.setFont("Helvetica", 8)
        for x, cell in zip(starts, row, strict=True):
            drawing.drawString(x, y, cell)
        drawing.line(12 * MM, y - 1, 198 * MM, y - 1)
        y -= 5 * MM
    drawing.save()


def read() -> Iterator["Transaction"]:
    """The 120 transactions of a real file, its three gates one after the other."""
    from webapp.documents.sources import Wanted
    from webapp.documents.sources.folders import DayFiles

    source = DayFiles(ACCESS, "{MM}-{YYYY}/{station_id}/{DD}{MM}{YYYY}.mdb")
    for gate in (1, 2, 3):
        yield from source.transactions(Wanted(1, gate, 1, START, END))


def evidence(_count: int) -> None:
    _print(read)


def bare(_count: int) -> None:
    """The least that has to be done: read the database, and copy the photos into a PDF, one a page."""
    from webapp.documents.press import jpeg
    from webapp.documents.press.pdffile import PdfFile
    from webapp.documents.press.wholefile import whole_file

    with TemporaryDirectory() as folder, whole_file(Path(folder) / "bare.pdf") as out:
        file = PdfFile(out)
        for photo in (photo for one in read() for photo in one.photos):
            number = file.photo(jpeg.read(photo))
            file.page((384, 216), [file.stream("", b"384 0 0 216 0 0 cm /X Do")], {"X": number})
        file.close(title="", author="", made=datetime.now(UTC), identity="00")


def long_evidence(count: int) -> None:
    """`count` transactions with two photos each (copies, so that no two are the same object)."""
    known = [one for one in read() if one.photos]

    def many() -> Iterator["Transaction"]:
        for one in itertools.islice(itertools.cycle(known), count):
            yield replace(
                one, photos=tuple(bytes(bytearray(one.photos[at % len(one.photos)])) for at in (0, 1))
            )

    _print(many)


def _print(source: Callable[[], Iterator["Transaction"]]) -> None:
    from webapp.documents.press import Sheet, print_evidence

    names = ("PT Jasa Marga", "BALMERA", "01", "Siti", "01")
    made = datetime(2026, 1, 2, tzinfo=UTC)
    sheet = Sheet(
        *names, START, END, "R-2026-1", "https://example.com/verify/R-2026-1", made, ZoneInfo("Asia/Jakarta")
    )
    with TemporaryDirectory() as folder:
        print_evidence(sheet, source, Path(folder) / "report.pdf")


WORK = {
    "ours": ours,
    "stock": stock,
    "canvas": canvas,
    "evidence": evidence,
    "bare": bare,
    "long_evidence": long_evidence,
}


def main() -> None:
    name, count = sys.argv[1], int(sys.argv[2])
    package = ModuleType("webapp")
    package.__path__ = [str(ROOT / "webapp")]
    sys.modules["webapp"] = package
    WORK[name](1)  # imports, fonts and caches are warm, as in a worker
    began = time.perf_counter()
    WORK[name](count)
    print(json.dumps({"seconds": time.perf_counter() - began, "megabytes": _peak()}))


def _peak() -> float:
    """This program's own peak; rusage's would count what its parent had before it began."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
