"""Jobs about the gateway: making the pages that are wanted, applying what it told."""

import time

from webapp.billing import callbacks, gateway
from webapp.queue import job

LONGEST = 240  # seconds that one job goes on; the next minute's takes over
LONGEST_ASKING = 45  # after a run many links wait: what payments set going must not wait as long


@job(queue="low", retries=0)
def tend_links() -> None:
    """Make, look at and close payment pages at the gateway"""
    ends = time.monotonic() + LONGEST_ASKING
    while gateway.tend(callbacks.told_by_poll) == gateway.BATCH and time.monotonic() < ends:
        pass


@job(queue="high", retries=0)
def apply_callbacks() -> None:
    """Apply the gateway's callbacks that wait"""
    ends = time.monotonic() + LONGEST
    while callbacks.apply_waiting() and time.monotonic() < ends:
        pass
