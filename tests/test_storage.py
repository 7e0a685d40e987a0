"""Where files are kept: the same promises in a folder, in S3 and in Google Drive, each over its real protocol."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.support import s3
from tests.support.fake_drive import EMAIL, FOLDER, FakeDrive, fake_drive
from webapp import storage as stores
from webapp.config import Config, ConfigError
from webapp.errors import NotFound, Unavailable
from webapp.storage import Storage

NAME = "markers/0f3c-large.jpg"
KINDS = ["folder", "s3", "drive"]
_opened: list[Storage] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    with s3.server("photos") as url:
        yield url


@pytest.fixture
def drive() -> Iterator[FakeDrive]:
    with fake_drive() as running:
        yield running


def _made(config: Config) -> Storage:
    app = Flask("storage")
    app.config["GERBANG"] = config
    stores.init_app(app)
    with app.app_context():
        _opened.append(stores.storage())
    return _opened[-1]


def _bucket(url: str) -> Storage:
    keys = {"S3_ACCESS_KEY": "a", "S3_SECRET_KEY": "b"}
    return _made(Config(STORAGE="s3", S3_BUCKET="photos", S3_ENDPOINT_URL=url, **keys))


def _drive(drive: FakeDrive) -> Storage:
    where = {"GOOGLE_DRIVE_FOLDER": FOLDER, "GOOGLE_DRIVE_URL": drive.url}
    return _made(Config(STORAGE="drive", GOOGLE_DRIVE_CREDENTIALS=drive.credentials(), **where))


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "s3":
        return _bucket(request.getfixturevalue("s3_url"))
    if request.param == "drive":
        return _drive(request.getfixturevalue("drive"))
    return _made(Config(DATA_DIR=tmp_path))


def test_what_was_put_is_got(store: Storage) -> None:
    store.put(NAME, b"\xff\xd8 one")
    assert store.get(NAME) == b"\xff\xd8 one"
    store.delete(NAME)


def test_a_file_of_the_same_name_takes_its_place(store: Storage) -> None:
    store.put(NAME, b"one")
    store.put(NAME, b"two")
    assert store.get(NAME) == b"two"
    store.delete(NAME)
    with pytest.raises(NotFound):
        store.get(NAME)


def test_what_was_deleted_is_gone_and_may_come_back(store: Storage) -> None:
    store.put(NAME, b"one")
    assert store.get(NAME) == b"one"
    store.delete(NAME)
    store.delete(NAME)
    with pytest.raises(NotFound):
        store.get(NAME)
    store.put(NAME, b"again")
    assert store.get(NAME) == b"again"
    store.delete(NAME)


def test_a_large_file_goes_in_whole(store: Storage, tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    path.write_bytes(bytes(range(256)) * 20_000)
    store.put_file("reports/large.pdf", path)
    assert store.get("reports/large.pdf") == path.read_bytes()
    store.delete("reports/large.pdf")


def test_a_large_file_comes_out_in_pieces(store: Storage, tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    path.write_bytes(bytes(range(256)) * 20_000)
    store.put_file("reports/pieces.pdf", path)
    chunks, size = store.open("reports/pieces.pdf")
    pieces = list(chunks)
    chunks.close()
    assert b"".join(pieces) == path.read_bytes()
    assert size == path.stat().st_size
    assert max(map(len, pieces)) <= stores.CHUNK
    store.delete("reports/pieces.pdf")
    with pytest.raises(NotFound):
        store.open("reports/pieces.pdf")


def test_a_file_that_is_not_wanted_to_its_end_is_let_go(store: Storage, tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    path.write_bytes(b"x" * 2_000_000)
    store.put_file("reports/half.pdf", path)
    chunks, _ = store.open("reports/half.pdf")
    assert next(chunks)
    chunks.close()
    store.delete("reports/half.pdf")


def test_what_is_stored_is_listed_folder_by_folder(store: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.storage.drive.PAGE", 2)
    assert list(store.entries("markers/")) == []
    names = {f"markers/{number}.jpg" for number in range(5)}
    for name in [*names, "reports/1.pdf"]:
        store.put(name, b"x")
    found = list(store.entries("markers/"))
    assert {entry.name for entry in found} == names
    assert len(found) == 5
    assert all(abs(datetime.now(UTC) - entry.stored_at) < timedelta(minutes=5) for entry in found)
    for name in [*names, "reports/1.pdf"]:
        store.delete(name)
    with pytest.raises(NotFound):
        store.entries("../")


def test_a_drive_that_refuses_to_list_is_unavailable(drive: FakeDrive) -> None:
    store = _drive(drive)
    store.put(NAME, b"x")
    drive.refuse = [503]
    with pytest.raises(Unavailable):
        list(store.entries("markers/"))


def test_a_bucket_that_is_not_there_is_not_listed(s3_url: str) -> None:
    keys = {"S3_ACCESS_KEY": "a", "S3_SECRET_KEY": "b"}
    store = _made(Config(STORAGE="s3", S3_BUCKET="none", S3_ENDPOINT_URL=s3_url, **keys))
    with pytest.raises(Unavailable):
        list(store.entries("markers/"))


@pytest.mark.parametrize(
    "name", ["../secret", "markers/../../x", "/etc/passwd", "markers/.x", "x", "a/b'c", ""]
)
def test_no_name_leads_out_of_the_store(store: Storage, name: str, tmp_path: Path) -> None:
    for act in (store.get, store.delete, lambda bad: store.put(bad, b"x")):
        with pytest.raises(NotFound):
            act(name)


def test_a_full_or_broken_folder_is_unavailable(tmp_path: Path) -> None:
    store = _made(Config(DATA_DIR=tmp_path))
    (tmp_path / "files").write_text("in the way")
    for act in (store.get, store.delete, lambda name: store.put(name, b"x")):
        with pytest.raises((Unavailable, NotFound)):
            act(NAME)
    with pytest.raises(Unavailable):
        store.put(NAME, b"x")


def test_a_bucket_that_is_not_there_is_unavailable(s3_url: str) -> None:
    store = _made(
        Config(STORAGE="s3", S3_BUCKET="none", S3_ENDPOINT_URL=s3_url, S3_ACCESS_KEY="a", S3_SECRET_KEY="b")
    )
    with pytest.raises(Unavailable):
        store.put(NAME, b"x")


def test_an_s3_that_is_away_or_silent_is_unavailable_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.storage.s3.SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes the connection, and that is all
        store = _bucket(f"http://127.0.0.1:{silent.getsockname()[1]}")
        _fails_soon(store)
    _fails_soon(store)


def _fails_soon(store: Storage) -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable):
        store.put(NAME, b"x")
    assert time.monotonic() - began < 5


def test_a_slow_drive_is_unavailable_within_seconds(
    drive: FakeDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.storage.drive.SECONDS", 0.2)
    store = _drive(drive)
    drive.slow = 1
    _fails_soon(store)
    drive.slow = 0
    store.put(NAME, b"x")
    assert store.get(NAME) == b"x"


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_drive_that_refuses_is_unavailable(drive: FakeDrive, status: int) -> None:
    store = _drive(drive)
    drive.refuse = [status]
    _fails_soon(store)
    store.put(NAME, b"x")
    drive.refuse = [status]
    with pytest.raises(Unavailable):
        store.get(NAME)


def test_a_drive_that_hangs_up_is_unavailable(drive: FakeDrive) -> None:
    store = _drive(drive)
    drive.drop = True
    _fails_soon(store)
    assert drive.files == {}


def test_one_token_serves_many_calls_and_is_renewed_when_google_drops_it(drive: FakeDrive) -> None:
    store = _drive(drive)
    store.put(NAME, b"x")
    assert store.get(NAME) == b"x"
    assert drive.grants == 1
    drive.forget_tokens()
    assert store.get(NAME) == b"x"
    assert drive.grants == 2


def test_a_file_in_drive_is_in_the_folder_under_our_name(drive: FakeDrive) -> None:
    _drive(drive).put(NAME, b"x")
    (file,) = drive.files.values()
    assert (file.name, file.parents, file.kind) == (NAME, [FOLDER], "image/jpeg")


def test_all_copies_go_that_a_lost_answer_may_have_left_in_drive(drive: FakeDrive) -> None:
    store = _drive(drive)
    store.put(NAME, b"x")
    (file,) = drive.files.values()
    drive.files["copy"] = file
    store.delete(NAME)
    assert drive.files == {}


def test_credentials_may_be_a_file(drive: FakeDrive, tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(drive.credentials())
    where = {"GOOGLE_DRIVE_FOLDER": FOLDER, "GOOGLE_DRIVE_URL": drive.url}
    _made(Config(STORAGE="drive", GOOGLE_DRIVE_CREDENTIALS=str(path), **where)).put(NAME, b"x")
    assert len(drive.files) == 1


@pytest.mark.parametrize(
    "credentials",
    [
        "{}",
        "{broken",
        "/no/such/file",
        json.dumps({"client_email": EMAIL, "private_key": "x", "token_uri": "x"}),
    ],
)
def test_credentials_that_are_none_refuse_to_start(credentials: str) -> None:
    with pytest.raises(ConfigError, match="GOOGLE_DRIVE_CREDENTIALS"):
        _made(Config(STORAGE="drive", GOOGLE_DRIVE_CREDENTIALS=credentials, GOOGLE_DRIVE_FOLDER="x"))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"STORAGE": "s3"}, "STORAGE=s3 needs S3_BUCKET."),
        ({"STORAGE": "drive", "GOOGLE_DRIVE_FOLDER": "x"}, "STORAGE=drive needs GOOGLE_DRIVE_CREDENTIALS."),
        ({"STORAGE": "tape"}, "STORAGE"),
        (
            {"DEEP_LINK_BASE_URL": "peta.example.com"},
            "DEEP_LINK_BASE_URL must begin with https:// or http://.",
        ),
    ],
)
def test_settings_that_lack_something_refuse_to_start(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        Config.from_environment(settings)
    assert str(refusal.value).startswith(sentence)


def test_the_libraries_of_stores_that_nobody_chose_are_not_loaded() -> None:
    check = "import sys, webapp; print([name for name in ('boto3', 'botocore') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
