"""Years of billing for generated customers, through the product's own services, against an independent reckoning.

    python scripts/billing_years.py --customers 4000 --years 3

plays every day of them in an empty database of its own: people come, change, leave, pay early, late, twice, not at
all; the gateway and the routers die for days. At the end of each month, totals by month, brand, status and segment,
what each customer owes, the ledger and the numbers must be what the rules say (scripts/years/reckoning.py imports
nothing of the product), and the product's own check of its books must find nothing. Exits with 1 otherwise.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from flask import Flask  # noqa: E402
from flask_migrate import upgrade  # noqa: E402
from years.comparison import differences  # noqa: E402
from years.plot import DAY, EVE, FIRST, lives, outages  # noqa: E402
from years.reckoning import Reckoning  # noqa: E402
from years.world import World  # noqa: E402

from tests.support import routeros, services, xendit  # noqa: E402
from webapp import create_app  # noqa: E402
from webapp.accounts import settings  # noqa: E402
from webapp.database import intent, transaction  # noqa: E402
from webapp.extensions import db  # noqa: E402

TOKEN = "told-by-xendit"  # noqa: S105 - of a gateway on this machine


@dataclass(frozen=True)
class Story:
    """How many customers, how many months, which seed, and whether suspended days are billed."""

    customers: int
    months: int
    seed: int = 1945
    bill_suspended: bool = True

    @property
    def last(self) -> date:
        months = FIRST.month - 1 + self.months
        return date(FIRST.year + months // 12, months % 12 + 1, 1) - DAY


def played(
    app: Flask, gateway: xendit.FakeXendit, router: routeros.FakeRouter, story: Story
) -> Iterator[tuple[Reckoning, list[str]]]:
    """Play the story; at the end of each month the reckoning and what differs from it (nothing should)."""
    known = {life.number: life for life in lives(story.customers, story.last, story.seed)}
    dead = outages(story.last, story.seed)
    reckoning = Reckoning(known.values(), dead, story.seed, story.bill_suspended)
    world = World(app, gateway, TOKEN, router, dead, story.seed)
    with app.app_context(), transaction():
        settings.change("bill_suspended_time", str(story.bill_suspended).lower())
    with world.begun():
        today = EVE
        while today <= story.last:
            if today != EVE:
                reckoning.night(today)
                world.night(today)
            reckoning.today = today
            world.day(reckoning.day(), known)
            world.evening()
            if (today + DAY).day == 1 and today != EVE:
                with app.app_context(), intent(write=False):
                    yield reckoning, list(differences(world, reckoning))
            today += DAY


def main() -> int:
    story = _asked()
    began, wrong = time.perf_counter(), 0
    with _installation() as (app, gateway, router):
        for reckoning, differs in played(app, gateway, router, story):
            wrong += len(differs)
            print(_line(reckoning, differs, time.perf_counter() - began), flush=True)
            print("".join(f"    {one}\n" for one in differs[:20]), end="", flush=True)
    print(f"{'Everything agrees.' if not wrong else f'{wrong} differences.'}")
    return 1 if wrong else 0


def _line(reckoning: Reckoning, differs: list[str], seconds: float) -> str:
    billed = sum(bill.total for bill in reckoning.bills)
    return (
        f"{reckoning.today:%Y-%m}  {len(reckoning.homes):>5,} customers  {len(reckoning.bills):>7,} invoices"
        f"  Rp {billed:>15,}  {len(reckoning.moneys):>7,} payments  {seconds:>6.0f} s"
        f"  {'ok' if not differs else f'{len(differs)} DIFFERENCES'}"
    )


@contextmanager
def _installation() -> Iterator[tuple[Flask, xendit.FakeXendit, routeros.FakeRouter]]:
    """An empty one, with a gateway and a router on this machine; TEST_DATABASE_URL says where, else SQLite."""
    with ExitStack() as stack:
        memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a story is played, not kept
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gerbang-years-", dir=memory)))
        gateway, router = stack.enter_context(xendit.serving()), stack.enter_context(routeros.FakeRouter())
        gateway.keys = {"xnd_test"}
        app = create_app(
            {
                "GERBANG_ENV": "testing",
                "DATA_DIR": str(folder),
                "DATABASE_URL": stack.enter_context(services.database(folder, "years")),
                "REDIS_URL": stack.enter_context(services.redis_server()),
                "SECRET_KEY": "s" * 32,
                "LOG_LEVEL": "ERROR",
                "XENDIT_BASE_URL": gateway.url,
                "XENDIT_API_KEY_JAKINET": "xnd_test",
                "XENDIT_CALLBACK_TOKEN_JAKINET": TOKEN,
            }
        )
        with app.app_context():
            upgrade(str(ROOT / "migrations"))
        yield app, gateway, router
        with app.app_context():
            db.engine.dispose()


def _asked() -> Story:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=4_000)
    parser.add_argument("--years", type=float, default=3)
    parser.add_argument("--seed", type=int, default=1945)
    parser.add_argument("--free-suspensions", action="store_true", help="don't bill suspended days")
    asked = parser.parse_args()
    return Story(asked.customers, round(12 * asked.years), asked.seed, not asked.free_suspensions)


if __name__ == "__main__":
    sys.exit(main())
