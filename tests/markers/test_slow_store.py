"""A store that is slow, tried on a real server: it holds up nobody but the one who sends a photo, and not for long."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx

from tests.support.fake_drive import FOLDER, fake_drive
from tests.support.live import server
from tests.support.pictures import picture

API = "/api/v1"
SITI = {"email": "siti@example.com", "name": "Siti", "password": "rumpun bambu"}
CLUMP = {"name": "Rumpun", "latitude": "-6.9", "longitude": "107.6"}


def signed_in(url: str) -> httpx.Client:
    client = httpx.Client(base_url=url, trust_env=False, timeout=30)
    client.post(f"{API}/auth/register", json=SITI).raise_for_status()
    login = client.post(f"{API}/auth/login", json=SITI).raise_for_status().json()["data"]
    client.headers["Authorization"] = f"Bearer {login['access_token']}"
    return client


def with_photo(client: httpx.Client) -> httpx.Response:
    return client.post(f"{API}/markers", data=CLUMP, files={"image": ("a.jpg", picture(), "image/jpeg")})


def test_a_slow_store_holds_up_nobody_else_and_loses_no_marker(tmp_path: Path, redis_url: str) -> None:
    with fake_drive() as drive:
        settings = {
            "STORAGE": "drive",
            "GOOGLE_DRIVE_URL": drive.url,
            "GOOGLE_DRIVE_FOLDER": FOLDER,
            "GOOGLE_DRIVE_CREDENTIALS": drive.credentials(),
        }
        with server(tmp_path, redis_url, **settings) as live, closing(signed_in(live.url)) as client:
            stored = with_photo(client)
            assert (stored.status_code, len(drive.files)) == (201, 2)
            assert client.get(stored.json()["data"]["image_url"]).headers["Content-Type"] == "image/jpeg"
            drive.slow = 30
            with ThreadPoolExecutor(40) as pool:
                sending = [
                    pool.submit(with_photo, client) for _ in range(40)
                ]  # more than there are connections
                time.sleep(1)
                began = time.monotonic()
                client.post(f"{API}/markers", json=CLUMP).raise_for_status()
                assert client.get(f"{API}/markers").is_success
                assert time.monotonic() - began < 2
                assert not any(one.done() for one in sending)
                answers = [one.result() for one in sending]
            drive.slow = 0
            assert {answer.status_code for answer in answers} == {201}
            assert all(list(answer.json()["meta"]["warnings"]) == ["image"] for answer in answers)
            assert len(client.get(f"{API}/markers").json()["data"]) == 42
