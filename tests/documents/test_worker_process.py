"""Real worker processes: killed in the middle, without Redis, on a full disk."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.support import reports, services
from tests.support.live import BIN, ROOT
from tests.support.reports import OWN, request, stored, until
from webapp.documents import tasks
from webapp.documents.jobs import rescue_reports
from webapp.kit import clock
from webapp.storage import storage

Start = Callable[..., subprocess.Popen[bytes]]
FILTER = {"date_mode": "range", "range_start": "2025-12-01", "range_end": "2025-12-04"}
LONG = OWN | {"filter": FILTER}
RQ = [str(BIN / "rq"), "worker", "--worker-class", "worker.GerbangWorker", "high", "default", "low"]


@pytest.fixture
def start(app: Flask, environ: dict[str, str]) -> Iterator[Start]:
    """`start()`: a worker of the application under test, in a process group of its own, ended with the test."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(command: list[str] | None = None, **settings: str) -> subprocess.Popen[bytes]:
        here = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
        roots = {"DATA_ROOTS": app.config["GERBANG"].DATA_ROOTS}
        process = subprocess.Popen(
            command or [sys.executable, "worker.py"],
            cwd=ROOT,
            env=environ | here | roots | settings,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """The worker and what it has forked, without a word; what prints is in a process group of its own."""
    pids = [process.pid]
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            pids += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    for pid in pids if process.poll() is None else ():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait(10)


def ends(app: Flask, task_id: object, status: str = "completed") -> None:
    until(lambda: stored(app, task_id).status == status, 60)  # type: ignore[arg-type]


def days(folder: Path, rows: int) -> None:
    for day in range(1, 5):
        reports.day_file(folder, date(2025, 12, day), rows)


def silence(app: Flask, task_id: object) -> None:
    """A minute later."""
    reports.change(app, task_id, alive_at=clock.now() - tasks.SILENT_AFTER - timedelta(seconds=1))  # type: ignore[arg-type]


def test_a_worker_that_is_killed_while_it_prints_leaves_no_half_file(
    app: Flask, folder: Path, start: Start
) -> None:
    days(folder, 60_000)
    task_id = request(app, LONG)
    first = start()
    until(lambda: stored(app, task_id).progress > 0, 60)
    kill(first)
    task = stored(app, task_id)
    assert (task.status, task.output_name) == ("running", None)
    with app.app_context(), pytest.raises(tasks.NotFound):
        storage().get(task.storage_name)
    days(folder, 100)  # so that the second attempt is soon done
    silence(app, task_id)
    start()  # takes up at its start what the dead one left
    ends(app, task_id)
    assert (stored(app, task_id).attempt, stored(app, task_id).transactions) == (2, 400)


def test_rqs_own_command_works_on_the_queues(app: Flask, folder: Path, start: Start, redis_url: str) -> None:
    days(folder, 10)
    task_id = request(app, LONG)
    start([*RQ, "--url", redis_url])
    ends(app, task_id)
    assert stored(app, task_id).transactions == 40


def test_two_workers_print_all_and_nothing_twice(app: Flask, folder: Path, start: Start) -> None:
    reports.set_to(app, "queue_concurrency", "2")
    days(folder, 200)
    ids = [request(app, LONG) for _ in range(12)]
    start(JOB_WORKERS="2")
    until(lambda: all(stored(app, one).status == "completed" for one in ids), 90)
    assert {stored(app, one).attempt for one in ids} == {1}
    assert len({stored(app, one).output_name for one in ids}) == 12


def test_redis_may_be_gone_while_a_report_is_printed(
    app: Flask, folder: Path, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days(folder, 25_000)
    with services.embedded_redis() as url:
        import redis

        monkeypatch.setitem(app.extensions, "redis", redis.Redis.from_url(url))
        task_id = request(app, LONG)
        start(REDIS_URL=url)
        until(lambda: stored(app, task_id).progress > 0, 60)
    later = request(app, OWN)  # nobody can be told
    ends(app, task_id)
    assert stored(app, task_id).transactions == 100_000
    assert stored(app, later).status == "queued"
    monkeypatch.undo()


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """64 kB in memory, where one may mount."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can only be mounted by root")
    try:
        yield
    finally:
        subprocess.run(["/bin/umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("place", ["TMPDIR", "files"])
def test_a_full_disk_leaves_no_half_file_and_the_task_ends(
    app: Flask, folder: Path, tmp_path: Path, start: Start, place: str
) -> None:
    days(folder, 2_000)
    full = tmp_path / "full" if place == "TMPDIR" else app.config["GERBANG"].data_dir / "files" / "reports"
    with small_disk(full):
        task_id = request(app, LONG)
        start(**({"TMPDIR": str(full)} if place == "TMPDIR" else {}))
        for attempt in (1, 2, 3):
            until(lambda: stored(app, task_id).attempt == attempt, 60)  # noqa: B023
            until(lambda: stored(app, task_id).status != "running", 60)
            reports.change(app, task_id, not_before=None)
            with app.app_context():
                rescue_reports()
        task = stored(app, task_id)
        assert (task.status, task.output_name) == ("failed", None)
        assert "No space left" in (task.error or "") or "can't be stored" in (task.error or "")
        assert [path for path in full.rglob("*") if path.is_file()] == []
