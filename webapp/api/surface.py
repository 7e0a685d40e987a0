"""A JSON surface: one contract's routes, policies, envelope and documentation, declared together."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from flask import Blueprint, Flask, Response, request
from limits import RateLimitItem
from pydantic import BaseModel
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.exceptions import MethodNotAllowed as HTTPMethodNotAllowed

from webapp import signatures, throttle
from webapp.accounts import maintenance
from webapp.api import body as bodies
from webapp.errors import DomainError, Invalid, MethodNotAllowed, NotFound, TooLarge, Unavailable
from webapp.extensions import log
from webapp.identity import Policy, authorize, caller

READING = ("GET", "HEAD", "OPTIONS")
View = Callable[..., Any]


class Dialect(Protocol):
    """How one contract words its answers."""

    def fail(self, error: DomainError) -> Response: ...

    def crash(self) -> Response: ...

    def wire_status(self, status: int) -> int:
        """The status with which this contract answers what is `status` in the language of the business."""
        ...

    def ok_schema(self, data: dict[str, Any], paged: bool) -> dict[str, Any]: ...

    def error_schema(self, status: int) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Operation:
    """One endpoint, as it is enforced and documented.

    `body` and `query` validate the request; with `forms` the body may be a form as well as JSON; `takes` (media type →
    type) only documents what the route reads itself;
    `returns` is the type of the answer's data (of one item, when `paged`);
    `headers` (name → description) are optional ones that the route looks at; `per_address` is how many calls, good or
    bad, one address may make, `per_user` how many one account or API key (together for all operations with the same
    `namespace` of the limit); what may write during maintenance, too, is `always` there;
    `errors` are the statuses that don't follow from the policy and the schemas;
    `other_statuses` (status → when) and `other_media` are further ways to succeed.
    """

    surface: str
    method: str
    path: str
    summary: str
    policy: Policy
    body: type[BaseModel] | None = None
    forms: bool = False
    takes: Mapping[str, Any] = field(default_factory=dict)
    query: type[BaseModel] | None = None
    returns: Any = None
    paged: bool = False
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    per_address: RateLimitItem | None = None
    per_user: RateLimitItem | None = None
    always: bool = False
    errors: Sequence[int] = ()
    other_statuses: Mapping[int, str] = field(default_factory=dict)
    media_type: str = "application/json"
    other_media: Sequence[str] = ()


class Surface(Blueprint):
    """A blueprint whose every operation has a policy and schemas, and whose every error speaks its dialect."""

    def __init__(
        self,
        name: str,
        import_name: str,
        *,
        prefixes: Sequence[str],
        dialect: Dialect,
        signed: bool = False,
        per_user: RateLimitItem | None = None,
    ) -> None:
        """`prefixes` are the paths it owns; a `signed` surface wants the X-Signature of every body but a stranger's.

        `per_user` is how many calls one account or API key may make of all its operations.
        """
        super().__init__(name, import_name)
        self.signed = signed
        self.per_user = per_user
        self.prefixes = tuple(prefixes)
        self.dialect = dialect
        self.operations: list[Operation] = []
        self.register_error_handler(DomainError, dialect.fail)
        self.register_error_handler(Exception, self.fail)

    def operation(self, method: str, path: str, **declared: Any) -> Callable[[View], View]:
        """Declare a route; `declared` are the fields of Operation from `policy` on.

        The function gets `body` and `query` as validated schemas, after the policy has let the request in.
        """

        def declare(function: View) -> View:
            summary = (function.__doc__ or function.__name__).strip().splitlines()[0].rstrip(".")
            declared_as = Operation(self.name, method, path, summary, **declared)
            self.operations.append(declared_as)
            view = _enforced(declared_as, function, self)
            self.add_url_rule(path, endpoint=function.__name__, view_func=view, methods=[method])
            return function

        return declare

    def fail(self, error: Exception) -> Response:
        """Any exception in this surface's dialect; what nobody foresaw is logged and says nothing about itself."""
        known = as_domain_error(error)
        if known is None:
            log.exception("server_error", surface=self.name)
            return self.dialect.crash()
        response = self.dialect.fail(known)
        if isinstance(error, HTTPMethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response


def _enforced(operation: Operation, function: View, surface: Surface) -> View:
    signed = surface.signed and not operation.policy.is_public and operation.method in signatures.SIGNED

    @functools.wraps(function)
    def view(**arguments: Any) -> Any:
        authorize(operation.policy)
        _count_call(operation, surface)
        if not operation.always and operation.method not in READING:
            maintenance.refuse_writes()
        if signed and (body := bodies.raw(bodies.MAX_JSON)):
            signatures.check(body)
        if operation.query is not None:
            arguments["query"] = bodies.read_query(operation.query)
        if operation.body is not None:
            arguments["body"] = bodies.read(operation.body, forms=operation.forms)
        return function(**arguments)

    view.policy = operation.policy  # type: ignore[attr-defined]
    return view


def _count_call(operation: Operation, surface: Surface) -> None:
    if operation.per_address is not None:
        throttle.count_call(operation.per_address, operation.path, request.remote_addr or "")
    if not operation.policy.is_public:
        for limit in (surface.per_user, operation.per_user):
            if limit is not None:
                throttle.count_call(limit, caller())


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
    if isinstance(error, DataError):
        return Invalid({"body": "Has something that can't be stored"})
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
    return bool(max(accepted["application/json"], named("application/json")) > accepted["text/html"])


def named(media_type: str) -> float:
    """How much this client wants `media_type`, 0 to 1, where it asks for it by name (and not by `*/*`)."""
    kinds = ((kind.partition(";")[0].strip().lower(), quality) for kind, quality in request.accept_mimetypes)
    return max((quality for kind, quality in kinds if kind == media_type), default=0)
