"""`make replay`, against a real server: every person of the CSV is counted once, whatever the devices do."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support import live

ROOT = Path(__file__).parents[2]
COUNTS = ROOT / "tests" / "data" / "pedestrians"
PEOPLE = 2509
ONE_DAY = ("--from", "2019-04-08", "--to", "2019-04-08")
SETTINGS = {"ADMIN_PASSWORD": "correct horse", "RETRIBUSI_API_KEY": "devkey"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[live.Live]:
    with live.server(tmp_path_factory.mktemp("live"), redis_url, **SETTINGS) as running:
        yield running


def replay(server: live.Live, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """In small batches, so that the devices have many to misbehave with."""
    command = [sys.executable, "scripts/replay.py", "--data", str(COUNTS), "--batch", "40", "--devices", "3"]
    environ = {**server.environ, **settings}
    return subprocess.run(
        [*command, *arguments],
        check=False,
        cwd=ROOT,
        env=environ,
        text=True,
        capture_output=True,
        timeout=300,
    )


def figure(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    assert found, text
    return int(found[1].replace(",", ""))


def test_the_difference_is_0_although_devices_hang_up_and_repeat_themselves(server: live.Live) -> None:
    span = ("--from", "2019-04-06", "--to", "2019-04-07")
    first = replay(server, *span)
    assert first.returncode == 0, first.stdout + first.stderr
    assert f"{PEOPLE:,} people at 3 counters, 26 gaps" in first.stdout
    assert figure(r"([\d,]+) answered as duplicates", first.stdout) > 0
    assert figure(r"hung up ([\d,]+) times", first.stdout) > 0
    assert "Difference: 0\n" in first.stdout

    again = replay(server, *span, "--seed", "2")
    assert again.returncode == 0, again.stdout + again.stderr
    assert figure(r"(\d+) stored", again.stdout) == 0


def test_one_person_in_a_gap_is_a_difference(server: live.Live) -> None:
    assert replay(server, *ONE_DAY).returncode == 0
    gate = {"location_code": "auckland", "gate_code": "188_quay_street_lower_albert_ew"}
    event = {"timestamp": "2019-04-08 10:30:00", "category": "person_walk", **gate}
    headers = {"X-API-KEY": "devkey"}
    assert httpx.post(
        f"{server.url}/retribusi/v1/ingest", json=event, headers=headers, trust_env=False
    ).is_success
    again = replay(server, *ONE_DAY)
    assert again.returncode == 1
    assert "Difference: 3\n" in again.stdout  # in the hourly summary, the daily one and the daily chart


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"RETRIBUSI_API_KEY": ""}, "needs a key for the devices"),
        ({"RETRIBUSI_API_KEY": "wrong"}, "Invalid API key"),
        ({"ADMIN_PASSWORD": "wrong"}, "Invalid credentials"),
        ({"PORT": "1"}, "does not answer"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(
    server: live.Live, settings: dict[str, str], sentence: str
) -> None:
    refused = replay(server, *ONE_DAY, **settings)
    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr
