"""The client speaks with a fake router over a real socket, in all of the router's moods."""

import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.routeros import FakeRouter
from tests.support.routeros.wire import encoded
from webapp.subscribers.routers import line, records
from webapp.subscribers.routers.client import BATCH, RouterClient
from webapp.subscribers.routers.errors import Kind, RouterError
from webapp.subscribers.routers.line import Access, Limits
from webapp.subscribers.routers.records import Secret

HASTY = Limits(connect=20, reply=0.3, call=20)  # for answers that never come
BUDI = Secret(
    "budi@jakinet", "kunci-budi", "SUSPENDED", "10.64.0.9", disabled=True, comment="Jl. Kebon Jeruk №5"
)
PRINT = "/ppp/secret/print"


@pytest.fixture
def router() -> Iterator[FakeRouter]:
    with FakeRouter() as fake:
        yield fake


@pytest.fixture
def client(router: FakeRouter) -> Iterator[RouterClient]:
    with RouterClient(access(router)) as connected:
        yield connected


def access(router: FakeRouter, **changes: Any) -> Access:
    return replace(Access("127.0.0.1", router.user, router.password, router.port), **changes)


def failure(router: FakeRouter, limits: Limits | None = None, **changes: Any) -> RouterError:
    """What reading the secrets ends with."""
    with pytest.raises(RouterError) as caught, RouterClient(access(router, **changes), limits) as client:
        client.secrets()
    assert router.password not in told(caught.value)
    return caught.value


def told(error: Exception) -> str:
    """All that a log would show of it."""
    return "".join(traceback.format_exception(error)) + repr(error)


# Looking


@pytest.mark.parametrize("old", [False, True])
def test_it_signs_in_as_today_and_by_the_challenge_of_old_routers(old: bool) -> None:
    with FakeRouter(old=old) as router, RouterClient(access(router)) as client:
        assert client.identity() == router.identity
        assert client.secrets() == []
        assert client.round_trips == (4 if old else 3)


def test_it_reads_the_secrets_that_pppoe_may_use(router: FakeRouter, client: RouterClient) -> None:
    id = router.add_secret("budi", service="pppoe", password="p", remote_address="10.0.0.2", disabled="true")
    other = router.add_secret("ani", comment="since 2019")
    router.add_secret("office", service="l2tp")
    assert client.secrets() == [
        Secret("budi", "p", "default", "10.0.0.2", disabled=True, id=id),
        Secret("ani", comment="since 2019", id=other),
    ]


def test_five_thousand_secrets_take_one_round_trip(router: FakeRouter, client: RouterClient) -> None:
    for number in range(5000):
        router.add_secret(f"pelanggan{number}", password=f"p{number}")
    before = client.round_trips
    assert [secret.name for secret in client.secrets()] == [f"pelanggan{number}" for number in range(5000)]
    assert client.round_trips - before == 1
    assert router.commands[PRINT] == 1


def test_it_reads_what_comes_byte_by_byte(router: FakeRouter, client: RouterClient) -> None:
    id = client.add_secret(BUDI)
    router.dribble = True
    assert client.secrets() == [replace(BUDI, id=id)]


