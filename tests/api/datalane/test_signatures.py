"""`X-Signature` (contract 3, Authentication Headers)."""

import hashlib
import hmac
import io
import time
from collections.abc import Iterator

import pytest
import redis
from flask import Flask, g
from werkzeug.test import TestResponse

from tests.callers import Datalane
from tests.support.factories import Make
from webapp import create_app, signatures
from webapp.accounts import settings
from webapp.database import transaction
from webapp.errors import Forbidden, InvalidKey, SignatureMismatch, Unauthorized
from webapp.extensions import db
from webapp.identity import ADMIN, PROTECTED, SHARED, Policy, authorize
from webapp.signatures import GOOD_FOR, sign

PATH = "/api/settings"
BODY = b'{"key": "branch_name", "value": "BALMERA"}'


def put(caller: Datalane, body: bytes = BODY, **headers: str) -> TestResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return caller.raw("PUT", PATH, sent, data=body, content_type="application/json")


def accepted(caller: Datalane, response: TestResponse) -> bool:
    """True for a success, False for 2006; anything else fails."""
    if response.status_code == 200:
        return bool(caller.checked(response, 200, 0))
    assert (
        "X-" in caller.checked(response, 401, 2006) or response.json["message"] == "HMAC signature mismatch"
    )  # type: ignore[index]
    return False


def fresh(caller: Datalane, nonce: str, body: bytes = BODY, at: float = 0) -> dict[str, str]:
    """Headers of a signature that is good once."""
    timestamp = str(int(time.time() + at))
    signature = sign(caller.credential, f"{timestamp}.{nonce}.".encode() + body)
    return {"X_Signature": signature, "X_Timestamp": timestamp, "X_Nonce": nonce}


def test_a_signature_is_what_the_document_says() -> None:
    known = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    message = b"The quick brown fox jumps over the lazy dog"
    assert sign("key", message) == known == hmac.new(b"key", message, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        b'  {"key":"branch_name" ,\n\t"value":"BALMERA"}\n',
        '{"key": "branch_name", "value": "Bálmerá — Мост"}'.encode(),
        b'{"key": "branch_name", "value": "\\u0042"}',
    ],
)
def test_the_bytes_that_were_sent_are_what_is_signed(admin: Datalane, body: bytes) -> None:
    assert accepted(admin, put(admin, body, X_Signature=sign(admin.credential, body)))


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "0" * 64,
        "é",
        sign("another credential", BODY),
        sign("", BODY),
    ],
)
def test_a_wrong_signature_is_a_mismatch(admin: Datalane, wrong: str) -> None:
    assert not accepted(admin, put(admin, X_Signature=wrong))


def test_no_signature_is_a_mismatch(admin: Datalane) -> None:
    assert not accepted(admin, put(admin))


def test_hexadecimal_is_lower_case(admin: Datalane) -> None:
    assert not accepted(admin, put(admin, X_Signature=sign(admin.credential, BODY).upper()))


def test_a_signature_is_good_for_one_body_only(admin: Datalane) -> None:
    signature = sign(admin.credential, BODY)
    assert not accepted(admin, put(admin, BODY.replace(b"BALMERA", b"MALWARE"), X_Signature=signature))
    assert not accepted(admin, put(admin, BODY + b" ", X_Signature=signature))


def test_a_refused_body_changes_nothing(admin: Datalane) -> None:
    assert not accepted(admin, put(admin, BODY.replace(b"BALMERA", b"MALWARE")))
    assert "MALWARE" not in str(admin.get(PATH))


def test_the_signature_is_looked_at_before_the_body(admin: Datalane) -> None:
    assert not accepted(admin, put(admin, b"{"))
    admin.checked(put(admin, b"{", X_Signature=sign(admin.credential, b"{")), 400, 1001)


def test_who_may_not_come_in_is_told_so_before_the_signature(viewer: Datalane, stranger: Datalane) -> None:
    viewer.checked(put(viewer), 403, 2001)
    stranger.checked(put(stranger), 401, 2001)


