"""Demo data: three places in Garut as a new installation would show them after five weeks of work.

All of it is one transaction, so an interrupted start leaves nothing half made. Events are drawn by a seeded random
generator from the daily, weekly and hourly rhythm of each place and written as ingest writes them, totals included.
"""

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from webapp import config
from webapp.accounts import keys
from webapp.accounts import queries as account_queries
from webapp.accounts import service as accounts
from webapp.accounts.models import Role, User
from webapp.database import transaction
from webapp.extensions import db
from webapp.gates import catalogue, service, shifts, store
from webapp.gates.catalogue import Catalogue
from webapp.gates.models import Location, Shift
from webapp.kit import clock

DAYS = 35
PRICES_ROSE_DAYS_AGO = 20
SILENT_FOR = 3 * 3600  # seconds since the last event of the gate that stands still
SHIFT_LENGTH = 8 * 3600
SHIFT_DAYS = 3
NOTES = {  # by the rupiah that were over or missing
    0: "",
    -2_000: "Salah uang kembalian",
    -5_000: "Satu karcis belum dibayar",
    1_000: "Uang kembalian tidak diambil",
}
KEY_FILE = "demo_device.key"  # in DATA_DIR, for scripts/device.py

Prices = Mapping[str, tuple[int, int]]  # category → rupiah before and after the rise
FREE: Prices = {"person_walk": (0, 0), "motor": (0, 0), "car": (0, 0)}


@dataclass(frozen=True)
class Place:
    """A location and its rhythm: 24 hourly weights, seven daily ones from Monday, a share of each category."""

    code: str
    name: str
    type: str
    hours: tuple[int, ...]
    weekdays: tuple[float, ...]
    mix: Mapping[str, int]
    prices: Prices


@dataclass(frozen=True)
class Stand:
    """A gate: how many pass it on an average day, and by how many hours it lags the rhythm of its place."""

    place: str
    code: str
    name: str
    direction: str
    latitude: str
    longitude: str
    per_day: int
    lag: int = 0
    silent: bool = False


PLACES = (
    Place(
        "kerkof_01",
        "Kerkof 01",
        "kerkof",
        (2, 1, 1, 1, 3, 18, 46, 52, 36, 28, 26, 28, 30, 26, 28, 40, 58, 64, 50, 44, 36, 22, 10, 4),
        (0.9, 0.85, 0.9, 0.95, 1.05, 1.25, 1.4),
        {"person_walk": 35, "motor": 50, "car": 15},
        {"person_walk": (1_000, 1_000), "motor": (2_000, 3_000), "car": (4_000, 5_000)},
    ),
    Place(
        "pasar_ciawitali",
        "Pasar Ciawitali",
        "pasar",
        (14, 16, 22, 38, 62, 80, 84, 76, 66, 56, 44, 34, 26, 22, 22, 24, 26, 20, 12, 8, 6, 6, 8, 10),
        (1.0, 0.95, 0.95, 1.0, 0.85, 1.1, 1.2),
        {"person_walk": 45, "motor": 43, "car": 12},
        {"person_walk": (500, 500), "motor": (1_000, 2_000), "car": (3_000, 4_000)},
    ),
    Place(
        "pantai_sayang_heulang",
        "Pantai Sayang Heulang",
        "parkir_wisata",
        (14, 12, 12, 12, 14, 18, 28, 44, 64, 78, 76, 66, 56, 52, 60, 74, 82, 62, 34, 22, 18, 16, 16, 14),
        (0.55, 0.5, 0.55, 0.6, 0.85, 1.8, 2.3),
        {"person_walk": 18, "motor": 52, "car": 30},
        {"person_walk": (5_000, 5_000), "motor": (5_000, 6_000), "car": (10_000, 12_000)},
    ),
)
STANDS = (
    Stand("kerkof_01", "gate01", "Gerbang Utama", "in", "-7.21482000", "107.90236000", 1_450),
    Stand("kerkof_01", "gate02", "Gerbang Keluar", "out", "-7.21537000", "107.90304000", 1_400, lag=1),
    Stand("pasar_ciawitali", "gate01", "Gerbang Utara", "in", "-7.20614000", "107.88921000", 1_500),
    Stand("pasar_ciawitali", "gate02", "Gerbang Selatan", "in", "-7.20773000", "107.88957000", 1_000),
    Stand("pasar_ciawitali", "gate03", "Gerbang Keluar", "out", "-7.20702000", "107.89018000", 2_450, lag=1),
    Stand("pantai_sayang_heulang", "gate01", "Loket Timur", "in", "-7.66508000", "107.68871000", 950),
    Stand(
        "pantai_sayang_heulang",
        "gate02",
        "Loket Barat",
        "in",
        "-7.66591000",
        "107.68512000",
        700,
        silent=True,
    ),
    Stand(
        "pantai_sayang_heulang", "gate03", "Pintu Keluar", "out", "-7.66542000", "107.68743000", 1_550, lag=2
    ),
)


def fill(days: int = DAYS) -> None:
    """Make the demo data, with the events of so many days and of today, unless there is a location already."""
    with transaction():
        if db.session.scalar(select(Location.id).limit(1)) is not None:
            return
        now, zone = clock.unix(), config.current().timezone
        _make_places(now)
        _make_accounts()
        _make_events(days, _make_key(), now, zone)
        _make_shifts(now, zone)


