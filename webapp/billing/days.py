"""Business days: what a moment's date is where the operator is."""

from datetime import date, datetime

from webapp import config
from webapp.kit import clock


def today() -> date:
    """The business day it is now, in APP_TIMEZONE."""
    return clock.today(config.current().timezone)


def day_of(moment: datetime) -> date:
    """The business day that an aware moment falls into, in APP_TIMEZONE."""
    return moment.astimezone(config.current().timezone).date()
