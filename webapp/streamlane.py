"""A WSGI door for streams: they live for hours by the thousand, so what opening one needed must not stay with it."""

from collections.abc import Callable, Iterable
from typing import Any

from webapp.kit.threads import apart

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class StreamLane:
    """WSGI middleware: what ends in `/stream` or lies under `/api/sse/` is opened on a stack of its own."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.rstrip("/").endswith("/stream") or path.startswith("/api/sse/"):
            return apart(self._app, environ, start_response)
        return self._app(environ, start_response)
