"""Work on gates that runs outside a request."""

from datetime import timedelta

from webapp import config
from webapp.extensions import db
from webapp.gates import partitions, partners, recount, store
from webapp.kit import clock
from webapp.queue import enqueue, job

MONTHS_AHEAD = 3


@job(queue="default", timeout=3600)
def run_recount(recount_id: int) -> None:
    recount.run(recount_id, config.current().timezone)


@job(queue="low")
def recount_yesterday() -> None:
    """Every night: prove that the totals of the day that ended are what its events say."""
    recount.request(config.today() - timedelta(days=1))


@job(queue="low")
def make_partitions() -> None:
    """Keep the partitions of the coming months ready, so that no event has to make its own."""
    now = clock.unix()
    with store.cursor_of(db.session.connection()) as cursor:
        partitions.ensure(cursor, (now + month * 30 * 86_400 for month in range(MONTHS_AHEAD + 1)))


@job(queue="default")
def tell_partners() -> None:
    """Tell partners' webhooks of new events at gates."""
    if partners.tell():
        enqueue(tell_partners)
