"""People who don't exist, as an Indonesian provider's customers would be written down.

Their NIK tell the district and the day of birth as real ones do (a woman's day is 40 higher), their phones are written
in all three ways, their packages are on offer. The same seed draws the same people.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MEN = (
    *(
        "Agus",
        "Ahmad",
        "Andi",
        "Asep",
        "Bambang",
        "Budi",
        "Cecep",
        "Dadang",
        "Dedi",
        "Deni",
        "Dwi",
        "Eko",
        "Fajar",
    ),
    *(
        "Gunawan",
        "Hadi",
        "Hendra",
        "Heri",
        "I Made",
        "I Wayan",
        "Imam",
        "Irfan",
        "Joko",
        "Muhammad",
        "Nana",
        "Rahmat",
    ),
    *("Rizky", "Rudi", "Slamet", "Sugeng", "Supriyadi", "Taufik", "Tri", "Ujang", "Wahyu", "Yanto", "Yusuf"),
)
WOMEN = (
    *(
        "Ai",
        "Ani",
        "Ayu",
        "Cucu",
        "Dewi",
        "Dian",
        "Eka",
        "Endang",
        "Euis",
        "Fitri",
        "Indah",
        "Kartika",
        "Lestari",
    ),
    *(
        "Lilis",
        "Maya",
        "Mega",
        "Ni Luh",
        "Ni Made",
        "Nur",
        "Nurul",
        "Putri",
        "Ratna",
        "Rina",
        "Rini",
        "Sari",
        "Siti",
    ),
    *("Sri", "Sulastri", "Tuti", "Wati", "Wulan", "Yanti", "Yulia", "Yuni"),
)
FAMILIES = (
    *(
        "Aminah",
        "Anggraini",
        "Ardiansyah",
        "Firmansyah",
        "Fauzi",
        "Handayani",
        "Hartono",
        "Hasanah",
        "Hermawan",
    ),
    *(
        "Hidayat",
        "Iskandar",
        "Kurniawan",
        "Kusuma",
        "Lubis",
        "Maulana",
        "Mulyani",
        "Nasution",
        "Nugraha",
        "Nugroho",
    ),
    *(
        "Pangestu",
        "Permana",
        "Prasetyo",
        "Pratama",
        "Purnama",
        "Rahayu",
        "Rahman",
        "Ramadhan",
        "Saepudin",
        "Santoso",
    ),
    *(
        "Saputra",
        "Setiawan",
        "Sihombing",
        "Simanjuntak",
        "Siregar",
        "Subagja",
        "Suherman",
        "Sukmawati",
        "Susanti",
    ),
    *(
        "Susanto",
        "Sutisna",
        "Syahputra",
        "Utami",
        "Utomo",
        "Wahyuni",
        "Wibowo",
        "Wijaya",
        "Wulandari",
        "Yulianti",
    ),
)
TITLES = ("S.E.", "S.Pd.", "S.Kom.", "S.T.", "M.M.")
DISTRICTS = (  # the first six digits of a NIK, and what they stand for
    ("317106", "Menteng, Jakarta Pusat 10310"),
    ("317201", "Penjaringan, Jakarta Utara 14440"),
    ("317306", "Kalideres, Jakarta Barat 11840"),
    ("317401", "Tebet, Jakarta Selatan 12810"),
    ("317506", "Cakung, Jakarta Timur 13910"),
    ("327503", "Bekasi Utara, Kota Bekasi 17121"),
    ("327603", "Cimanggis, Kota Depok 16451"),
    ("327301", "Sukasari, Kota Bandung 40152"),
    ("320501", "Garut Kota, Kab. Garut 44111"),
    ("320505", "Tarogong Kidul, Kab. Garut 44151"),
)
STREETS = (
    *(
        "Jl. Merdeka",
        "Jl. Ahmad Yani",
        "Jl. Sudirman",
        "Jl. Diponegoro",
        "Jl. Pahlawan",
        "Jl. Cimanuk",
        "Jl. Melati",
    ),
    *(
        "Jl. Anggrek",
        "Jl. Mawar",
        "Jl. Kenanga",
        "Jl. Raya Samarang",
        "Gg. Haji Tohir",
        "Gg. Masjid",
        "Kp. Sukamaju",
    ),
    *("Kp. Babakan", "Perum Griya Asri Blok C", "Perum Bumi Indah Blok A", "Jl. KH. Hasyim Asy'ari"),
)
OPERATORS = ("811", "812", "813", "815", "821", "822", "838", "852", "857", "877", "878", "881", "895")
MAILS = ("gmail.com", "gmail.com", "gmail.com", "yahoo.co.id", "yahoo.com", "outlook.co.id")


@dataclass(frozen=True)
class Offer:
    """What may be subscribed to: a brand's package, its speed in Mbps, whole rupiah a month."""

    brand: str
    package: str
    speed: int
    price: int


