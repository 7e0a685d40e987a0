"""A JSON surface: one contract's routes, policies, envelope and documentation, declared together."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flask import Blueprint, Flask, Response, request
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from webapp.api import body as bodies
from webapp.errors import DomainError, Invalid, MethodNotAllowed, NotFound, TooLarge, Unavailable
from webapp.extensions import log
from webapp.identity import Policy, authorize


class Dialect(Protocol):
    """How one contract words its answers."""

    def fail(self, error: DomainError) -> Response: ...

    def crash(self) -> Response: ...

    def ok_schema(self, data: dict[str, Any], paged: bool) -> dict[str, Any]: ...

    def error_schema(self, status: int) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Operation:
    """What the documentation says of one endpoint."""

    surface: str
    method: str
    path: str
    policy: Policy
    summary: str
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    returns: Any
    paged: bool
    status: int
    errors: tuple[int, ...]
    media_type: str


class Surface(Blueprint):
    """A blueprint whose every endpoint has a policy and schemas, and whose every error speaks its dialect."""

    def __init__(self, name: str, import_name: str, *, prefixes: Sequence[str], dialect: Dialect) -> None:
        super().__init__(name, import_name)
        self.prefixes = tuple(prefixes)
        self.dialect = dialect
        self.operations: list[Operation] = []
        self.register_error_handler(DomainError, dialect.fail)
        self.register_error_handler(Exception, self.fail)

    def endpoint(
        self,
        method: str,
        path: str,
        *,
        policy: Policy,
        body: type[BaseModel] | None = None,
        query: type[BaseModel] | None = None,
        returns: Any = None,
        paged: bool = False,
        status: int = 200,
        errors: Sequence[int] = (),
        media_type: str = "application/json",
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a route. The function gets `body` and `query` as validated schemas, after the policy let it in."""

        def declare(function: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(function)
            def view(**arguments: Any) -> Any:
                authorize(policy)
                if query is not None:
                    arguments["query"] = bodies.read_query(query)
                if body is not None:
                    arguments["body"] = bodies.read(body)
                return function(**arguments)

            view.policy = policy  # type: ignore[attr-defined]
            summary = (function.__doc__ or function.__name__).strip().splitlines()[0].rstrip(".")
            self.operations.append(
                Operation(
                    self.name,
                    method,
                    path,
                    policy,
                    summary,
                    body,
                    query,
                    returns,
                    paged,
                    status,
                    tuple(errors),
                    media_type,
                )
            )
            self.add_url_rule(path, endpoint=function.__name__, view_func=view, methods=[method])
            return function

        return declare

    def fail(self, error: Exception) -> Response:
        """Any exception in this surface's dialect; what nobody foresaw is logged and says nothing about itself."""
        known = as_domain_error(error)
        if known is None:
            log.exception("server_error", surface=self.name)
            return self.dialect.crash()
        return self.dialect.fail(known)


def as_domain_error(error: Exception) -> DomainError | None:
    """What HTTP and the database complain about, in the language of the business; None for a fault of our own."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, RequestEntityTooLarge):
        return TooLarge()
    if isinstance(error, HTTPException):
        return {404: NotFound(), 405: MethodNotAllowed()}.get(error.code or 500, _bad_request(error))
    if isinstance(error, OperationalError | PoolTimeout):
        log.error("database_unavailable", error=str(error))
        return Unavailable()
    if isinstance(error, DBAPIError) and "character" in str(error.orig):
        return Invalid({"body": "Has characters that can't be stored"})
    return None


def _bad_request(error: HTTPException) -> DomainError | None:
    return Invalid({"request": error.name}) if 400 <= (error.code or 500) < 500 else None


def surface_of(app: Flask, path: str) -> Surface | None:
    """The surface that owns `path`, by the longest prefix that fits."""
    surfaces = [blueprint for blueprint in app.blueprints.values() if isinstance(blueprint, Surface)]
    owners = [
        (prefix, surface) for surface in surfaces for prefix in surface.prefixes if _within(path, prefix)
    ]
    return max(owners, key=lambda owner: len(owner[0]))[1] if owners else None


def _within(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")


def prefers_json() -> bool:
    """Whether this client would rather read JSON than HTML."""
    accepted = request.accept_mimetypes
    return bool(accepted["application/json"] > accepted["text/html"])
