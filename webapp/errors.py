"""What can go wrong, in the language of the business. Each surface turns these into its own envelope."""

from collections.abc import Mapping


class DomainError(Exception):
    """A refusal that the caller can understand. `message` is for people; `code` is for programs."""

    status = 400
    code = "bad_request"
    message = "Bad request"
    keeps = False  # whether what was written before it was raised stays: the trace that a refusal leaves

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)
        self.message = message or self.message


class Unauthorized(DomainError):
    """Nobody is signed in, or the token, key or session is not (or no longer) good."""

    status, code, message = 401, "unauthorized", "Invalid or expired token"


class InvalidCredentials(Unauthorized):
    """Unknown user, wrong password or wrong code: one answer for all, so that names can't be probed."""

    message, keeps = "Invalid credentials", True


class SecondFactorRequired(Unauthorized):
    """The password was right; the account also wants a code."""

    message = "A code of the second factor is required (X-OTP)"


class TokenExpired(Unauthorized):
    """A token that was good once."""


class TokenReused(Unauthorized):
    """A refresh token came a second time: somebody else has it, so its session has ended."""

    keeps = True


class InvalidKey(Unauthorized):
    message = "Invalid API key"


class SignatureMismatch(Unauthorized):
    message = "HMAC signature mismatch"


class Forbidden(DomainError):
    status, code, message = 403, "forbidden", "Insufficient permissions"


class InactiveAccount(Forbidden):
    message, keeps = "User inactive", True


class NotFound(DomainError):
    status, code, message = 404, "not_found", "Resource not found"


class MethodNotAllowed(DomainError):
    status, code, message = 405, "method_not_allowed", "Method not allowed"


class Conflict(DomainError):
    """What was asked for clashes with what is there; `field` names what to change, where it is a field."""

    status, code, message = 409, "conflict", "Resource already exists"

    def __init__(self, message: str | None = None, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class NotReady(Conflict):
    """What was asked for is not there yet."""

    code, message = "not_ready", "Task not ready for download"


class QueueFull(DomainError):
    status, code, message = 429, "queue_full", "Too many tasks are waiting, please retry"
    retry_after = 60


class SessionLimit(DomainError):
    status, code, message = 409, "session_limit", "Session limit reached"


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


class Malformed(Invalid):
    """A body that can't even be read: not JSON, not an object, torn."""


class TooManyRequests(DomainError):
    status, code, message = 429, "too_many_requests", "Too many requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class Unreadable(DomainError):
    """A file that a report needs can't be read; `message` names the file and the reason."""

    status, code, message = 422, "unreadable", "The source can't be read"


class Maintenance(DomainError):
    """Nothing can be written for now; `notice` is what an admin says about it, if anything."""

    status, code, message = 503, "maintenance", "Down for maintenance, please retry later"
    retry_after = 300

    def __init__(self, notice: str = "") -> None:
        super().__init__(notice or None)
        self.notice = notice


class Unavailable(DomainError):
    """A part the answer depends on can't be reached; nothing was stored and the caller should try again."""

    status, code, message = 503, "unavailable", "Temporarily unavailable, please retry"
    retry_after = 5
