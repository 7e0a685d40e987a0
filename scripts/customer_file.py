"""Writes a file of customers that don't exist, as a spreadsheet program would have left it.

    python scripts/customer_file.py --rows 50000 customers.csv
    python scripts/customer_file.py --rows 2000 --delimiter ';' --encoding cp1252 --dates slash --untidy customers.csv

The same seed writes the same people, with the packages of the demo (webapp/demo/people.py).
"""

import argparse
import csv
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from webapp.demo.people import OFFERS, Offer, Person, people
from webapp.subscribers.spreadsheet import COLUMNS

SERIALS_BEGIN = date(1899, 12, 30)
DATES = {
    "iso": date.isoformat,
    "slash": lambda day: f"{day:%d/%m/%Y}",
    "serial": lambda day: str((day - SERIALS_BEGIN).days),
    "moment": lambda day: f"{day} 00:00:00",
}


def content(
    persons: Iterable[Person],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8-sig",
    dates: str = "iso",
    untidy: bool = False,
) -> bytes:
    """The file. `dates` is one of DATES; an `untidy` one has blank lines, a column more, digits as formulas
    (`="0812…"`), spaces and line breaks where they don't belong, and curly apostrophes.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow([*COLUMNS.values(), *(["Catatan"] if untidy else [])])
    for number, person in enumerate(persons):
        cells = list(_cells(person, dates))
        writer.writerows(_untidy(cells, number) if untidy else [cells])
    return buffer.getvalue().encode(encoding)


def _cells(person: Person, dates: str) -> Iterator[str]:
    yield from (person.name, person.national_id, person.email, person.phone)
    yield from (person.offer.package, person.address, DATES[dates](person.installed_on), person.offer.brand)


def _untidy(cells: list[str], number: int) -> Iterator[Sequence[str]]:
    name, national_id, email, phone, package, address, day, brand = cells
    if number % 10 == 3:
        yield []
    if number % 10 == 7:
        yield [""] * 9
    if number % 4 == 0:
        national_id, phone = f'="{national_id}"', f'="{phone}"'
    if number % 5 == 0:
        address, email = address.replace(", RT", ",\nRT"), f" {email.upper()} "
    address = address.replace("'", "’")
    yield [name, national_id, email, phone, package.upper(), address, day, brand.lower(), "lama"]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1945)
    parser.add_argument("--delimiter", default=",")
    parser.add_argument("--encoding", default="utf-8-sig")
    parser.add_argument("--dates", choices=DATES, default="iso")
    parser.add_argument("--untidy", action="store_true")
    parser.add_argument("--fresh", action="store_true", help="only the package that a fresh install has")
    chosen = parser.parse_args()
    offers = [Offer("JAKINET", "Internet 50Mbps", 50, 500_000)] if chosen.fresh else OFFERS
    persons = people(chosen.rows, seed=chosen.seed, offers=offers)
    how = {name: getattr(chosen, name) for name in ("delimiter", "encoding", "dates", "untidy")}
    chosen.file.write_bytes(content(persons, **how))


if __name__ == "__main__":
    main()