def _make_places(now: int) -> None:
    for place in PLACES:
        service.create_location(place.code, place.name, place.type)
    prices = {place.code: place.prices for place in PLACES}
    for stand in STANDS:
        latitude, longitude = Decimal(stand.latitude), Decimal(stand.longitude)
        service.create_gate(
            stand.place, stand.code, stand.name, stand.direction, latitude=latitude, longitude=longitude
        )
        charged = stand.direction != "out"  # who leaves is counted, and has paid on the way in
        _make_tariffs(stand, prices[stand.place] if charged else FREE, now)


def _make_tariffs(stand: Stand, prices: Prices, now: int) -> None:
    for category, (before, after) in prices.items():
        key = service.TariffKey(stand.place, stand.code, category)
        service.create_tariff(key, before)
        if after != before:
            service.change_tariff(key, after, effective_from=now - PRICES_ROSE_DAYS_AGO * 86_400)


def _make_accounts() -> None:
    """An operator and a viewer to try, with the password that whoever runs this has chosen, else none."""
    password = config.current().ADMIN_PASSWORD
    if not password:
        return
    for role, name in ((Role.OPERATOR, "Operator Demo"), (Role.VIEWER, "Pemantau Demo")):
        if account_queries.find_credentials(role.word) is None:
            accounts.create_user(role.word, password, role, name=name)


def _make_key() -> int:
    """The simulated devices' key, kept where only they and we can read it; answers its id."""
    key, secret = keys.issue_key("Perangkat demo", by=None)
    path = config.current().data_dir / KEY_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_secret(path, secret)
    return key.id


def _write_secret(path: Path, secret: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(secret)


def _make_events(days: int, key_id: int, now: int, zone: ZoneInfo) -> None:
    """A day at a time, in the order of time, as the stream has it."""
    connection = db.session.connection()
    draw = _Draw(catalogue.load(connection), key_id, now, zone)
    today = clock.today(zone)
    with store.cursor_of(connection) as cursor:
        for back in range(days, -1, -1):
            store.append(cursor, draw.day(today - timedelta(days=back)), zone)


class _Draw:
    """Draws events: the same ones every time, but for the days they fall on."""

    def __init__(self, catalogue: Catalogue, key_id: int, now: int, zone: ZoneInfo) -> None:
        self._catalogue = catalogue
        self._key_id = key_id
        self._now = now
        self._zone = zone
        self._random = random.Random(1945)  # noqa: S311 - believable, not secret
        self._places = {place.code: place for place in PLACES}

    def day(self, day: date) -> list[store.Row]:
        """The day's events so far, by time. Good and bad weather move all gates together."""
        weather = self._random.uniform(0.85, 1.15)
        midnight, _ = clock.day_bounds(day, self._zone)
        rows = [row for stand in STANDS for row in self._at(stand, day, midnight, weather)]
        return sorted(rows, key=lambda row: row.event_time)

    def _at(self, stand: Stand, day: date, midnight: int, weather: float) -> Iterator[store.Row]:
        place = self._places[stand.place]
        gate = self._catalogue.gate(stand.place, stand.code)
        until = self._now - (SILENT_FOR if stand.silent else 0)
        scale = stand.per_day * place.weekdays[day.weekday()] * weather / sum(place.hours)
        for hour in range(24):
            count = self._about(scale * place.hours[hour - stand.lag])
            for category in self._random.choices(list(place.mix), list(place.mix.values()), k=count):
                moment = midnight + hour * 3600 + self._random.randrange(3600)
                if moment <= until:
                    category_id, price = self._catalogue.price(gate, category, moment)
                    yield store.Row(gate.id, category_id, moment, price, moment, self._key_id)

    def _about(self, mean: float) -> int:
        """A count as arrivals have it: it varies by the root of its mean."""
        return max(0, round(self._random.gauss(mean, math.sqrt(mean))))


def _make_shifts(now: int, zone: ZoneInfo) -> None:
    """The first admin has closed the last days' shifts at two gates; the latest ones wait for a signature."""
    admin = db.session.scalar(
        select(User).where(User.role_level == Role.ADMIN, User.is_active).order_by(User.id)
    )
    if admin is None:
        return
    differences = random.Random(1961)  # noqa: S311 - believable, not secret
    first, _ = clock.day_bounds(clock.today(zone) - timedelta(days=SHIFT_DAYS), zone)
    for place, code in (("kerkof_01", "gate01"), ("pasar_ciawitali", "gate01")):
        for start in range(first + 6 * 3600, now - SHIFT_LENGTH + 1, SHIFT_LENGTH):
            shift = _closed(place, code, start, differences.choices(list(NOTES), (5, 1, 1, 1))[0], admin)
            if shift.ends_at + SHIFT_LENGTH <= now:
                shift.signed_off_by_id = admin.id
                shift.signed_off_at = clock.from_unix(shift.ends_at + 3600)


def _closed(place: str, code: str, start: int, variance: int, by: User) -> Shift:
    gate = service.get_gate(place, code)
    found = shifts.expected(gate, start, start + SHIFT_LENGTH)
    shift = shifts.record(gate, found, max(0, found.amount + variance), NOTES[variance], by)
    shift.closed_at = clock.from_unix(found.ends_at + 300)
    return shift
