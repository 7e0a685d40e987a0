"""What the clock does for billing: the monthly run, reminders, overdue marking, suspension, and sending messages."""

import uuid

from webapp.billing import dunning, messages, reminders, runs, runworker
from webapp.extensions import db
from webapp.queue import job


@job(queue="default")
def start_billing() -> None:
    """Make the invoices that are due in five days, and those that were missed."""
    runs.start_due()


@job(queue="default", timeout=6 * 3600)
def bill(run_id: str) -> None:
    """Carry a billing run out."""
    try:
        runworker.carry_out(uuid.UUID(run_id))
    except Exception as error:
        db.session.rollback()
        runworker.note_failure(uuid.UUID(run_id), error)
        db.session.commit()
        raise


@job(queue="high")
def rescue_runs() -> None:
    """Take up again what dead workers left of billing runs."""
    runworker.rescue()


@job(queue="default", timeout=3600)
def mark_overdue() -> None:
    """Mark invoices as overdue the day after their due date."""
    dunning.mark_overdue()


@job(queue="default", timeout=3600)
def write_reminders() -> None:
    """Remind customers of invoices as the rules say."""
    reminders.write_due()


@job(queue="default", timeout=3600)
def settle_suspensions() -> None:
    """Suspend those whose grace has ended, and restore those who owe nothing that old any more."""
    dunning.settle()


@job(queue="low", timeout=3600, retries=0)
def send_messages() -> None:
    """Send the messages that wait."""
    messages.send_waiting()


@job(queue="low", timeout=3600)
def sweep_messages() -> None:
    """Forget messages to customers after two years."""
    messages.sweep()
