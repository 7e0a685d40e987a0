"""Asks two routers at once, under gevent as in the web server, and prints what came first."""

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402

import gevent  # noqa: E402

from webapp.subscribers.routers.client import RouterClient  # noqa: E402
from webapp.subscribers.routers.errors import RouterError  # noqa: E402
from webapp.subscribers.routers.line import Access, Limits, Tls  # noqa: E402


def ask(port: str) -> str:
    access = Access("127.0.0.1", "gerbang", "rahasia-router", int(port), Tls(unverified=True))
    try:
        with RouterClient(access, Limits(reply=20)) as client:
            return client.identity()
    except RouterError as error:
        return error.kind


asked = [gevent.spawn(ask, port) for port in sys.argv[1:]]
(first,) = gevent.wait(asked, count=1)
sys.stdout.write(f"{first.get()}\n")
