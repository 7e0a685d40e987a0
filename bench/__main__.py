"""`python -m bench [--full] [--only NAME]`: run the measurements, print the table, exit with 1 when one misses."""

import argparse
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import (
    access,
    billing,
    crash,
    dashboard,
    gatewaycalls,
    ingest,
    invoices,
    load,
    markers,
    places,
    press,
    result,
    routers,
    runs,
    stream,
    subscribers,
    transfers,
)
from bench.result import Result

Measurement = Callable[[str, str, Path, bool], Iterator[Result]]  # database, Redis URL, folder, full?
MEASUREMENTS: dict[str, Measurement] = {
    "single": ingest.single,
    "batch": ingest.batch,
    "access": access.checks,
    "logins": access.logins,
    "stream": stream.idle_clients,
    "kill": crash.kills,
    "markers": markers.maps,
    "press": press.papers,
    "subscribers": subscribers.search,
    "runs": runs.monthly,
    "routers": routers.reconciles,
    "transfers": transfers.files,
    "billing": billing.money,
    "prints": invoices.prints,
    "figures": invoices.figures,
    "callbacks": gatewaycalls.bursts,
    "dashboard": dashboard.pages,
}
LONG = {"dashboard"}  # only with --full, or when named


def main() -> int:
    arguments = _arguments()
    if trouble := load.missing():
        print(trouble, file=sys.stderr)
        return 2
    began = time.monotonic()
    _raise_file_limit()
    kinds, skipped = places.databases()
    results = list(
        _results(arguments, [kind for kind in kinds if arguments.database in (None, kind.lower())])
    )
    path = result.save(results, skipped, time.monotonic() - began)
    print(f"\n{result.table(results)}\n")
    for sentence in skipped:
        print(sentence)
    print(f"{time.monotonic() - began:.0f} s; written to {path}")
    return 0 if all(one.good for one in results) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--full", action="store_true", help="longer rounds, and the measurements that take long"
    )
    parser.add_argument(
        "--only", action="append", choices=MEASUREMENTS, help="this measurement; may be repeated"
    )
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="on this database only")
    return parser.parse_args()


def _results(arguments: argparse.Namespace, kinds: list[str]) -> Iterator[Result]:
    names = arguments.only or [name for name in MEASUREMENTS if arguments.full or name not in LONG]
    with places.work_folder() as folder, places.valkey(folder) as redis_url:
        for name in names:
            for kind in kinds:
                print(f"Measuring {name} on {kind} …", file=sys.stderr, flush=True)
                for one in MEASUREMENTS[name](kind, redis_url, folder / name / kind.lower(), arguments.full):
                    print("  " + "  ".join(one.cells), file=sys.stderr, flush=True)
                    yield one


def _raise_file_limit() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


if __name__ == "__main__":
    sys.exit(main())
