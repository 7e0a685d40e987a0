"""One file a day in a folder: Access databases (through Debian's mdbtools), or CSV files with the same columns."""

import csv
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO

from webapp.documents.sources import Transaction, Wanted
from webapp.documents.sources.roots import day_path, within
from webapp.errors import Unreadable

TABLE = "CAPTURE"
EXPORT = ("mdb-export", "-D", "%Y-%m-%d %H:%M:%S", "-T", "%Y-%m-%d %H:%M:%S")
COLUMNS = (
    "ID",
    "CB",
    "GB",
    "GD",
    "SHIFT",
    "PERIODA",
    "WAKTU",
    "STATUS",
)  # without these there is nothing to print
MAX_FIELD = 50_000_000  # characters of one photo in hexadecimal
csv.field_size_limit(min(MAX_FIELD, sys.maxsize))


class DayFiles:
    """The files below `root` whose names follow `pattern` (setting `datasource_path_format`)."""

    def __init__(self, root: Path, pattern: str) -> None:
        self._root = root
        self._pattern = pattern

    def transactions(self, wanted: Wanted) -> Iterator[Transaction]:
        """Raises Unreadable, with the file's name and the reason."""
        for path in self._files(wanted):
            with _rows(path, wanted.with_photos) as rows:
                yield from (one for one in _parsed(path, rows) if wanted.takes(one))

    def missing(self, wanted: Wanted) -> list[date]:
        return [day for day in wanted.days() if self._file(day, wanted.station_id) is None]

    def _files(self, wanted: Wanted) -> Iterator[Path]:
        found = (self._file(day, wanted.station_id) for day in wanted.days())
        return (path for path in found if path is not None)

    def _file(self, day: date, station_id: int) -> Path | None:
        """The day's Access file, else its CSV file, else nothing."""
        path = within(self._root, day_path(self._pattern, day, station_id))
        for candidate in (path, path.with_suffix(".csv")):
            if candidate.is_file():
                return candidate
        return None


@contextmanager
def _rows(path: Path, with_photos: bool) -> Iterator[Iterable[Mapping[str, str]]]:
    if path.suffix.lower() == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield csv.DictReader(file)
    else:
        with _exported(path, "hex" if with_photos else "strip") as lines:
            yield csv.DictReader(lines)


@contextmanager
def _exported(path: Path, binary: str) -> Iterator[IO[str]]:
    """The table as CSV, while mdb-export is still writing it; `binary` is how it writes photos (its option -b)."""
    if shutil.which(EXPORT[0]) is None:
        raise Unreadable("mdb-export is not installed: on Debian, apt-get install mdbtools brings it")
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(  # noqa: S603 - the path has passed the fence, and no shell sees it
            [*EXPORT, "-b", binary, str(path), TABLE],
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            encoding="utf-8",
        )
        assert process.stdout is not None
        try:
            yield process.stdout
            if process.stdout.read(1) == "":
                _check_whole(path, process.wait(30), complaints)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def _check_whole(path: Path, code: int, complaints: IO[bytes]) -> None:
    """mdb-export answers 0 for a file that breaks off in the middle, but it complains."""
    complaints.seek(0)
    said = complaints.read(2_000).decode(errors="replace").strip()
    if code or said:
        raise Unreadable(f"{path.name}: {said.splitlines()[0] if said else 'not an Access database'}")


def _parsed(path: Path, rows: Iterable[Mapping[str, str]]) -> Iterator[Transaction]:
    done = 0
    try:
        for row in rows:
            one = _transaction(row)
            done += 1
            yield one
    except (KeyError, ValueError, csv.Error, UnicodeDecodeError) as error:
        raise Unreadable(f"{path.name}: row {done + 1} can't be read ({error})") from None


def _transaction(row: Mapping[str, str]) -> Transaction:
    if None in row.values():
        raise ValueError("it breaks off")
    return Transaction(
        int(row["ID"]),
        int(row["CB"]),
        int(row["GB"]),
        int(row["GD"]),
        row["SHIFT"],
        row["PERIODA"],
        row.get("IDPUL") or "",
        row.get("IDPAS") or "",
        datetime.fromisoformat(row["WAKTU"]),
        row.get("GOL") or "",
        row.get("AVC") or "",
        row.get("METODA") or "",
        row.get("SERI") or "",
        row["STATUS"],
        row.get("AG") or "",
        row.get("NOKARTU") or "",
        tuple(bytes.fromhex(row[name]) for name in ("IMAGE1", "IMAGE2") if row.get(name)),
    )
