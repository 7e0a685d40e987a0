"""The press's typeface stands in for the standard ones, whatever was drawn before the press was loaded."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
LABELS_FIRST = """
import io
import pypdfium2
from reportlab.pdfgen.canvas import Canvas
from webapp.markers import lettering
canvas = Canvas(io.BytesIO())
canvas.setFont("Helvetica", 10)
lettering.draw(canvas, 10, 10, "Bambu", 9)
from webapp.documents import press
table = "<pdf:datatable name='r' titles='a|b' widths='* 20' aligns='left right'></pdf:datatable>"
pdf = press.print_html(f"<html><body><p>Satu</p>{table}</body></html>", {"r": [("Bambu", "12.500")]})
print(pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded())
"""


def test_a_table_is_legible_after_labels_were_drawn() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LABELS_FIRST], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["Satu", "a", "b", "Bambu", "12.500"], done.stderr
