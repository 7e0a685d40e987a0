"""A blueprint whose every page has a policy."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, redirect, url_for
from htmx_flask import request

from webapp.errors import Forbidden
from webapp.identity import Policy, signed_in
from webapp.web import htmx
from webapp.web.addresses import path_of


class Pages(Blueprint):
    def page(
        self, path: str, *, policy: Policy, methods: Sequence[str] = ("GET",)
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a page or fragment. Who is not signed in is sent to sign in first; too low a role is Forbidden."""

        def declare(function: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(function)
            def view(**arguments: Any) -> Any:
                if policy.role is not None:
                    visitor = signed_in()
                    if visitor is None:
                        return _to_sign_in()
                    if visitor.role < policy.role:
                        raise Forbidden()
                return function(**arguments)

            view.policy = policy  # type: ignore[attr-defined]
            self.add_url_rule(path, endpoint=function.__name__, view_func=view, methods=list(methods))
            return function

        return declare


def _to_sign_in() -> Any:
    """To the sign-in page, which leads back here (to the page that holds the fragment, when this is one)."""
    if request.htmx:
        return htmx.redirect_whole_page(
            url_for("web.sign_in", next=path_of(request.headers.get("HX-Current-URL", "")))
        )
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("web.sign_in", next=here))
