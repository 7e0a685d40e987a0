"""The closing summary: what was printed, counted in every way that an auditor asks for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

from webapp.documents.press import words
from webapp.documents.press.blocks import NO_CLASS, NO_ID, Shown, differs, method
from webapp.documents.press.form import GREY, Form
from webapp.documents.press.page import MM
from webapp.documents.press.words import plain
from webapp.documents.sources import Transaction
from webapp.kit.money import thousands

PITCH = 4.4 * MM
GAP = 8 * MM
SIZE = 8.5
EMPTY = "Tidak ada transaksi pada periode ini."
Row = tuple[str, str, str]  # what, how many, its share


class Tally:
    """Counts as the blocks go by; its size follows the number of kinds, not of transactions."""

    def __init__(self) -> None:
        self.transactions = self.photos = self.damaged = self.without = self.differing = 0
        self.statuses: Counter[str] = Counter()
        self.classes: Counter[str] = Counter()
        self.methods: Counter[str] = Counter()
        self.gates: Counter[str] = Counter()
        self.pairs: Counter[str] = Counter()

    def add(self, one: Transaction, shown: Shown) -> None:
        self.transactions += 1
        self.photos += shown.printed
        self.damaged += shown.damaged
        self.without += not one.photos
        vehicle = plain(one.vehicle_class) or NO_CLASS
        self.statuses[plain(one.status) or NO_ID] += 1
        self.classes[f"Golongan {vehicle}"] += 1
        self.methods[method(one)] += 1
        self.gates[f"Gerbang {one.gate:02}"] += 1
        if differs(one):
            self.differing += 1
            self.pairs[f"GOL {vehicle}, AVC {plain(one.detected_class) or NO_CLASS}"] += 1

    def facts(self) -> Iterator[Row]:
        share = words.percent(self.differing, self.transactions)
        yield "Jumlah transaksi", thousands(self.transactions), ""
        yield "Jumlah foto", thousands(self.photos), ""
        yield "Foto rusak", thousands(self.damaged), ""
        yield "Transaksi tanpa foto", thousands(self.without), words.percent(self.without, self.transactions)
        yield "GOL ≠ AVC", thousands(self.differing), share

    def tables(self) -> Iterator[tuple[str, list[Row]]]:
        counted = (
            ("Menurut status", self.statuses),
            ("Menurut golongan", self.classes),
            ("Menurut metode pembayaran", self.methods),
            ("Menurut gerbang", self.gates),
            ("Selisih golongan (GOL ≠ AVC)", self.pairs),
        )
        yield "Jumlah", list(self.facts())
        for title, counts in counted:
            if counts:
                yield title, list(self._rows(counts))

    def _rows(self, counts: Counter[str]) -> Iterator[Row]:
        for name in sorted(counts):
            yield name, thousands(counts[name]), words.percent(counts[name], self.transactions)
        yield "Jumlah", thousands(counts.total()), words.percent(counts.total(), self.transactions)


class Summary:
    """Flows tables down two columns and over as many pages as they take."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._width = (form.right - form.left - GAP) / 2
        self._column, self._y = 1, form.bottom  # full, so that the first line turns the page

    def print(self, tally: Tally, missing: Sequence[date]) -> None:
        self._turn()
        if not tally.transactions:
            self._say(EMPTY, bold=True)
            self._y -= PITCH
        tables = list(tally.tables())
        middle = self._y - sum(len(rows) + 2 for _, rows in tables) * PITCH / 2
        for title, rows in tables:
            if self._column == 0 and self._y <= middle:
                self._turn()
            self._table(title, rows)
        if missing:
            self._list("Hari tanpa data", [words.days(*run) for run in runs(missing)])
        self._list("Keaslian dokumen ini dapat diperiksa di", self._broken(self._form.sheet.verify_url))

    def _turn(self) -> None:
        """To the next column, or to the next page, which begins with the title."""
        form = self._form
        self._column = (self._column + 1) % 2
        if self._column == 0:
            form.turn().text(form.left, form.top - 4.5 * MM, "RINGKASAN", 11, bold=True)
        self._y = form.top - 9 * MM

    @property
    def _x(self) -> float:
        return self._form.left + self._column * (self._width + GAP)

    def _line(self, room: float = PITCH) -> float:
        """The baseline of the next line, in a column that still has `room` for it."""
        if self._y - room < self._form.bottom:
            self._turn()
        self._y -= PITCH
        return self._y

    def _say(self, text: str, *, bold: bool = False) -> None:
        y = self._line()
        self._form.page.text(self._x, y, text, SIZE, room=self._width, bold=bold)

    def _title(self, text: str) -> None:
        """Stands on the same column as the two lines after it."""
        y = self._line(3 * PITCH)
        page = self._form.page
        page.text(self._x, y, text, SIZE, room=self._width, bold=True)
        page.line(self._x, y - 1.3 * MM, self._x + self._width, y - 1.3 * MM)

    def _table(self, title: str, rows: Iterable[Row]) -> None:
        self._title(title)
        for name, count, share in rows:
            y = self._line()
            total = name == "Jumlah"
            page, right = self._form.page, self._x + self._width
            page.text(self._x, y, name, SIZE, room=self._width - 34 * MM, bold=total)
            page.text_right(right - 15 * MM, y, count, SIZE, bold=total)
            page.text_right(right, y, share, SIZE, grey=GREY)
            page.line(self._x, y - 1.3 * MM, right, y - 1.3 * MM, thick=0.3, grey=0.8)
        self._y -= PITCH

    def _broken(self, address: str) -> Iterator[str]:
        """An address in as many lines as it takes: half of one leads nowhere."""
        while address:
            length = len(address)
            while length > 1 and self._form.page.width(address[:length], SIZE) > self._width:
                length -= 1
            yield address[:length]
            address = address[length:]

    def _list(self, title: str, lines: Iterable[str]) -> None:
        self._title(title)
        for text in lines:
            self._say(text)
        self._y -= PITCH


def runs(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Days that follow each other, as first and last."""
    ordered = sorted(set(days))
    for _, group in groupby(enumerate(ordered), lambda numbered: numbered[1].toordinal() - numbered[0]):
        run = [one for _, one in group]
        yield run[0], run[-1]
