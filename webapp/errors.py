"""What can go wrong, in the language of the business. Each surface turns these into its own envelope."""

from collections.abc import Mapping


class DomainError(Exception):
    """A refusal that the caller can understand. `message` is for people; `code` is for programs."""

    status = 400
    code = "bad_request"
    message = "Bad request"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)
        self.message = message or self.message


class Unauthorized(DomainError):
    """Nobody is signed in, or the token, key or session is not (or no longer) good."""

    status, code, message = 401, "unauthorized", "Invalid or expired token"


class InvalidCredentials(Unauthorized):
    """Unknown user or wrong password: one answer for both, so that names can't be probed."""

    message = "Invalid credentials"


class InvalidKey(Unauthorized):
    message = "Invalid API key"


class Forbidden(DomainError):
    status, code, message = 403, "forbidden", "Insufficient permissions"


class InactiveAccount(Forbidden):
    message = "User inactive"


class NotFound(DomainError):
    status, code, message = 404, "not_found", "Resource not found"


class MethodNotAllowed(DomainError):
    status, code, message = 405, "method_not_allowed", "Method not allowed"


class Conflict(DomainError):
    status, code, message = 409, "conflict", "Resource already exists"


class TooLarge(DomainError):
    status, code, message = 413, "payload_too_large", "Request body is too large"


class WrongContentType(DomainError):
    status, code, message = 415, "unsupported_media_type", "Content-Type must be application/json"


class Invalid(DomainError):
    """Input that breaks a rule: `fields` maps each field's name to what is wrong with it."""

    status, code, message = 422, "validation_error", "Validation failed"

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__()
        self.fields = dict(fields)


class TooManyRequests(DomainError):
    status, code, message = 429, "too_many_requests", "Too many requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class Unavailable(DomainError):
    """A part the answer depends on can't be reached; nothing was stored and the caller should try again."""

    status, code, message = 503, "unavailable", "Temporarily unavailable, please retry"
    retry_after = 5
