"""The demo's gate devices: they keep posting through the real API, so that the dashboard moves.

Like real ones they lose an answer now and then and send the event again under the same id, and while the server is
away they keep what happens and hand it in later, with the times at which it happened.
"""

import argparse
import os
import random
import sys
import time
import uuid
from collections import deque
from contextlib import suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import httpx

RUSH_HOURS = {6, 7, 8, 16, 17, 18}
NIGHT = {22, 23, 0, 1, 2, 3, 4}
PER_SECOND_AT_RUSH, PER_SECOND_BY_DAY, PER_SECOND_AT_NIGHT = 0.8, 0.55, 0.35

LOST_ANSWER = 0.02  # how often an answer never arrives
BATCH = 500  # events in one request, when many have waited
KEEPS = 100_000  # events in the device's memory; then it forgets the oldest
AWAY = httpx.codes.TOO_MANY_REQUESTS, *range(500, 600)  # statuses after which an event is sent again

Event = dict[str, Any]


class Stand(NamedTuple):
    """Where a device stands, how busy it is there, and what passes: the shares of each category."""

    location_code: str
    gate_code: str
    busy: int
    categories: dict[str, int]


KERKOF = {"person_walk": 35, "motor": 50, "car": 15}
MARKET = {"person_walk": 45, "motor": 43, "car": 12}
BEACH = {"person_walk": 18, "motor": 52, "car": 30}
STANDS = (  # the demo's gates, but for the one that stands still
    Stand("kerkof_01", "gate01", 15, KERKOF),
    Stand("kerkof_01", "gate02", 14, KERKOF),
    Stand("pasar_ciawitali", "gate01", 15, MARKET),
    Stand("pasar_ciawitali", "gate02", 10, MARKET),
    Stand("pasar_ciawitali", "gate03", 24, MARKET),
    Stand("pantai_sayang_heulang", "gate01", 10, BEACH),
    Stand("pantai_sayang_heulang", "gate03", 15, BEACH),
)


class Devices:
    """All of the demo's devices on one connection."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._waiting: deque[Event] = deque(maxlen=KEEPS)

    def notice(self) -> None:
        """Something passes a gate now."""
        stand = random.choices(STANDS, [stand.busy for stand in STANDS])[0]
        category = random.choices(list(stand.categories), list(stand.categories.values()))[0]
        self._waiting.append(
            {
                "timestamp": int(time.time()),
                "location_code": stand.location_code,
                "gate_code": stand.gate_code,
                "category": category,
                "event_id": uuid.uuid4().hex,
            }
        )

    def hand_in(self) -> None:
        """Post what waits, the oldest first, as far as the server takes it."""
        with suppress(httpx.TransportError):
            while batch := list(islice(self._waiting, BATCH)):
                if not self._post(batch):
                    return
                for _ in batch:
                    self._waiting.popleft()

    def _post(self, batch: list[Event]) -> bool:
        """Whether the server has answered for these events; what it refuses would not get better by asking again."""
        if len(batch) == 1:
            response = self._client.post("/retribusi/v1/ingest", json=batch[0])
        else:
            response = self._client.post("/retribusi/v1/ingest/batch", json=batch)
        return response.status_code not in AWAY and random.random() > LOST_ANSWER


def pace(now: datetime) -> float:
    """Events a second, over all gates, at this hour."""
    if now.hour in RUSH_HOURS:
        return PER_SECOND_AT_RUSH
    return PER_SECOND_AT_NIGHT if now.hour in NIGHT else PER_SECOND_BY_DAY


def run(client: httpx.Client, zone: ZoneInfo, speed: float) -> None:
    """Never returns; a signal ends it at once."""
    wait_for(client)
    devices = Devices(client)
    while True:
        time.sleep(random.expovariate(pace(datetime.now(zone)) * speed))
        devices.notice()
        devices.hand_in()


def wait_for(client: httpx.Client) -> None:
    while True:
        with suppress(httpx.TransportError):
            if client.get("/health").is_success:
                return
        time.sleep(0.5)


def server_url() -> str:
    host = os.environ.get("HOST") or "127.0.0.1"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{os.environ.get('PORT') or 8000}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Simulate the demo's gate devices.")
    parser.add_argument("--speed", type=float, default=1.0, help="so many times as many events")
    speed = parser.parse_args().speed
    try:
        key = (Path(os.environ.get("DATA_DIR") or "instance") / "demo_device.key").read_text().strip()
    except FileNotFoundError:
        return 0  # no demo data, so nothing to pretend
    zone = ZoneInfo(os.environ.get("APP_TIMEZONE") or "Asia/Jakarta")
    headers, timeout = {"X-API-KEY": key}, httpx.Timeout(10, connect=3)
    with suppress(KeyboardInterrupt):
        run(
            httpx.Client(base_url=server_url(), headers=headers, timeout=timeout, trust_env=False),
            zone,
            speed,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
