"""Business days: what a moment's date is where the operator is; how a month is written."""

from datetime import date, datetime

from webapp import config

PERIOD = r"^2[0-9]{3}-(0[1-9]|1[0-2])$"  # `2024-01`


def today() -> date:
    """The business day it is now, in APP_TIMEZONE."""
    return config.today()


def day_of(moment: datetime) -> date:
    """The business day that an aware moment falls into, in APP_TIMEZONE."""
    return moment.astimezone(config.current().timezone).date()
