"""All API keys in the browser: made, shown, switched, rotated, deleted; never in a list or a file."""

import csv
import io
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask

from tests.callers import Browser, Retribusi
from tests.support.factories import GateRef, Make
from webapp import config, signatures
from webapp.accounts.models import ApiKey
from webapp.activity.models import Activity
from webapp.database import transaction
from webapp.extensions import db
from webapp.kit import clock, csvsafe

Lines = Callable[..., list[Activity]]
ADDRESS = r"/keys/[0-9a-f]{8}-[0-9a-f-]{27}"
SECRET = r"pk_live_[0-9a-f]{32}"


@pytest.fixture
def gate(make: Make) -> GateRef:
    return make.open_gate()


def create(browser: Browser, **form: str) -> tuple[str, str, str]:
    """The page that shows the new key, the key, and its own page's address."""
    answer = browser.submit("/keys/new", {"name": "Kamera", "scope": "ingest"} | form, 201)
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.text, _found(SECRET, answer.text), _found(ADDRESS, answer.text)


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, pattern
    return found[0]


def _event(gate: GateRef) -> dict[str, object]:
    place = {"location_code": gate.location_code, "gate_code": gate.gate_code}
    return {"timestamp": clock.unix(), "category": "motor"} | place


def _command(page: str) -> str:
    shown = re.search(r'<pre[^>]*aria-label="(?:Command|Perintah)"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert shown
    return unescape(shown[1])


def test_a_new_key_works_and_its_command_works_as_it_stands(
    app: Flask, admin_browser: Browser, gate: GateRef
) -> None:
    page, secret, _ = create(admin_browser)
    words = shlex.split(_command(page))
    assert words[words.index("POST") + 1] == "http://localhost/retribusi/v1/ingest"
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    assert headers["X-API-KEY"] == secret
    event = json.loads(words[words.index("-d") + 1])
    assert Retribusi(app.test_client(), key=secret).post("/retribusi/v1/ingest", json=event) == {
        "stored": True
    }


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
def test_the_command_for_partners_signs_as_the_server_checks(admin_browser: Browser) -> None:
    """Run by a shell, with a curl that says what it was told."""
    page, secret, _ = create(admin_browser, scope="reports")
    told = 'curl() { printf "%s\\n" "$@"; }\n' + _command(page)
    shell = shutil.which("bash") or "bash"
    answer = subprocess.run([shell, "-c", told], capture_output=True, text=True, check=True)
    words = answer.stdout.split("\n")
    body = words[words.index("-d") + 1]
    assert json.loads(body)["filter"] == {"date_mode": "yesterday"}
    assert f"X-API-KEY: {secret}" in words
    assert f"X-Signature: {signatures.sign(secret, body.encode())}" in words


def test_a_key_can_be_bound_to_a_gate(app: Flask, admin_browser: Browser, make: Make, gate: GateRef) -> None:
    other = make.open_gate(code="gate02")
    _, secret, _ = create(admin_browser, gate="kerkof_01/gate01")
    device = Retribusi(app.test_client(), key=secret)
    device.post("/retribusi/v1/ingest", json=_event(gate))
    device.post("/retribusi/v1/ingest", 403, json=_event(other))


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": ""}, "name"),
        ({"scope": "everything"}, "scope"),
        ({"gate": "kerkof_01/nowhere"}, "gate"),
        ({"gate": "kerkof_01/gate01", "scope": "reports"}, "gate"),
        ({"expires_at": "2020-01-01"}, "expires_at"),
        ({"expires_at": "soon"}, "expires_at"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    admin_browser: Browser, gate: GateRef, form: dict[str, str], field: str
) -> None:
    answer = admin_browser.submit("/keys/new", {"name": "K", "scope": "ingest"} | form, 422)
    assert f'id="error-{field}"' in answer.text
    assert re.search(ADDRESS, admin_browser.open("/keys")) is None


def test_the_last_day_is_a_whole_business_day(app: Flask, admin_browser: Browser, gate: GateRef) -> None:
    with app.app_context():
        zone = config.current().timezone
        today = clock.today(zone)
    create(admin_browser, expires_at=today.isoformat())
    with app.app_context():
        key = db.session.scalars(db.select(ApiKey)).one()
        assert key.expires_at == clock.from_unix(clock.day_bounds(today, zone)[1])


def test_the_key_is_in_no_list_page_or_file(admin_browser: Browser, gate: GateRef) -> None:
    _, secret, address = create(admin_browser)
    file = admin_browser.client.get("/keys/export.csv").get_data(as_text=True)
    hint = f"{secret[:12]}…{secret[-4:]}"
    for text in (admin_browser.open("/keys"), admin_browser.open(address), file):
        assert secret not in text
        assert hint in text


def test_a_key_is_shown_again_and_the_log_remembers_who_looked(
    admin_browser: Browser, gate: GateRef, logged: Lines
) -> None:
    _, secret, address = create(admin_browser, gate="kerkof_01/gate01")
    assert admin_browser.client.get(f"{address}/reveal").status_code == 405
    answer = admin_browser.submit(f"{address}/reveal", status=200)
    assert secret in answer.text
    assert '"gate_code": "gate01"' in _command(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    [line] = logged(action="reveal")
    assert (line.actor_name, line.object_label) == ("admin_b", "Kamera")


def test_a_key_from_before_says_why_it_can_not_be_shown(
    app: Flask, admin_browser: Browser, gate: GateRef
) -> None:
    _, _, address = create(admin_browser)
    with app.app_context(), transaction():
        db.session.scalars(db.select(ApiKey)).one().encrypted_key = None
    assert f"{address}/reveal" not in admin_browser.open(address)
    assert admin_browser.submit(f"{address}/reveal").location == address
    assert "notice-danger" in admin_browser.open(address)


def test_a_key_is_switched_off_and_on(app: Flask, admin_browser: Browser, gate: GateRef) -> None:
    _, secret, address = create(admin_browser)
    device = Retribusi(app.test_client(), key=secret)
    admin_browser.submit(f"{address}/disable")
    device.post("/retribusi/v1/ingest", 401, json=_event(gate))
    assert f"{address}/rotate" not in admin_browser.open(address)
    admin_browser.submit(f"{address}/enable")
    device.post("/retribusi/v1/ingest", json=_event(gate))


def test_a_rotated_key_works_on_beside_its_successor(
    app: Flask, admin_browser: Browser, gate: GateRef
) -> None:
    _, old, address = create(admin_browser)
    answer = admin_browser.submit(f"{address}/rotate", {"overlap": "1"}, 201)
    new, successor = _found(SECRET, answer.text), _found(ADDRESS, answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    assert new != old
    for secret in (old, new):
        Retribusi(app.test_client(), key=secret).post("/retribusi/v1/ingest", json=_event(gate))
    assert successor in admin_browser.open(address)
    assert address in admin_browser.open(successor)
    assert admin_browser.open("/apikeys/rows").count("key-kin") == 2
    with app.app_context():
        ends = db.session.scalars(db.select(ApiKey).where(ApiKey.replaces_id.is_(None))).one().expires_at
        assert ends is not None
        assert timedelta(minutes=59) < ends - clock.now() <= timedelta(hours=1)


def test_a_rotation_without_overlap_ends_the_old_key_at_once(
    app: Flask, admin_browser: Browser, gate: GateRef
) -> None:
    _, old, address = create(admin_browser)
    admin_browser.submit(f"{address}/rotate", {"overlap": "0"}, 201)
    Retribusi(app.test_client(), key=old).post("/retribusi/v1/ingest", 401, json=_event(gate))
    assert admin_browser.submit(f"{address}/rotate", {"overlap": "0"}).location == address
    assert "notice-danger" in admin_browser.open(address)


def test_an_overlap_of_ones_own_is_refused(admin_browser: Browser, gate: GateRef) -> None:
    _, _, address = create(admin_browser)
    assert admin_browser.submit(f"{address}/rotate", {"overlap": "9999"}).location == address
    assert admin_browser.open("/apikeys/rows").count("key-name") == 1


def test_a_deleted_key_is_refused_and_gone(
    app: Flask, admin_browser: Browser, gate: GateRef, logged: Lines
) -> None:
    _, secret, address = create(admin_browser)
    assert admin_browser.submit(f"{address}/delete").location == "/keys"
    Retribusi(app.test_client(), key=secret).post("/retribusi/v1/ingest", 401, json=_event(gate))
    admin_browser.open(address, 404)
    assert [line.action for line in logged(object_type="api_keys")] == ["create", "delete"]


def test_the_list_is_searched_and_filtered(app: Flask, admin_browser: Browser, gate: GateRef) -> None:
    _, alpha, _ = create(admin_browser, name="Alpha")
    _, _, off = create(admin_browser, name="Bravo", scope="reports")
    _, _, over = create(admin_browser, name="Charlie")
    admin_browser.submit(f"{off}/disable")
    admin_browser.submit(f"{over}/rotate", {"overlap": "0"}, 201)

    def names(query: str) -> list[str]:
        return re.findall(rf'<a href="{ADDRESS}">(\w+)</a>', admin_browser.open(f"/apikeys/rows?{query}"))

    assert names("search=ALPH") == ["Alpha"]
    assert names(f"search={alpha[-4:]}") == ["Alpha"]
    assert names("search=%25") == []
    assert names("scope=reports") == ["Bravo"]
    assert names("state=off") == ["Bravo"]
    assert names("state=expired") == ["Charlie"]
    assert names("state=active") == ["Charlie", "Alpha"]
    assert names("state=nonsense&scope=x&page=99") == ["Charlie", "Charlie", "Bravo", "Alpha"]


def test_pages_hold_twenty(admin_browser: Browser, make: Make) -> None:
    for _number in range(21):
        make.key()
    assert admin_browser.open("/apikeys/rows").count("key-name") == 20
    assert admin_browser.open("/apikeys/rows?page=2").count("key-name") == 1


def test_the_file_says_what_the_list_says_and_runs_no_formula(admin_browser: Browser, gate: GateRef) -> None:
    create(admin_browser, name="=1+1", gate="kerkof_01/gate01")
    create(admin_browser, name="Partner", scope="reports")
    answer = admin_browser.client.get("/keys/export.csv?scope=ingest")
    text = answer.get_data(as_text=True).removeprefix(csvsafe.BYTE_ORDER_MARK)
    _header, row = csv.reader(io.StringIO(text))
    assert row[0] == "'=1+1"
    assert row[2:5] == ["ingest", "kerkof_01", "gate01"]


@pytest.mark.parametrize("path", ["/keys", "/keys/new", "/apikeys/rows", "/keys/export.csv"])
def test_only_an_admin_sees_keys(operator_browser: Browser, path: str) -> None:
    operator_browser.open(path, 403)


def test_only_an_admin_touches_keys(app: Flask, operator_browser: Browser, make: Make) -> None:
    secret = make.key()
    with app.app_context():
        address = f"/keys/{db.session.scalars(db.select(ApiKey.public_id)).one()}"
    for action in ("reveal", "disable", "enable", "rotate", "delete"):
        assert secret not in operator_browser.submit(f"{address}/{action}", status=403).text


def test_an_unknown_key_is_nothing(admin_browser: Browser) -> None:
    admin_browser.open("/keys/00000000-0000-0000-0000-000000000000", 404)
    admin_browser.open("/keys/1", 404)
