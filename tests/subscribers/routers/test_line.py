"""How sure the line is that it is the router: TLS in all the forms that routers offer it."""

import pytest

from tests.support.routeros import FakeRouter
from tests.support.routeros.selfsigned import self_signed
from webapp.subscribers.routers.client import RouterClient
from webapp.subscribers.routers.errors import Kind, RouterError
from webapp.subscribers.routers.line import Access, Limits, Tls

UNVERIFIED = Tls(unverified=True)
OURS, ANOTHER = self_signed(), self_signed("another")
COLONS = ":".join(OURS.fingerprint.upper()[at : at + 2] for at in range(0, 64, 2))


def dial(router: FakeRouter, tls: Tls | None, connect: float = 20) -> RouterClient:
    access = Access("127.0.0.1", router.user, router.password, router.port, tls)
    return RouterClient(access, Limits(connect))


@pytest.mark.parametrize(
    "tls",
    [
        UNVERIFIED,
        Tls(fingerprint=OURS.fingerprint),
        Tls(fingerprint=COLONS),
        Tls(authority=OURS.certificate),
    ],
    ids=["unverified", "fingerprint", "colons", "authority"],
)
def test_tls_with_a_certificate_that_we_know(tls: Tls) -> None:
    with FakeRouter(tls=True) as router, dial(router, tls) as client:
        assert client.identity() == "fake-router"
        assert client.fingerprint == OURS.fingerprint


@pytest.mark.parametrize(
    "tls",
    [
        Tls(),
        Tls(fingerprint=ANOTHER.fingerprint),
        Tls(fingerprint="é"),
        Tls(authority=ANOTHER.certificate),
        Tls(authority="not PEM"),
    ],
    ids=["the system's", "another fingerprint", "no fingerprint", "another authority", "no authority"],
)
def test_a_stranger_learns_no_password(tls: Tls) -> None:
    with FakeRouter(tls=True) as router:
        with pytest.raises(RouterError) as caught, dial(router, tls):
            pass
        assert caught.value.kind is Kind.CERTIFICATE
        assert not router.commands


def test_a_router_without_a_certificate_is_only_good_unverified() -> None:
    with FakeRouter(anonymous=True) as router:
        with dial(router, UNVERIFIED) as client:
            assert (client.identity(), client.fingerprint) == ("fake-router", "")
        with pytest.raises(RouterError) as caught, dial(router, Tls(fingerprint=OURS.fingerprint)):
            pass
        assert caught.value.kind is Kind.PROTOCOL


def test_tls_where_the_router_speaks_none_ends_in_time() -> None:
    with FakeRouter() as router, pytest.raises(RouterError) as caught, dial(router, UNVERIFIED, connect=0.3):
        pass
    # the greeting of TLS holds chance, so that the router may wait for the end of a word, or complain of a sentence
    assert caught.value.kind in (Kind.UNREACHABLE, Kind.PROTOCOL)


def test_plain_where_the_router_speaks_tls_ends_in_time() -> None:
    with FakeRouter(tls=True) as router, pytest.raises(RouterError) as caught, dial(router, None):
        pass
    assert caught.value.kind is Kind.UNREACHABLE
