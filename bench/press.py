"""Printing: long tables against stock xhtml2pdf and a canvas drawn by hand, evidence sheets against copying photos."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench import workers
from bench.result import Result, compared

ROOT = Path(__file__).parent.parent
MEMORY = 100  # MB


class Run(NamedTuple):
    seconds: float
    megabytes: float


def papers(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    """The press asks no database, so it is measured once, with the first of them."""
    if kind != "SQLite":
        return
    rounds = 5 if full else 3
    yield _against("table of 1,000 rows ÷ stock xhtml2pdf's", "ours", "stock", 1_000, 40, 3 if full else 2)
    if full:
        yield _against("table of 10,000 rows ÷ stock xhtml2pdf's", "ours", "stock", 10_000, 300, 1)
    yield _longer(
        "table of 10,000 rows ÷ canvas by hand", _pairs("ours", 10_000, "canvas", 10_000, rounds), 5
    )
    growth = _pairs("ours", 10_000, "ours", 1_000, rounds)
    yield _longer("table of 10,000 rows ÷ 1,000 rows", growth, 12)
    yield _memory("table of 10,000 rows: peak memory", max(long.megabytes for long, _ in growth))
    pairs = _pairs("evidence", 120, "bare", 120, rounds)
    yield _longer("evidence sheet, 120 with 105 photos ÷ bare copy", pairs, 3)
    yield _memory("evidence sheet, 10,000 with 20,000 photos: peak", _run("long_evidence", 10_000).megabytes)
    yield from workers.invoices(redis_url, folder, full)


def _against(what: str, ours: str, theirs: str, count: int, least: float, rounds: int) -> Result:
    """How many documents a second, ours by theirs."""
    pairs = _pairs(ours, count, theirs, count, rounds)
    speeds = ([1 / pair[side].seconds for pair in pairs] for side in (0, 1))
    return compared(what, *speeds, least, unit="/s")


def _longer(what: str, pairs: list[tuple[Run, Run]], most: float) -> Result:
    milliseconds = ([pair[side].seconds * 1000 for pair in pairs] for side in (0, 1))
    return compared(what, *milliseconds, most, unit="ms", at_most=True)


def _memory(what: str, peak: float) -> Result:
    return Result(what, f"{peak:.0f} MB", "-", peak, MEMORY, at_most=True, unit="MB")


def _pairs(ours: str, count: int, theirs: str, their_count: int, rounds: int) -> list[tuple[Run, Run]]:
    return [(_run(ours, count), _run(theirs, their_count)) for _ in range(rounds)]


def _run(name: str, count: int) -> Run:
    command = [sys.executable, "-m", "bench.press_work", name, str(count)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Run(**json.loads(done.stdout))
