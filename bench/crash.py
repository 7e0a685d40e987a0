"""`kill -9` of the whole web process under load: nothing acknowledged may be lost, and totals must equal the rows."""

import http.client
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from bench import ingest, places
from bench.result import Result

DEVICES = 8
LOAD_SECONDS = 1.5  # between two kills
ZONE = ZoneInfo("Asia/Jakarta")  # where APP_TIMEZONE is by default


class Device(threading.Thread):
    """Posts events, each with an id of its own, and sends again what was not answered, as a gate's device does."""

    def __init__(self, number: int, port: int, headers: dict[str, str], stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._number, self._port, self._headers, self._stop_asked = number, port, headers, stop
        self.acknowledged: list[str] = []
        self.resent = 0

    def run(self) -> None:
        events = itertools.cycle(ingest.events(97, self._number))
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        for number in itertools.count():
            event_id = f"{self._number}-{number}"
            body = json.dumps({**next(events), "event_id": event_id})
            while not self._posted(connection, body):
                if self._stop_asked.is_set():
                    return
                self.resent += 1
                time.sleep(0.05)
            self.acknowledged.append(event_id)

    def _posted(self, connection: http.client.HTTPConnection, body: str) -> bool:
        if self._stop_asked.is_set():
            return False
        try:
            connection.request("POST", ingest.PATH, body, self._headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return False
        return answer.status == 200


def kills(kind: str, redis_url: str, folder: Path, full: bool) -> Iterator[Result]:
    times = 5 if full else 1
    with places.place(kind, folder, redis_url) as place:
        devices = _load_and_kill(place, times)
        acknowledged = {event_id for device in devices for event_id in device.acknowledged}
        resent = sum(device.resent for device in devices)
        lost, wrong = _lost(place, acknowledged), _wrong_totals(place)
    killed = f"{kind}: kill -9 under load, {times} ×"
    of = f"{len(acknowledged):,} acknowledged, {resent} sent again"
    yield Result(f"{killed}: events lost", f"{lost}", of, lost, 0, at_most=True, unit="events")
    yield Result(f"{killed}: totals ≠ rows", f"{wrong}", "recounted", wrong, 0, at_most=True, unit="lines")


def _load_and_kill(place: places.Place, times: int) -> list[Device]:
    server = place.server("web")
    stop = threading.Event()
    try:
        server.start()
        devices = [Device(number, server.port, place.device_headers(), stop) for number in range(DEVICES)]
        for device in devices:
            device.start()
        for _ in range(times):
            time.sleep(LOAD_SECONDS)
            server.kill()
            server.start()
        time.sleep(LOAD_SECONDS)
        server.kill()
    finally:
        stop.set()
        server.kill()
    for device in devices:
        device.join()
    return devices


def _lost(place: places.Place, acknowledged: set[str]) -> int:
    with place.engine() as engine, engine.connect() as connection:
        stored = set(connection.scalars(text("SELECT key FROM event_keys")))
        rows = connection.scalar(text("SELECT count(*) FROM gate_events")) or 0
    return len(acknowledged - stored) + abs(rows - len(stored))


def _wrong_totals(place: places.Place) -> int:
    """Lines of hourly and daily totals that differ from what the rows say, counted here anew."""
    hourly: Counter[tuple[object, ...]] = Counter()
    with place.engine() as engine, engine.connect() as connection:
        rows = connection.execute(text("SELECT gate_id, category_id, event_time, amount FROM gate_events"))
        for gate, category, event_time, amount in rows:
            moment = datetime.fromtimestamp(event_time, ZONE)
            line = (moment.date().isoformat(), gate, category)
            for key in ((*line, moment.hour), (*line, None)):
                hourly[(*key, "count")] += 1
                hourly[(*key, "amount")] += amount
        kept = dict(_kept(connection))
    return sum(hourly.get(key) != kept.get(key) for key in hourly.keys() | kept.keys())


def _kept(connection: Connection) -> Iterator[tuple[tuple[object, ...], int]]:
    hours = "SELECT day, gate_id, category_id, hour, count, amount FROM hourly_totals"
    days = "SELECT day, gate_id, category_id, NULL, count, amount FROM daily_totals"
    for statement in (hours, days):
        for day, gate, category, hour, count, amount in connection.execute(text(statement)):
            yield (str(day), gate, category, hour, "count"), count
            yield (str(day), gate, category, hour, "amount"), amount
