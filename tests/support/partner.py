"""A partner's server on this machine."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Partner:
    """A server that writes down what it is sent and answers as it is told."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.answer = b""
        self.drip = 0.0  # seconds between the bytes of an endless answer
        self.silent = threading.Event()  # while set, a call is taken and never answered
        self.calls: list[tuple[str, str, dict[str, str], str]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.host = f"127.0.0.1:{self.server.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"


def _handler(partner: Partner) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            partner.calls.append((self.command, self.path, dict(self.headers), body))
            while partner.silent.is_set():
                time.sleep(0.02)
            self.send_response(partner.status)
            for name, value in partner.headers.items():
                self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(partner.answer)
            while partner.drip:
                self.wfile.write(b".")
                time.sleep(partner.drip)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_any  # noqa: N815

        def log_message(self, *_args: Any) -> None:
            pass

        def handle(self) -> None:
            with suppress(OSError):  # who called may have hung up
                super().handle()

    return Handler


@contextmanager
def serving() -> Iterator[Partner]:
    """A partner that answers until the block ends."""
    made = Partner()
    thread = threading.Thread(target=made.server.serve_forever, args=[0.05])
    thread.start()
    yield made
    made.drip = 0
    made.silent.clear()
    made.server.shutdown()
    made.server.server_close()
    thread.join()
