"""Where links and redirects lead. What the visitor sent is part of them, so nothing of it is trusted."""

from typing import Any
from urllib.parse import SplitResult, urlsplit

from flask import request, url_for

from webapp.accounts.models import Role
from webapp.identity import signed_in
from webapp.kit.agents import is_phone


def home() -> str:
    """Where to go when nothing else is said: the dashboard; a member, who may not see it, to the field."""
    visitor = signed_in()
    if visitor is None or visitor.role >= Role.VIEWER:
        return url_for("web.dashboard")
    return url_for("web.field" if is_phone(request.user_agent.string) else "web.map")


def local_path(target: str | None) -> str:
    """`target` when it is a path of this application, else home: a link can't lead people elsewhere."""
    if target and target.startswith("/") and not target.startswith("//") and "\\" not in target:
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc and target.isprintable():
            return target
    return home()


def split(url: str) -> SplitResult:
    """The parts of an address that a browser sent; none when it is no address at all."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def path_of(url: str) -> str:
    """`url` without its scheme and host."""
    return split(url)._replace(scheme="", netloc="").geturl()


def address(endpoint: str, **changes: Any) -> str:
    """The URL of `endpoint` with this request's filters, some of them changed; None takes one away."""
    filters = {name: values for name, values in request.args.lists() if not _is_reserved(name)}
    arguments = {**filters, **(request.view_args or {}), **changes}
    return url_for(
        endpoint, **{name: value for name, value in arguments.items() if value not in (None, [""])}
    )


def _is_reserved(name: str) -> bool:
    """Whether `url_for` would take this name for a word to itself (the host to link to, for one)."""
    return name == "endpoint" or name.startswith("_")
