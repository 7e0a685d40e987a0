"""Dates and figures as Indonesians write them. Documents are in Indonesian, whoever asks for them."""

from datetime import date, datetime, time, timedelta

MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
NO_TIME = time(0)


def plain(text: str) -> str:
    """One line: databases hold tabs, line ends and padding."""
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(text.split())


def day(one: date) -> str:
    """`15 Desember 2025`"""
    return f"{one.day} {MONTHS[one.month - 1]} {one.year}"


def moment(one: datetime) -> str:
    """`15 Desember 2025 pukul 08.05.09 WIB`; the zone's name is left out of a naive time."""
    zone = one.tzname() or ""
    if zone[:1] in ("+", "-"):
        zone = f"UTC{zone}"
    return f"{day(one)} pukul {one:%H.%M.%S} {zone}".rstrip()


def stamp(one: datetime) -> str:
    """`15/12/2025 08.05.09`"""
    return f"{one:%d/%m/%Y %H.%M.%S}"


def period(start: datetime, end: datetime) -> str:
    """What lies from `start` up to, and without, `end`: whole days by their dates, else with the time."""
    if start.time() != NO_TIME or end.time() != NO_TIME:
        return f"{day(start)} {start:%H.%M} – {day(end)} {end:%H.%M}"
    return days(start.date(), end.date() - timedelta(days=1))


def days(first: date, last: date) -> str:
    """`15 Desember 2025`, `15–17 Desember 2025`, or `30 Desember 2025 – 2 Januari 2026`."""
    if first >= last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    return f"{day(first)} – {day(last)}"


def percent(part: int, whole: int) -> str:
    """`12,5%`"""
    return f"{part / whole * 100:.1f}%".replace(".", ",") if whole else "0,0%"
