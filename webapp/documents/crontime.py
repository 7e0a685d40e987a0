"""Cron lines: when they come next, in a time zone of their own."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError


def following(cron: str, zone: str, after: datetime) -> datetime:
    """The first moment after `after`, in UTC, that `cron` (five fields) names in `zone`. Raises ValueError."""
    if zone not in available_timezones():
        raise ValueError("Must be the name of a time zone, such as Asia/Jakarta")
    if len(cron.split()) != 5 or len(cron) > 100:
        raise ValueError("Must have five fields: minute, hour, day, month, weekday")
    try:
        moment = next(CronSim(cron, after.astimezone(ZoneInfo(zone))), None)
    except (CronSimError, ValueError) as error:
        raise ValueError(f"Is no cron line: {error}") from None
    if moment is None:
        raise ValueError("Names a day that never comes")
    return moment.astimezone(UTC)