OFFERS = (
    Offer("JAKINET", "Internet 20Mbps", 20, 250_000),
    Offer("JAKINET", "Internet 50Mbps", 50, 500_000),
    Offer("JAKINET", "Internet 100Mbps", 100, 750_000),
    Offer("GARUTNET", "Rumah 10Mbps", 10, 165_000),
    Offer("GARUTNET", "Rumah 30Mbps", 30, 275_000),
)


@dataclass(frozen=True)
class Person:
    name: str
    national_id: str
    email: str
    phone: str
    address: str
    installed_on: date
    offer: Offer


def people(
    count: int, *, seed: int = 1945, offers: Sequence[Offer] = OFFERS, until: date = date(2026, 10, 31)
) -> Iterator[Person]:
    """So many people, installed in the six years to `until`; no two share a NIK or an e-mail."""
    draw = random.Random(seed)  # noqa: S311 - believable, not secret
    serials: dict[str, int] = {}
    for number in range(count):
        district, place = draw.choice(DISTRICTS)
        is_woman = draw.random() < 0.45
        name = _name(draw, is_woman)
        yield Person(
            name,
            _national_id(draw, district, is_woman, serials),
            _email(draw, name, number),
            _phone(draw),
            _address(draw, place),
            until - timedelta(days=draw.randrange(6 * 365)),
            draw.choice(offers),
        )


def _name(draw: random.Random, is_woman: bool) -> str:
    first = draw.choice(WOMEN if is_woman else MEN)
    if draw.random() < 0.08:
        return first  # many have one name only
    name = f"{first} {draw.choice(FAMILIES)}"
    return f"{name}, {draw.choice(TITLES)}" if draw.random() < 0.05 else name


def _national_id(draw: random.Random, district: str, is_woman: bool, serials: dict[str, int]) -> str:
    """District, day of birth, and a number for those whose first twelve digits are the same."""
    born = date(1955, 1, 1) + timedelta(days=draw.randrange(50 * 365))
    start = f"{district}{born.day + 40 * is_woman:02}{born:%m%y}"
    serials[start] = serials.get(start, 0) + 1
    return f"{start}{serials[start]:04}"


def _email(draw: random.Random, name: str, number: int) -> str:
    word = "".join(letter for letter in name.lower().partition(",")[0] if letter.isalpha() or letter == " ")
    return f"{draw.choice('._').join(word.split())}{number}@{draw.choice(MAILS)}"


def _phone(draw: random.Random) -> str:
    digits = f"{draw.choice(OPERATORS)}{draw.randrange(10**6, 10**8)}"
    return f"{draw.choice(('0', '0', '0', '62', '+62'))}{digits}"


def _address(draw: random.Random, place: str) -> str:
    street, number = draw.choice(STREETS), draw.randint(1, 180)
    neighbours = f"RT {draw.randint(1, 12):02}/RW {draw.randint(1, 15):02}"
    return f"{street} No. {number}, {neighbours}, {place}"
