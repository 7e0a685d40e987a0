"""HTTP calls that a schedule makes: only to hosts that the settings name (how they are made: outgoing.py)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult

import httpx

from webapp import config, outgoing
from webapp.errors import Invalid
from webapp.outgoing import HttpRequest, Patience, Refused, target_of

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
MASK = "•••"
WHOLE_CALL = 60.0  # seconds
PRIVATE = "HTTP_JOB_PRIVATE_HOSTS"
NOT_ALLOWED = "Is not one of the hosts that HTTP_JOB_HOSTS allows"
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_RESERVED = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"}


@dataclass(frozen=True)
class HttpResult:
    good: bool
    detail: str


def check(payload: Mapping[str, Any]) -> None:
    """Raises Invalid for a call that may not be made as the settings are; where its name leads is seen when it runs."""
    wrong: dict[str, str] = {}
    try:
        _allowed(target_of(payload["url"]))
    except (Refused, ValueError) as error:
        wrong["url"] = str(error)
    for name, value in (payload.get("headers") or {}).items():
        if not _HEADER.fullmatch(name) or name.lower() in _RESERVED:
            wrong["headers"] = f"{name[:100]!r} can't be set"
        elif not re.fullmatch(r"[\t -~]{0,2000}", value):
            wrong["headers"] = f"The value of {name} has characters that are not allowed"
    if wrong:
        raise Invalid({f"task_payload.{name}": text for name, text in wrong.items()})


def send(request: HttpRequest) -> HttpResult:
    """Make the call. Good is an answer of 2xx; what went wrong otherwise is in `detail`, without anything secret."""
    try:
        private = _allowed(target_of(request.url)) or PRIVATE
        answer = outgoing.send(request, private=private, patience=Patience(whole=WHOLE_CALL))
        return HttpResult(answer.good, f"{answer.status} after {answer.seconds:.1f} s")
    except (Refused, ValueError) as error:
        return HttpResult(False, str(error))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return HttpResult(False, f"{type(error).__name__}: {error}"[:300])


def _allowed(target: SplitResult) -> bool:
    """Whether the host may have a private address. Raises Refused when it may not be called at all."""
    settings = config.current()
    if outgoing.is_among(settings.HTTP_JOB_PRIVATE_HOSTS, target):
        return True
    if outgoing.is_among(settings.HTTP_JOB_HOSTS, target):
        return False
    raise Refused(NOT_ALLOWED)