@pytest.mark.parametrize("length", [127, 128, 16_384, 2_100_000])
def test_words_may_have_any_length(router: FakeRouter, client: RouterClient, length: int) -> None:
    """The API writes a length in one to four bytes."""
    client.add_secret(replace(BUDI, comment="é" * (length // 2)))
    assert client.secrets()[0].comment == "é" * (length // 2)


def test_bytes_that_are_no_utf_8_are_shown_as_they_are(router: FakeRouter, client: RouterClient) -> None:
    router.add_secret("budi", comment="Jos\udce9")
    assert client.secrets()[0].comment == "Jos\\xe9"


def test_it_tells_how_the_router_is_in_one_round_trip(router: FakeRouter, client: RouterClient) -> None:
    before, health = client.round_trips, client.health()
    assert (health.name, health.board) == ("fake-router", "CCR2004-1G-12S+2XS")
    assert (health.version, health.uptime) == (
        "7.18.2 (stable)",
        timedelta(days=9, hours=3, minutes=4, seconds=5),
    )
    assert (health.cpu_load, health.free_memory, health.total_memory) == (7, 801112064, 1073741824)
    assert client.round_trips - before == 1


def test_it_knows_the_profiles(client: RouterClient) -> None:
    assert client.profiles() == ["default", "default-encryption", "SUSPENDED"]


def test_it_sees_who_is_online_and_sends_them_off(router: FakeRouter, client: RouterClient) -> None:
    for name in ("ani", "budi", "budi", "citra"):
        router.dial_in(name)
    assert [session.name for session in client.active()] == ["ani", "budi", "budi", "citra"]
    (ani,) = client.active("ani")
    assert (ani.address, ani.uptime) == ("10.64.0.2", timedelta(hours=3, minutes=20, seconds=1))
    before = client.round_trips
    assert client.drop_active("budi", "citra", "nobody") == 3
    assert client.round_trips - before == 2
    assert [row["name"] for row in router.active.values()] == ["ani"]
    assert client.drop_active("budi") == 0
    assert client.drop_active() == 0


# Changing


def test_a_secret_comes_changes_and_goes(router: FakeRouter, client: RouterClient) -> None:
    id = client.add_secret(BUDI)
    assert router.secrets[id] == {
        "name": "budi@jakinet",
        "password": "kunci-budi",
        "service": "pppoe",
        "profile": "SUSPENDED",
        "remote-address": "10.64.0.9",
        "disabled": "true",
        "comment": "Jl. Kebon Jeruk №5",
    }
    (there,) = client.secrets()
    client.set_secret(there, replace(there, profile="default", disabled=False, remote_address="", comment=""))
    assert client.secrets() == [Secret("budi@jakinet", "kunci-budi", id=id)]
    client.remove_secret(id)
    client.remove_secret(id)
    assert router.secrets == {}


def test_only_what_differs_is_written(router: FakeRouter, client: RouterClient) -> None:
    client.add_secret(BUDI)
    (there,) = client.secrets()
    router.secrets[there.id]["comment"] = "somebody else's"
    before = client.round_trips
    client.set_secret(there, replace(there, id=""))
    assert client.round_trips == before
    client.set_secret(there, replace(there, disabled=False))
    assert client.round_trips == before + 1
    assert router.secrets[there.id]["comment"] == "somebody else's"
    assert router.secrets[there.id]["disabled"] == "false"


def test_many_changes_share_round_trips_and_one_refusal_stops_none(
    router: FakeRouter, client: RouterClient
) -> None:
    gone = router.add_secret("gone")
    wrong = replace(BUDI, name="wrong", profile="nowhere")
    writes = [records.add(Secret(f"p{number}")) for number in range(2 * BATCH)]
    before = client.round_trips
    outcomes = client.apply([records.remove(gone), records.add(wrong), *writes, records.remove("*FFFF")])
    assert client.round_trips - before == 3
    refusal = outcomes.pop(1)
    assert refusal is not None
    assert (refusal.kind, refusal.detail) == (Kind.TRAP, "input does not match any value of profile")
    assert outcomes == [None] * (2 * BATCH + 2)
    assert len(router.secrets) == 2 * BATCH


def test_text_that_cannot_be_written_is_refused_here(router: FakeRouter, client: RouterClient) -> None:
    torn = replace(BUDI, password="kunci \ud83d")
    with pytest.raises(RouterError) as caught:
        client.add_secret(torn)
    assert caught.value.kind is Kind.PROTOCOL
    assert "kunci" not in told(caught.value)
    with pytest.raises(RouterError, match="The line to the router broke off"):
        client.identity()


# What goes wrong


def test_nobody_listens_and_then_somebody_does(router: FakeRouter) -> None:
    router.add_secret("budi")
    router.unplug()
    assert failure(router).kind is Kind.UNREACHABLE
    router.plug_in()
    with RouterClient(access(router)) as client:
        assert [secret.name for secret in client.secrets()] == ["budi"]


def test_a_line_that_is_cut_stays_cut(router: FakeRouter, client: RouterClient) -> None:
    client.identity()
    router.unplug()
    router.plug_in()
    for _ in range(2):
        with pytest.raises(RouterError) as caught:
            client.secrets()
        assert (caught.value.kind, str(caught.value)) == (
            Kind.UNREACHABLE,
            "The line to the router broke off",
        )


@pytest.mark.parametrize("host", ["", "no such host", "a" * 300, "nul\0byte", "..", "ü" * 70])
def test_a_host_that_cannot_be_is_unreachable(router: FakeRouter, host: str) -> None:
    assert failure(router, host=host).kind is Kind.UNREACHABLE


def test_a_name_that_nobody_answers_for_is_given_up_and_a_late_line_closed(
    router: FakeRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up, answered, before = socket.getaddrinfo, threading.Event(), set(threading.enumerate())

    def late(*args: Any) -> Any:
        answered.wait(60)
        return look_up(*args)

    monkeypatch.setattr(socket, "getaddrinfo", late)
    assert failure(router, Limits(connect=0.2)).kind is Kind.UNREACHABLE
    dialling = set(threading.enumerate()) - before
    answered.set()
    for thread in dialling:
        thread.join()
    assert router.commands == {}


@pytest.mark.parametrize("old", [False, True])
def test_a_refused_login_is_told_apart(old: bool) -> None:
    with FakeRouter(old=old) as router:
        error = failure(router, password="not it")
        assert error.kind is Kind.REFUSED_LOGIN
        assert error.sentence == "The router refused the user name or password"
        router.refuse_login = True
        assert failure(router).detail == ("cannot log in" if old else "invalid user name or password (6)")
        assert router.commands[PRINT] == 0


@pytest.mark.parametrize("limits", [Limits(reply=0.2, call=1000), Limits(reply=1000, call=0.2)])
def test_a_router_that_hangs_is_given_up(router: FakeRouter, limits: Limits) -> None:
    router.slow = 1000
    assert failure(router, limits).kind is Kind.TIMEOUT


def test_a_call_ends_though_the_router_goes_on_and_on(router: FakeRouter) -> None:
    with RouterClient(access(router), Limits(reply=5, call=0.2)) as client:
        router.slow = 0.05
        with pytest.raises(RouterError) as caught:
            client.apply([records.add(Secret(f"p{number}")) for number in range(BATCH)])
    assert caught.value.kind is Kind.TIMEOUT
    assert len(router.secrets) < BATCH


def test_a_line_that_breaks_in_mid_reply_is_no_reply(router: FakeRouter) -> None:
    for number in range(10):
        router.add_secret(f"p{number}")
    for bytes_ in (0, 1, 100):
        router.drop_after = bytes_
        assert failure(router).kind is Kind.UNREACHABLE
    router.drop_after = None
    with RouterClient(access(router)) as client:
        assert len(client.secrets()) == 10


def test_a_trap_leaves_the_line_good_and_tells_no_password(router: FakeRouter, client: RouterClient) -> None:
    router.traps["/ppp/secret/add"] = f"bad value {BUDI.password}\n\tby {router.password} " + "x" * 500
    with pytest.raises(RouterError) as caught:
        client.add_secret(BUDI)
    assert caught.value.kind is Kind.TRAP
    assert caught.value.detail.startswith("bad value ••• by ••• xxx")
    assert len(caught.value.detail) == 200
    assert BUDI.password not in told(caught.value)
    assert client.secrets() == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"\xff\xff\xff\xff\xff\xff", Kind.PROTOCOL),
        (encoded(["hello"]), Kind.PROTOCOL),
        (encoded(["!re", "no equals sign"]), Kind.PROTOCOL),
        (encoded(["!done", ".tag=99"]), Kind.PROTOCOL),
        (encoded(["!done"]), Kind.PROTOCOL),
        (encoded(["!trap", ".tag=2"]), Kind.PROTOCOL),
        (encoded(["!re", "=name=nobody", ".tag=2"]) + encoded(["!done", ".tag=2"]), Kind.PROTOCOL),
        (encoded(["!re", "=\udcff=x", ".tag=2"]) + encoded(["!done", ".tag=2"]), Kind.PROTOCOL),
        (encoded(["!fatal", "session terminated on request"]), Kind.UNREACHABLE),
        (b"\xf0\xff\xff\xff\xff and more", Kind.TIMEOUT),
        (b"\x00\x00\x00", Kind.TIMEOUT),
    ],
)
def test_an_answer_that_is_none_is_told_as_such(router: FakeRouter, answer: bytes, kind: Kind) -> None:
    router.raw[PRINT] = answer
    assert failure(router, HASTY if kind is Kind.TIMEOUT else None).kind is kind


def test_an_answer_without_end_is_not_kept(router: FakeRouter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "MAX_ANSWER", 10_000)
    router.add_secret("budi", comment="x" * 20_000)
    assert str(failure(router)) == "The router's answer has no end"


def test_secrets_are_not_printed(router: FakeRouter) -> None:
    said = repr((access(router), BUDI, records.add(BUDI)))
    assert router.password not in said
    assert BUDI.password not in said


def test_outside_of_its_with_it_asks_nothing(router: FakeRouter) -> None:
    client = RouterClient(access(router))
    assert (client.round_trips, client.fingerprint) == (0, "")
    client.close()
    with pytest.raises(RuntimeError):
        client.identity()


def test_under_gevent_a_router_that_hangs_holds_up_nobody() -> None:
    script, root = Path(__file__).with_name("two_greenlets.py"), Path(__file__).parents[3]
    with FakeRouter(tls=True) as good, FakeRouter(tls=True) as hung:
        hung.slow = 60
        command = [sys.executable, str(script), str(hung.port), str(good.port)]
        first = subprocess.check_output(command, cwd=root, text=True, timeout=60, env={"PYTHONPATH": "."})
    assert first == "fake-router\n"
