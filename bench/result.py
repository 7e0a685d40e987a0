"""What a measurement says, and how it is shown."""

import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Result:
    """One row of the table. `low` and `high` are the extremes of the rounds; `ratio` is their median."""

    what: str
    ours: str
    baseline: str
    ratio: float
    limit: float
    at_most: bool = False
    low: float | None = None
    high: float | None = None
    unit: str = "×"
    judged: bool = True

    @property
    def good(self) -> bool:
        return not self.judged or (self.ratio <= self.limit if self.at_most else self.ratio >= self.limit)

    @property
    def cells(self) -> tuple[str, ...]:
        spread = "" if self.low is None or self.high is None else f"{_short(self.low)}–{_short(self.high)}"
        must = (
            f"{'≤' if self.at_most else '≥'} {_short(self.limit)} {self.unit}"
            if self.judged
            else "(told only)"
        )
        verdict = ("ok" if self.good else "MISSED") if self.judged else ""
        return (
            self.what,
            self.ours,
            self.baseline,
            f"{_short(self.ratio)} {self.unit}",
            spread,
            must,
            verdict,
        )


def compared(
    what: str,
    ours: Sequence[float],
    baseline: Sequence[float],
    limit: float,
    *,
    unit: str,
    at_most: bool = False,
    judged: bool = True,
) -> Result:
    """The median of the rounds' ratios; each round measured both, one right after the other."""
    ratios = [a / b for a, b in zip(ours, baseline, strict=True)]
    return Result(
        what,
        f"{_short(statistics.median(ours))} {unit}",
        f"{_short(statistics.median(baseline))} {unit}",
        statistics.median(ratios),
        limit,
        at_most,
        min(ratios),
        max(ratios),
        judged=judged,
    )


HEAD = ("what", "ours", "baseline", "ratio", "rounds", "must reach", "")


def table(results: Sequence[Result]) -> str:
    rows = [HEAD, *(result.cells for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join([lines[0], "-" * (sum(widths) + 2 * len(widths)), *lines[1:]])


def save(results: Sequence[Result], skipped: Sequence[str], seconds: float) -> Path:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    rows = [{**asdict(result), "good": result.good} for result in results]
    content = {"machine": machine(), "seconds": round(seconds), "skipped": list(skipped), "results": rows}
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return path


def machine() -> dict[str, Any]:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return {
        "commit": commit.stdout.strip(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "kernel": platform.release(),
        "load_average": os.getloadavg(),
    }


def _short(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
