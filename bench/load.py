"""The load: wrk in a process of its own, one thread, the answers checked by their status."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("load.lua")


class Failed(Exception):
    """A measurement that can't be trusted, in a sentence."""


def missing() -> str | None:
    """Why no load can be made, in a sentence; None when it can."""
    if shutil.which("wrk"):
        return None
    return "The benchmarks need wrk: on Debian, apt-get install wrk brings it."


@dataclass(frozen=True)
class Figures:
    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    errors: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


@dataclass
class Target:
    """One thing to load: GET `url`, or POST the lines of `bodies` to it in turn.

    With `unique`, each "@" in a body becomes a text that no other request has.
    """

    name: str
    url: str
    bodies: Path | None = None
    headers: Mapping[str, str] | None = None
    connections: int = 32
    unique: bool = False
    _runs: int = 0

    def run(self, seconds: int) -> Figures:
        self._runs += 1
        tag = f"{self._runs}-" if self.unique else "-"
        headers = [f"{name}: {value}" for name, value in (self.headers or {}).items()]
        command = [
            "wrk",
            "-t1",
            f"-c{self.connections}",
            f"-d{seconds}s",
            "--timeout",
            "20s",
            "-s",
            str(SCRIPT),
        ]
        command += [self.url, "--", str(self.bodies or "-"), tag, *headers]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
        try:
            figures = Figures(**json.loads(done.stdout.splitlines()[-1]))
        except (ValueError, IndexError, TypeError):
            raise Failed(f"wrk said nothing useful of {self.name}: {done.stdout}{done.stderr}") from None
        if figures.errors or not figures.requests:
            raise Failed(f"{self.name}: {figures.errors} errors in {figures.requests} requests.")
        return figures


def by_turns(targets: Sequence[Target], rounds: int, seconds: int) -> dict[str, list[Figures]]:
    """Load each target for `seconds`, in turn, `rounds` times, after a shorter round that warms them up."""
    for target in targets:
        target.run(-(-seconds // 2))
    found: dict[str, list[Figures]] = {target.name: [] for target in targets}
    for _ in range(rounds):
        for target in targets:
            found[target.name].append(target.run(seconds))
    return found
