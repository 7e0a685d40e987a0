"""A gateway that speaks Xendit's language on loopback: invoices are kept, paid and expired, callbacks are sent.

`python -m tests.support.xendit --port 9100 --callback http://127.0.0.1:8000/api/invoices/xendit-callback --token t`
serves it by hand; its pages then have a link that pays.
"""

import argparse
import base64
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

MADE = "2026-01-01T00:00:00.000Z"


@dataclass
class FakeXendit:
    """What the gateway has and how it behaves; tests look at it and change it at any time.

    `keys` are the API keys it knows (all, while empty). `broken` is a status to answer everything with; `forgetful`
    makes an invoice and then loses the answer.
    """

    url: str = ""
    keys: set[str] = field(default_factory=set)
    invoices: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, str, str]] = field(default_factory=list)  # method, path, key
    broken: int = 0
    forgetful: bool = False
    _by_attempt: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _lock: Any = field(default_factory=threading.Lock)

    def of(self, external_id: str) -> list[dict[str, Any]]:
        """The invoices with our number, newest first."""
        found = [one for one in self.invoices.values() if one["external_id"] == external_id]
        return sorted(found, key=lambda one: one["id"], reverse=True)

    def pay(self, external_id: str, amount: int | None = None) -> dict[str, Any]:
        """The customer pays the newest page; what the callback would say."""
        invoice = self.of(external_id)[0]
        paid = invoice["amount"] if amount is None else amount
        invoice |= {"status": "PAID", "paid_amount": paid, "paid_at": MADE, "payment_method": "BANK_TRANSFER"}
        return dict(invoice)

    def expire(self, external_id: str) -> dict[str, Any]:
        invoice = self.of(external_id)[0]
        invoice["status"] = "EXPIRED"
        return dict(invoice)

    def answer(self, method: str, target: str, key: str, attempt: str, body: bytes) -> tuple[int, Any]:
        path = urlsplit(target).path
        with self._lock:
            self.calls.append((method, path, key))
            if self.broken:
                return self.broken, {"error_code": "SERVER_ERROR", "message": "out of order"}
            if self.keys and key not in self.keys:
                return 401, {"error_code": "INVALID_API_KEY", "message": "API key is not authorized"}
            if method == "POST" and path == "/v2/invoices":
                return self._create(attempt, json.loads(body))
            if method == "GET" and path == "/v2/invoices":
                return 200, self.of(parse_qs(urlsplit(target).query)["external_id"][0])
            return self._one(method, path)

    def _create(self, attempt: str, asked: dict[str, Any]) -> tuple[int, Any]:
        if not isinstance(asked.get("amount"), int) or asked["amount"] < 1 or not asked.get("external_id"):
            return 400, {"error_code": "API_VALIDATION_ERROR", "message": "amount is wrong"}
        known = self._by_attempt.get(attempt)
        if known is None:
            known = self._by_attempt[attempt] = f"{next(self._numbers):024x}"
            self.invoices[known] = {
                "id": known,
                "external_id": asked["external_id"],
                "amount": asked["amount"],
                "status": "PENDING",
                "invoice_url": f"{self.url}/web/{known}",
                "expiry_date": "2030-01-01T00:00:00.000Z",
                "description": asked.get("description", ""),
                "customer": asked.get("customer", {}),
                "currency": "IDR",
                "created": MADE,
                "updated": MADE,
            }
        if self.forgetful:
            return 502, {"message": "bad gateway"}
        return 200, self.invoices[known]

    def _one(self, method: str, path: str) -> tuple[int, Any]:
        parts = path.strip("/").split("/")
        if method == "GET" and parts[:2] == ["v2", "invoices"] and parts[2] in self.invoices:
            return 200, self.invoices[parts[2]]
        if method == "POST" and parts[0] == "invoices" and parts[1] in self.invoices:
            invoice = self.invoices[parts[1]]
            if invoice["status"] == "PAID":
                return 400, {"error_code": "INVOICE_ALREADY_PAID_ERROR", "message": "already paid"}
            invoice["status"] = "EXPIRED"
            return 200, invoice
        return 404, {"error_code": "INVOICE_NOT_FOUND_ERROR", "message": "not found"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one piece: head and body apart wait 40 ms for each other
    fake: FakeXendit
    callback = token = ""

    def do_GET(self) -> None:
        parts = urlsplit(self.path).path.split("/")
        if parts[1] == "web" and len(parts) == 3 and parts[2] in self.fake.invoices:
            self._send(200, self._page(parts[2]).encode(), "text/html; charset=utf-8")
        else:
            self._answer()

    def do_POST(self) -> None:
        parts = self.path.split("/")
        if parts[1] == "web" and len(parts) == 4 and parts[2] in self.fake.invoices:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            paid = self.fake.pay(self.fake.invoices[parts[2]]["external_id"])
            answer = httpx.post(
                self.callback, json=paid, headers={"x-callback-token": self.token}, timeout=10
            )
            self._send(200, f"Paid; Gerbang answered {answer.status_code}".encode(), "text/plain")
        else:
            self._answer()

    def _page(self, identifier: str) -> str:
        one = self.fake.invoices[identifier]
        form = (
            f'<form method="post" action="/web/{identifier}/pay"><button>Pay {one["amount"]}</button></form>'
        )
        return f"<!doctype html><title>Xendit</title><h1>{one['external_id']}: {one['status']}</h1>{form}"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        basic = self.headers.get("Authorization", "").removeprefix("Basic ")
        key = base64.b64decode(basic).decode().partition(":")[0]
        attempt = self.headers.get("X-IDEMPOTENCY-KEY") or f"none {id(body)} {len(self.fake.calls)}"
        status, answer = self.fake.answer(self.command, self.path, key, attempt, body)
        self._send(status, json.dumps(answer).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet: tests look at `calls`."""


@contextmanager
def serving(port: int = 0, *, callback: str = "", token: str = "") -> Iterator[FakeXendit]:
    """The gateway, listening until the block ends."""
    fake = FakeXendit()
    handler = type("Serving", (Handler,), {"fake": fake, "callback": callback, "token": token})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--callback", required=True)
    parser.add_argument("--token", default="")
    asked = parser.parse_args()
    with serving(asked.port, callback=asked.callback, token=asked.token):
        threading.Event().wait()


if __name__ == "__main__":
    main()