@pytest.mark.parametrize("good", [True, False])
def test_a_body_without_a_length_is_signed_too(admin: Datalane, good: bool) -> None:
    response = admin.raw(
        "PUT",
        PATH,
        {"X-Signature": sign(admin.credential, BODY if good else b""), "Transfer-Encoding": "chunked"},
        input_stream=io.BytesIO(BODY),
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert accepted(admin, response) is good


def test_an_empty_body_needs_no_signature_but_is_no_object(admin: Datalane) -> None:
    admin.checked(put(admin, b""), 400, 1001)


def test_a_request_without_a_body_needs_no_signature(admin: Datalane) -> None:
    made = admin.post("/api/api-keys", json={"name": "Client"})
    toggle = f"/api/api-keys/{made['id']}/toggle"
    assert admin.put(toggle)["active"] is False
    response = admin.raw("PUT", toggle, data=b"{}", content_type="application/json")
    assert not accepted(admin, response)  # with one, it does


def test_a_body_over_the_limit_is_too_large(admin: Datalane) -> None:
    admin.checked(put(admin, b" " * 1_000_001), 413, 1001)


def test_signatures_can_be_switched_off(admin: Datalane) -> None:
    admin.put(PATH, json={"key": "enable_hmac", "value": "false"})
    assert accepted(admin, put(admin))
    assert accepted(admin, put(admin, X_Signature="nonsense"))


def test_a_timestamp_and_a_nonce_make_a_signature_good_once(admin: Datalane) -> None:
    headers = fresh(admin, "n-1")
    assert accepted(admin, put(admin, **headers))
    response = put(admin, **headers)
    assert admin.checked(response, 401, 2006)
    assert accepted(admin, put(admin, **fresh(admin, "n-2")))


@pytest.mark.parametrize(
    ("seconds", "good"),
    [(-GOOD_FOR + 5, True), (GOOD_FOR - 5, True), (-GOOD_FOR - 5, False), (GOOD_FOR + 5, False)],
)
def test_a_timestamp_is_good_for_five_minutes(admin: Datalane, seconds: int, good: bool) -> None:
    assert accepted(admin, put(admin, **fresh(admin, "n", at=seconds))) is good


@pytest.mark.parametrize("missing", ["X_Timestamp", "X_Nonce"])
def test_timestamp_and_nonce_go_together(admin: Datalane, missing: str) -> None:
    headers = fresh(admin, "n")
    del headers[missing]
    assert not accepted(admin, put(admin, **headers))
    assert not accepted(admin, put(admin, **headers | {"X_Signature": sign(admin.credential, BODY)}))


@pytest.mark.parametrize("nonce", ["a b", "a.b", "x" * 129, "é"])
def test_a_nonce_is_short_printable_and_without_the_dot_that_ends_it(admin: Datalane, nonce: str) -> None:
    assert not accepted(admin, put(admin, **fresh(admin, nonce)))


@pytest.mark.parametrize("timestamp", ["now", "-1", "1.5", "9" * 13, "١٢٣"])
def test_a_timestamp_is_in_unix_seconds(admin: Datalane, timestamp: str) -> None:
    signature = sign(admin.credential, f"{timestamp}.n.".encode() + BODY)
    headers = {"X_Signature": signature, "X_Timestamp": timestamp, "X_Nonce": "n"}
    assert not accepted(
        admin, put(admin, **{name: v.encode().decode("latin-1") for name, v in headers.items()})
    )


def test_the_timestamp_is_signed_too(admin: Datalane) -> None:
    headers = fresh(admin, "n", at=-GOOD_FOR - 60)
    assert not accepted(admin, put(admin, **headers | {"X_Timestamp": str(int(time.time()))}))


def test_a_wrong_signature_does_not_spend_the_nonce_of_the_right_one(admin: Datalane) -> None:
    headers = fresh(admin, "n")
    assert not accepted(admin, put(admin, **headers | {"X_Signature": "0" * 64}))
    assert accepted(admin, put(admin, **headers))


def test_callers_have_nonces_of_their_own(app: Flask, admin: Datalane, stranger: Datalane) -> None:
    login = {"username": "admin", "password": "correct horse"}
    other = Datalane(app.test_client(), token=stranger.post("/api/auth/login", json=login)["token"])
    assert accepted(admin, put(admin, **fresh(admin, "same")))
    assert accepted(other, put(other, **fresh(other, "same")))


@pytest.fixture
def second_process(app: Flask, environ: dict[str, str]) -> Iterator[Flask]:
    """The application as another process has it: nothing shared but database and Redis."""
    other = create_app(environ)
    yield other
    with other.app_context():
        db.engine.dispose()


def test_a_nonce_is_spent_for_every_process(admin: Datalane, second_process: Flask) -> None:
    elsewhere = Datalane(second_process.test_client(), token=admin.credential)
    headers = fresh(admin, "n")
    assert accepted(admin, put(admin, **headers))
    assert not accepted(elsewhere, put(elsewhere, **headers))


def test_without_redis_a_nonce_can_not_be_trusted(
    app: Flask, admin: Datalane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "redis", redis.Redis(host="127.0.0.1", port=1))
    response = put(admin, **fresh(admin, "n"))
    admin.checked(response, 503, 5001)
    assert response.headers["Retry-After"]
    assert accepted(admin, put(admin, X_Signature=sign(admin.credential, BODY)))  # the plain form needs none


def check(app: Flask, policy: Policy, headers: dict[str, str], body: bytes = BODY) -> str:
    """What a route with this policy, were there one, would take the caller's credential to be."""
    signed = {"X-Signature": headers.pop("signature")} if "signature" in headers else {}
    with app.test_request_context(method="POST", headers=headers | signed, data=body), transaction():
        authorize(policy)
        if signed:
            signatures.check(body)
        return str(g.credential)


@pytest.mark.parametrize("policy", [SHARED, PROTECTED])
def test_a_key_comes_before_a_token_and_signs(
    app: Flask, admin: Datalane, partner: Datalane, policy: Policy
) -> None:
    both = admin.headers | partner.headers
    assert check(app, policy, both | {"signature": sign(partner.credential, BODY)}) == partner.credential
    with pytest.raises(SignatureMismatch):
        check(app, policy, both | {"signature": sign(admin.credential, BODY)})
    assert check(app, policy, admin.headers | {"signature": sign(admin.credential, BODY)}) == admin.credential


def test_where_only_people_may_come_in_the_token_counts_and_signs_whatever_the_key(
    app: Flask, admin: Datalane, viewer: Datalane, partner: Datalane
) -> None:
    signature = {"signature": sign(admin.credential, BODY)}
    for key in (partner.credential, "pk_live_unknown"):
        both = {**admin.headers, "X-API-Key": key}
        assert check(app, ADMIN, both | signature) == admin.credential
        with pytest.raises(SignatureMismatch):
            check(app, ADMIN, both | {"signature": sign(key, BODY)})
    with pytest.raises(Forbidden):  # nor does the one lend the other what it lacks
        check(app, ADMIN, viewer.headers | partner.headers)
    with pytest.raises(InvalidKey):
        check(app, SHARED, {**admin.headers, "X-API-Key": "pk_live_unknown"})


def test_who_may_use_what_is_shared(app: Flask, make: Make, viewer: Datalane, partner: Datalane) -> None:
    device = {"X-API-Key": make.key(scope="ingest")}
    check(app, SHARED, partner.headers)
    check(app, PROTECTED, viewer.headers)
    check(app, PROTECTED, device)
    for refused in (device, viewer.headers):
        with pytest.raises(Forbidden):
            check(app, SHARED, refused)
    for policy in (SHARED, PROTECTED):
        with pytest.raises(Unauthorized):
            check(app, policy, {})
        with pytest.raises(InvalidKey):
            check(app, policy, {"X-API-Key": "pk_live_unknown"})


def test_the_setting_is_the_same_for_every_process(
    app: Flask, admin: Datalane, second_process: Flask
) -> None:
    elsewhere = Datalane(second_process.test_client(), token=admin.credential)
    assert not accepted(elsewhere, put(elsewhere))
    with app.app_context(), transaction():
        settings.change("enable_hmac", "false")
    assert accepted(elsewhere, put(elsewhere))
