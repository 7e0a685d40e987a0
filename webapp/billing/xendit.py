"""Xendit's invoices over HTTP (its API, v2): a page where a customer pays, by bank, wallet, shop or QRIS.

Each brand has an account of its own there, so a `Gateway` is made for a brand. Amounts are whole rupiah.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from webapp import config

TIMEOUT = httpx.Timeout(15.0, connect=5.0)
MAX_ANSWER = 1_000_000  # bytes
MOST = 10**12  # rupiah of one payment
PENDING, PAID, SETTLED, EXPIRED = "PENDING", "PAID", "SETTLED", "EXPIRED"
WAIT = 60  # seconds, when it is asked too often and does not say how long


class GatewayError(Exception):
    """The gateway did not do as asked; the message is for people and has no secret."""


class GatewayDown(GatewayError):
    """It can't be reached, is out of order, or is asked too often: try again after `seconds`."""

    def __init__(self, message: str, seconds: int = 0) -> None:
        super().__init__(message)
        self.seconds = seconds


class GatewayRefused(GatewayError):
    """It understood and said no: asking again the same way is no use."""


@dataclass(frozen=True)
class Page:
    """An invoice as the gateway has it. `external_id` is our number; `paid_amount` is None until it was paid."""

    id: str
    external_id: str
    status: str
    url: str
    amount: int
    paid_amount: int | None
    expires_at: datetime | None
    paid_at: datetime | None = None

    @property
    def is_paid(self) -> bool:
        return self.status in (PAID, SETTLED)


@dataclass(frozen=True)
class Wanted:
    """What a page is asked for with: our number, the rupiah to pay, who pays, and for how long it is open."""

    external_id: str
    amount: int
    description: str
    payer_name: str
    payer_email: str | None
    payer_phone: str
    open_for: timedelta


class Gateway:
    """A brand's account. Raises GatewayDown or GatewayRefused, from every call."""

    def __init__(self, api_key: str) -> None:
        self._http = httpx.Client(
            base_url=config.current().XENDIT_BASE_URL,
            auth=(api_key, ""),
            timeout=TIMEOUT,
            trust_env=False,
            headers={"User-Agent": "Gerbang"},
        )

    def __enter__(self) -> "Gateway":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def create(self, wanted: Wanted, *, attempt: str) -> Page:
        """A page to pay at. The same `attempt` twice makes one."""
        asked = self._call(
            "POST", "/v2/invoices", json=_asked(wanted), headers={"X-IDEMPOTENCY-KEY": attempt}
        )
        return _page(asked)

    def find(self, external_id: str) -> list[Page]:
        """The pages there are for our number, newest first: one may have been made though its answer was lost."""
        found = self._call("GET", "/v2/invoices", params={"external_id": external_id})
        if not isinstance(found, list):
            raise GatewayDown("Xendit answered something else than a list")
        return [_page(one) for one in found[:50]]

    def get(self, page_id: str) -> Page:
        return _page(self._call("GET", f"/v2/invoices/{page_id}"))

    def expire(self, page_id: str) -> Page:
        """Close a page: nobody can pay there any more."""
        return _page(self._call("POST", f"/invoices/{page_id}/expire!"))

    def _call(self, method: str, path: str, **options: Any) -> Any:
        with _answered():
            response = self._http.request(method, path, **options)
        if response.is_success and len(response.content) <= MAX_ANSWER:
            return _json(response)
        said = f"Xendit answered {response.status_code}: {_reason(response)}"
        if response.status_code == 429 or response.is_server_error:
            raise GatewayDown(said, _seconds(response.headers))
        raise GatewayRefused(said)


def account(gateway_key: str) -> str | None:
    """The secret key of the account that a brand's `gateway_key` names; None: it has none, so no payment links."""
    return config.current().XENDIT_API_KEY.get(gateway_key)


def _asked(wanted: Wanted) -> dict[str, Any]:
    customer = {"given_names": wanted.payer_name, "mobile_number": _international(wanted.payer_phone)}
    if wanted.payer_email:
        customer["email"] = wanted.payer_email
    return {
        "external_id": wanted.external_id,
        "amount": wanted.amount,
        "currency": "IDR",
        "description": wanted.description,
        "invoice_duration": int(wanted.open_for.total_seconds()),
        "customer": {name: value for name, value in customer.items() if value},
        **({"payer_email": wanted.payer_email} if wanted.payer_email else {}),
    }


def _international(phone: str) -> str:
    """`0812…` and `62812…` as `+62812…`."""
    digits = phone.lstrip("+")
    if not digits:
        return ""
    return "+62" + (digits[1:] if digits.startswith("0") else digits.removeprefix("62"))


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise GatewayDown(f"Xendit can't be reached: {type(error).__name__}") from None


def parse(text: bytes | str) -> Any:
    """JSON in which no amount has been a float. Raises ValueError."""
    return json.loads(text, parse_float=Decimal)


def _json(response: httpx.Response) -> Any:
    try:
        return parse(response.content)
    except (ValueError, RecursionError):
        raise GatewayDown("Xendit answered something that is not JSON") from None


def _page(told: Any) -> Page:
    try:
        return Page(
            str(told["id"]),
            str(told["external_id"]),
            str(told["status"]),
            str(told["invoice_url"]),
            rupiah(told["amount"]),
            None if told.get("paid_amount") is None else rupiah(told["paid_amount"]),
            moment(told.get("expiry_date")),
            moment(told.get("paid_at")),
        )
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        raise GatewayDown("Xendit answered something that is no invoice") from None


def rupiah(value: Any) -> int:
    """Whole rupiah, however JSON wrote them (500000 or 500000.0; see `parse`). Raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value <= MOST:
        raise ValueError("not an amount of rupiah")
    if value != int(value):
        raise ValueError("not whole rupiah")
    return int(value)


def moment(text: str | None) -> datetime | None:
    """An aware moment as the gateway writes them; None for none. Raises ValueError or TypeError for anything else."""
    if not text:
        return None
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _reason(response: httpx.Response) -> str:
    try:
        told = response.json()
        return str(told.get("message") or told.get("error_code") or "")[:200]
    except (ValueError, AttributeError):
        return response.reason_phrase


def _seconds(headers: Mapping[str, str]) -> int:
    text = headers.get("Retry-After", "")
    return min(int(text), 3_600) if text.isdigit() else WAIT
