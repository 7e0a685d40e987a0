"""A blueprint whose every page has a policy."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, redirect, url_for
from htmx_flask import request

from webapp.accounts import maintenance, second_factor
from webapp.accounts.models import Role
from webapp.errors import Forbidden
from webapp.identity import Policy, signed_in
from webapp.web import htmx
from webapp.web.addresses import path_of


class Pages(Blueprint):
    def page(
        self,
        path: str,
        *,
        policy: Policy,
        methods: Sequence[str] = ("GET",),
        unsecured: bool = False,
        always: bool = False,
        max_body: int | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a page or fragment.

        Who is not signed in is sent to sign in first; too low a role is Forbidden; an account that must have a second
        factor and has none is sent to set it up first, unless the page is open to the `unsecured`. What writes is
        refused during maintenance, unless it `always` may. `max_body` is how many bytes may be sent to a page that
        takes files (security.py looks at it).
        """

        def declare(function: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(function)
            def view(**arguments: Any) -> Any:
                first = _first(policy.role, unsecured) if policy.role is not None else ""
                if first:
                    return _send(first)
                if not always and request.method == "POST":
                    maintenance.refuse_writes()
                return function(**arguments)

            view.policy = policy  # type: ignore[attr-defined]
            view.max_body = max_body  # type: ignore[attr-defined]
            self.add_url_rule(path, endpoint=function.__name__, view_func=view, methods=list(methods))
            return function

        return declare


def _first(role: Role, unsecured: bool) -> str:
    """The endpoint that the visitor has to see before this one, if any. Raises Forbidden."""
    visitor = signed_in()
    if visitor is None:
        return "web.sign_in"
    if visitor.role < role:
        raise Forbidden()
    if not unsecured and not visitor.has_second_factor and second_factor.is_required(visitor.role):
        return "web.profile_second_factor"
    return ""


def _send(endpoint: str) -> Any:
    """To a page that leads back here (to the page that holds the fragment, when this is one)."""
    if request.htmx:
        here = path_of(request.headers.get("HX-Current-URL", ""))
        return htmx.redirect_whole_page(url_for(endpoint, next=here))
    return redirect(
        url_for(endpoint, next=request.full_path.rstrip("?") if request.method == "GET" else None)
    )
