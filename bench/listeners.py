"""Many clients of the live stream in one process of their own: `python -m bench.listeners PORT TOKEN CLIENTS`.

Says "ready" when all are connected. For each number N on its standard input it waits until every client has N events
and says, as JSON, how many clients have them all, the same ones in the same order without a repeat, and after how long.
"""

import asyncio
import itertools
import json
import re
import sys
import time
from functools import partial

PATH = "/retribusi/v1/realtime/stream"
EVENT = re.compile(rb"id: (\d+)\nevent: ingest\n")
CONNECT_AT_ONCE = 50
PATIENCE = 60.0


class Client(asyncio.Protocol):
    """One connection; remembers the ids of the events that it was sent."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._rest = b""
        self.ids: list[int] = []
        self.connected = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        head = f"GET {PATH} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self._token}\r\n\r\n"
        transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        *frames, self._rest = (self._rest + data).split(b"\n\n")
        for frame in frames:
            if b": connected" in frame and not self.connected.done():
                self.connected.set_result(None)
            if found := EVENT.search(frame + b"\n"):
                self.ids.append(int(found[1]))

    def connection_lost(self, error: Exception | None) -> None:
        if not self.connected.done():
            self.connected.set_exception(error or ConnectionError(f"hung up: {self._rest!r}"))


async def main(port: int, token: str, count: int) -> None:
    loop = asyncio.get_running_loop()
    clients = [Client(token) for _ in range(count)]
    for start in range(0, count, CONNECT_AT_ONCE):
        for client in clients[start : start + CONNECT_AT_ONCE]:
            await loop.create_connection(partial(_itself, client), "127.0.0.1", port)
        await asyncio.gather(*(client.connected for client in clients[start : start + CONNECT_AT_ONCE]))
    _say("ready")
    while wanted := (await asyncio.to_thread(sys.stdin.readline)).strip():
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE and any(len(one.ids) < int(wanted) for one in clients):
            await asyncio.sleep(0.02)
        _say(json.dumps({"complete": _complete(clients, int(wanted)), "seconds": time.monotonic() - began}))


def _complete(clients: list[Client], wanted: int) -> int:
    first = clients[0].ids
    in_order = all(earlier < later for earlier, later in itertools.pairwise(first))
    return sum(client.ids == first and len(first) == wanted and in_order for client in clients)


def _itself(client: Client) -> Client:
    return client


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
