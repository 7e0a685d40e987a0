"""What the workers of bench/workers.py are sent. It loads nothing by itself: what a fork has to load is measured."""

LINES = "".join(
    f"<tr><td>Langganan internet, bulan {month}</td><td>1</td><td>Rp 500.000</td><td>Rp 500.000</td></tr>"
    for month in range(1, 7)
)
INVOICE = f"""<style>@page {{ size: A4; margin: 15mm }} body {{ font-size: 9pt }} td, th {{ padding: 1mm }}</style>
<h1>PT Contoh Jaringan</h1><p>Faktur INV-2026-000123, jatuh tempo 25 Desember 2026</p>
<p><b>Kepada:</b> Siti Rahayu, Jalan Merdeka 12, Garut 44112</p>
<table><tr><th>Uraian</th><th>Jumlah</th><th>Harga</th><th>Total</th></tr>{LINES}</table>
<p>Pajak 11%: Rp 330.000</p><h2>Jumlah: Rp 3.330.000</h2><p>Terima kasih.</p>"""


def print_ours() -> None:
    from webapp.documents.press import print_html

    print_html(INVOICE)


def print_stock() -> None:
    """As a job is first written: the library is loaded where it is needed."""
    import io

    from xhtml2pdf import pisa

    pisa.CreatePDF(INVOICE, io.BytesIO())
