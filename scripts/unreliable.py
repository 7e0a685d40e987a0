"""Simulated devices that post batches of events and misbehave, as devices at the end of a bad line do."""

import gzip
import random
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import httpx
import orjson
from pedestrians import Counter, Counts, events_of

BATCH = 5_000  # events; the most that the API takes in one request
DAYS_AT_ONCE = 3  # a device sends the hours of so many days in any order
PATIENCE = 180.0  # seconds that a device goes on trying when the server is away
TIMEOUT = httpx.Timeout(60, connect=5)
CUT, LOST_ANSWER, REPEATS = 0.08, 0.08, 0.15  # how often, of all batches


class Failure(Exception):
    """The replay can't go on; the message is a sentence for people."""


@dataclass
class Tally:
    """What the devices did, all together."""

    stored: int = 0
    duplicates: int = 0
    retries: int = 0
    hung_up: int = 0
    stop: threading.Event = field(default_factory=threading.Event)  # set when one of them has failed
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, **figures: int) -> None:
        with self.lock:
            for name, figure in figures.items():
                setattr(self, name, getattr(self, name) + figure)


class HungUp(Exception):
    """The device has closed the connection on purpose."""


class Device:
    """Posts the events of its counters, in batches, and misbehaves by a plan that its seed decides."""

    def __init__(
        self,
        client: httpx.Client,
        counters: Sequence[tuple[int, Counter]],
        tally: Tally,
        seed: str,
        batch: int,
    ) -> None:
        self._client = client
        self._counters = counters
        self._tally = tally
        self._plan = random.Random(seed)
        self._batch = batch
        self._recent: deque[bytes] = deque(maxlen=min(200, batch // 8))

    def replay(self, counts: Counts) -> None:
        """Post everyone, batch by batch, some batches with events of earlier ones or of their own repeated."""
        events = self._events(counts)
        while not self._tally.stop.is_set():
            again = list(self._recent) if self._plan.random() < REPEATS else []
            fresh = list(islice(events, self._batch - 2 * len(again)))
            if not fresh:
                return
            self._recent.extend(self._plan.sample(fresh, min(20, len(fresh))))
            if again:
                fresh += again + self._plan.sample(fresh, min(len(again), len(fresh)))
                self._plan.shuffle(fresh)
            self._post(fresh)

    def _events(self, counts: Counts) -> Iterator[bytes]:
        """Every person as JSON, made as they are needed; hours and counters in any order within a few days."""
        days = iter(sorted(counts))
        while some := list(islice(days, DAYS_AT_ONCE)):
            hours = [(day, hour, one) for day in some for hour in range(24) for one in self._counters]
            self._plan.shuffle(hours)
            for day, hour, (column, counter) in hours:
                yield from events_of(counter.code, day, hour, counts[day][column][hour])

    def _post(self, events: list[bytes]) -> None:
        body = gzip.compress(b"[" + b",".join(events) + b"]", 1)
        chance = self._plan.random()
        if chance < CUT:
            self._hang_up(body, self._plan.randrange(len(body)))
        elif chance < CUT + LOST_ANSWER:
            self._hang_up(body, len(body))
        answer = self._delivered(body)
        if answer["failed"]:
            refusal = next(result for result in answer["results"] if not result["stored"])
            raise Failure(f"The server refused {answer['failed']} events, the first with {refusal}.")
        self._tally.add(stored=answer["stored"], duplicates=answer["duplicates"])

    def _hang_up(self, body: bytes, after: int) -> None:
        """Send so many bytes of the request and close the connection. After all of them, only the answer is lost."""

        def sent() -> Iterator[bytes]:
            yield body[:after]
            raise HungUp

        try:
            self._request(sent(), len(body))
        except (HungUp, httpx.HTTPError):
            self._tally.add(hung_up=1)

    def _delivered(self, body: bytes) -> dict[str, Any]:
        """The server's answer, however often it takes: it may be restarting, or be busy (503)."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                response = self._request(body, len(body))
                if response.status_code < 500 and response.status_code != 429:
                    return dict(data_of(response))
                trouble = f"{response.status_code} {response.text[:200]}"
            except httpx.TransportError as error:
                trouble = repr(error)
            self._tally.add(retries=1)
            if self._tally.stop.wait(self._plan.uniform(0.2, 1)) or time.monotonic() > deadline:
                raise Failure(f"The server has not answered for {PATIENCE:g} seconds: {trouble}")

    def _request(self, content: bytes | Iterable[bytes], length: int) -> httpx.Response:
        headers = {
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
            "Content-Length": str(length),
        }
        return self._client.post("/retribusi/v1/ingest/batch", content=content, headers=headers)


def data_of(response: httpx.Response) -> Any:
    """The answer's data. Raises Failure when the server refuses."""
    if response.is_error:
        path = response.request.url.path
        raise Failure(f"{response.request.method} {path}: {response.status_code} {response.text[:300]}")
    return orjson.loads(response.content)["data"]
