"""One transaction's block: eleven labelled values and two photos."""

from dataclasses import dataclass

from webapp.documents.press import jpeg, words
from webapp.documents.press.form import GREY, Form
from webapp.documents.press.page import MM, Drawing
from webapp.documents.press.words import plain
from webapp.documents.sources import Transaction

METHODS = {
    "PPC": "eToll Mdr",
    "PPC0": "eToll Mdr",
    "PPC1": "eToll BRI",
    "PPC2": "eToll BNI",
    "PPC3": "eToll BTN",
    "PPC5": "eToll BCA",
    "PPC7": "eToll DKI",
}
NO_ID, NO_CLASS, NO_SERIAL, NO_ORIGIN = "--", "-", "000000", "00"
NO_PHOTO, DAMAGED = "[No Capture]", "[Damaged]"
PHOTOS = 2
SIZE = 8.0
PADDING = 1.3 * MM
GAP = 2 * MM
LEAST_HEIGHT = 43 * MM
LABELS, VALUES = 15.5 * MM, 34 * MM
WIDE = 200 * MM  # paper on which two columns of blocks have room
WIDEST, NARROWEST = 16 / 9, 4 / 3  # shapes between which a photo's box is made


def differs(one: Transaction) -> bool:
    """The vehicle's class as charged isn't the one that the detector saw."""
    return one.vehicle_class.strip() != one.detected_class.strip()


def method(one: Transaction) -> str:
    """How it was paid, in the words for people."""
    code = plain(one.method)
    return METHODS.get(code.upper(), code) or NO_ID


def values(one: Transaction) -> tuple[tuple[str, str], ...]:
    classes = f"{plain(one.vehicle_class) or NO_CLASS}/{plain(one.detected_class) or NO_CLASS}"
    return (
        ("GARDU", f"{one.station:02}"),
        ("SHF/PRD", f"{plain(one.shift) or NO_CLASS}/{plain(one.period) or NO_CLASS}"),
        ("NIK PUL", plain(one.collector) or NO_ID),
        ("NIK PAS", plain(one.passer) or NO_ID),
        ("WAKTU", words.stamp(one.at)),
        ("GOL/AVC", f"{classes}  ≠" if differs(one) else classes),
        ("METODA", method(one)),
        ("SERI", plain(one.serial) or NO_SERIAL),
        ("STATUS", plain(one.status) or NO_ID),
        ("ASAL", plain(one.origin) or NO_ORIGIN),
        ("KARTU", plain(one.card) or NO_ID),
    )


@dataclass(frozen=True)
class Shown:
    """What became of a transaction's photos."""

    printed: int = 0
    damaged: int = 0


class Blocks:
    """Places blocks on a form's pages, column by column, turning the page when it is full."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._columns = 2 if form.right - form.left > WIDE * 1.2 else 1
        self._rows = int((form.top - form.bottom) // LEAST_HEIGHT)
        self._width = (form.right - form.left - GAP * (self._columns - 1)) / self._columns
        self._height = (form.top - form.bottom) / self._rows
        room = (self._width - LABELS - VALUES - 2 * PADDING) / PHOTOS - PADDING
        self._photo_width = min(room, (self._height - 4 * PADDING) * WIDEST)
        self._photo_height = min(self._height - 4 * PADDING, self._photo_width / NARROWEST)
        self._placed = 0

    def add(self, one: Transaction) -> Shown:
        row, column = self._next_place()
        x = self._form.left + column * (self._width + GAP)
        y = self._form.top - (row + 1) * self._height
        page = self._form.page
        page.box(x, y + PADDING / 2, self._width, self._height - PADDING)
        self._draw_values(page, one, x + PADDING, y + self._height)
        return self._draw_photos(
            page, one.photos, x + self._width, y + (self._height - self._photo_height) / 2
        )

    def _next_place(self) -> tuple[int, int]:
        on_page = self._placed % (self._rows * self._columns)
        if on_page == 0:
            self._form.turn()
        self._placed += 1
        return on_page % self._rows, on_page // self._rows

    def _draw_values(self, page: Drawing, one: Transaction, x: float, top: float) -> None:
        pitch = (self._height - 2.5 * PADDING) / 11
        room = self._width - LABELS - PHOTOS * (self._photo_width + PADDING) - 3 * PADDING
        page.text_right(
            x + LABELS + room, top - 1.2 * PADDING - pitch * 0.75, f"{self._placed}", 6.5, grey=GREY
        )
        for line, (label, value) in enumerate(values(one)):
            y = top - 1.2 * PADDING - pitch * (line + 0.75)
            page.text(x, y, label, SIZE, grey=GREY)
            unequal = label == "GOL/AVC" and differs(one)
            page.text(x + LABELS, y, f": {value}", SIZE, room=room, bold=unequal)

    def _draw_photos(self, page: Drawing, photos: tuple[bytes, ...], right: float, y: float) -> Shown:
        printed = damaged = 0
        for place in range(PHOTOS):
            x = right - (PHOTOS - place) * (self._photo_width + PADDING)
            data = photos[place] if place < len(photos) else None
            if data is None:
                self._draw_absence(page, NO_PHOTO, x, y)
            elif self._draw_photo(page, data, x, y):
                printed += 1
            else:
                self._draw_absence(page, DAMAGED, x, y)
                damaged += 1
        return Shown(printed, damaged)

    def _draw_photo(self, page: Drawing, data: bytes, x: float, y: float) -> bool:
        """As large as the box allows, in its own shape. False for one that can't be shown."""
        try:
            photo = jpeg.read(data)
        except jpeg.Damaged:
            return False
        scale = min(self._photo_width / photo.width, self._photo_height / photo.height)
        width, height = photo.width * scale, photo.height * scale
        x, y = x + (self._photo_width - width) / 2, y + (self._photo_height - height) / 2
        page.picture(self._form.file.photo(photo), x, y, width, height)
        return True

    def _draw_absence(self, page: Drawing, text: str, x: float, y: float) -> None:
        page.box(x, y, self._photo_width, self._photo_height, grey=0.8, fill=0.96)
        middle = x + self._photo_width / 2
        page.text_centred(middle, y + self._photo_height / 2 - SIZE / 3, text, SIZE, grey=GREY)
