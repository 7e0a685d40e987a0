"""The gateway's client, over HTTP against a gateway on loopback."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask

from tests.support.xendit import FakeXendit
from webapp.billing.xendit import Gateway, GatewayDown, GatewayRefused, Wanted, account, parse, rupiah

WANTED = Wanted(
    "INV-2024-001",
    500_000,
    "Internet 50Mbps",
    "John Doe",
    "john@example.com",
    "08123456789",
    timedelta(days=30),
)


@pytest.fixture
def client(app: Flask, gateway: FakeXendit) -> Iterator[Gateway]:
    with app.app_context(), Gateway("xnd_test") as client:
        yield client


def test_a_page_is_made_for_our_number_and_amount(client: Gateway, gateway: FakeXendit) -> None:
    page = client.create(WANTED, attempt="1")
    assert (page.external_id, page.amount, page.status, page.is_paid) == (
        "INV-2024-001",
        500_000,
        "PENDING",
        False,
    )
    assert page.url.startswith(gateway.url)
    made = gateway.of("INV-2024-001")[0]
    assert made["customer"] == {
        "given_names": "John Doe",
        "mobile_number": "+628123456789",
        "email": "john@example.com",
    }


def test_the_same_attempt_twice_makes_one_page(client: Gateway, gateway: FakeXendit) -> None:
    assert client.create(WANTED, attempt="1") == client.create(WANTED, attempt="1")
    assert len(gateway.of("INV-2024-001")) == 1


def test_a_page_whose_answer_was_lost_is_found(client: Gateway, gateway: FakeXendit) -> None:
    gateway.forgetful = True
    with pytest.raises(GatewayDown, match="502"):
        client.create(WANTED, attempt="1")
    assert [page.amount for page in client.find("INV-2024-001")] == [500_000]


def test_a_paid_page_says_how_much(client: Gateway, gateway: FakeXendit) -> None:
    page = client.create(WANTED, attempt="1")
    gateway.pay("INV-2024-001", 450_000)
    paid = client.get(page.id)
    assert paid.is_paid
    assert paid.paid_amount == 450_000


def test_a_page_is_closed_unless_it_was_paid(client: Gateway, gateway: FakeXendit) -> None:
    page = client.create(WANTED, attempt="1")
    assert client.expire(page.id).status == "EXPIRED"
    gateway.pay("INV-2024-001")
    with pytest.raises(GatewayRefused, match="already paid"):
        client.expire(page.id)


def test_a_wrong_key_is_refused_and_not_told(app: Flask, gateway: FakeXendit) -> None:
    with (
        app.app_context(),
        Gateway("xnd_other") as client,
        pytest.raises(GatewayRefused, match="401") as refusal,
    ):
        client.create(WANTED, attempt="1")
    assert "xnd_other" not in str(refusal.value)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_out_of_order_means_later(client: Gateway, gateway: FakeXendit, status: int) -> None:
    gateway.broken = status
    with pytest.raises(GatewayDown) as refusal:
        client.create(WANTED, attempt="1")
    assert refusal.value.seconds > 0


def test_a_gateway_that_is_not_there_means_later(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = app.config["GERBANG"].model_copy(update={"XENDIT_BASE_URL": "http://127.0.0.1:9"})
    monkeypatch.setitem(app.config, "GERBANG", nowhere)
    with app.app_context(), Gateway("k") as client, pytest.raises(GatewayDown, match="can't be reached"):
        client.get("x")


def test_a_brand_without_a_key_has_no_account(app: Flask, gateway: FakeXendit) -> None:
    with app.app_context():
        assert account("JAKINET") == "xnd_test"
        assert account("OTHER") is None


@pytest.mark.parametrize(
    ("text", "amount"), [("500000", 500_000), ("500000.0", 500_000), ("5e5", 500_000), ("0", 0)]
)
def test_rupiah_are_whole_however_json_writes_them(text: str, amount: int) -> None:
    assert rupiah(parse(text)) == amount


@pytest.mark.parametrize(
    "text", ["0.5", "-1", "true", '"500000"', "null", "1e400", "NaN", "9007199254740993.5"]
)
def test_what_is_no_amount_of_rupiah_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rupiah"):
        rupiah(parse(text))


def test_an_amount_is_never_a_float() -> None:
    assert parse("0.1") == Decimal("0.1")
