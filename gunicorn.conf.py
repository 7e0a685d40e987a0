"""How gunicorn serves Gerbang. The same file on a laptop and on each of twenty nodes."""

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gevent
from gunicorn.workers.ggevent import GeventWorker


def _setting(name: str, default: str) -> str:
    return os.environ.get(name, "").strip() or default


class Worker(GeventWorker):  # type: ignore[misc]
    """Gevent's worker, but told to stop it closes idle connections at once: a browser keeps one open for minutes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._idle: set[gevent.Greenlet] = set()

    @contextmanager
    def timeout_ctx(self) -> Iterator[None]:
        """Gunicorn enters this only while it waits for a connection's next request."""
        connection = gevent.getcurrent()
        self._idle.add(connection)
        try:
            with super().timeout_ctx():
                yield
        finally:
            self._idle.discard(connection)

    def handle_exit(self, sig: int, frame: Any) -> None:
        super().handle_exit(sig, frame)
        gevent.spawn(self._close_idle)

    def _close_idle(self) -> None:
        while True:  # busy connections become idle; the process ends when there are none
            # to the code that waits it looks as if the client had hung up
            gevent.killall(list(self._idle), exception=StopIteration, block=False)
            gevent.sleep(0.1)


bind = f"{_setting('HOST', '127.0.0.1')}:{_setting('PORT', '8000')}"
backlog = 2048
workers = int(_setting("WEB_WORKERS", "1"))
worker_class = Worker
worker_connections = 10_000
keepalive = 75  # longer than the 60 s of the usual proxy, so that it is never us who hang up on it
graceful_timeout = 15
timeout = 60
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (a heartbeat file, in memory)

limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190
forwarded_allow_ips = ""  # the application trusts PROXY_COUNT proxies; gunicorn itself trusts no header

# Under gevent, psycopg would wait by an emulated poll(); gevent's own selector costs half, and knows no limit of 1024.
os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_selector")

accesslog = None  # the application logs its requests, with their ids
loglevel = _setting("LOG_LEVEL", "info").lower()
control_socket_disable = True

_metrics = Path(_setting("DATA_DIR", "instance")).absolute() / "metrics"
if workers > 1:
    # Several processes add up their counters in files; read when prometheus_client is imported, so set before.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_metrics)


def on_starting(_server: Any) -> None:
    shutil.rmtree(_metrics, ignore_errors=True)  # the counts of processes that are gone
    if workers > 1:
        _metrics.mkdir(parents=True)


def child_exit(_server: Any, worker: Any) -> None:
    if workers > 1:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)


def post_worker_init(worker: Any) -> None:
    """Open event streams end when the worker is told to stop, instead of holding it up until graceful_timeout."""
    for stream in worker.wsgi.extensions.get("streams", ()):
        stream.closing = lambda: not worker.alive
    sys.setswitchinterval(
        0.0005
    )  # a thread that has flushed to disk must not wait 5 ms for a busy loop to let it in
    gc.collect()
    gc.freeze()  # what is loaded now stays: going through it again and again cost a quarter of a batch's time
    gc.set_threshold(50_000, 20, 50)
