"""Housekeeping of accounts."""

from datetime import timedelta

from webapp.accounts import sessions
from webapp.extensions import log
from webapp.kit import clock
from webapp.queue import job

KEEP_ENDED_SESSIONS = timedelta(days=30)


@job(queue="low")
def sweep_sessions() -> None:
    """Forget sessions that ended more than 30 days ago."""
    log.info("sessions_swept", count=sessions.sweep_sessions(clock.now() - KEEP_ENDED_SESSIONS))
