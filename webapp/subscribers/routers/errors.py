"""What can go wrong between us and a router."""

from enum import StrEnum

from webapp.errors import DomainError, Unavailable

RETRY_AFTER = 60  # seconds: so often is a router that is down looked at
LONGEST = 200  # characters of a router's own words that are passed on


class Kind(StrEnum):
    """What went wrong, for programs: whether to try again, and whom to tell."""

    UNREACHABLE = "unreachable"  # no line, or one that broke off
    REFUSED_LOGIN = "refused_login"
    TIMEOUT = "timeout"  # a line, but no answer
    TRAP = "trap"  # the router refused one command; the line is still good
    PROTOCOL = "protocol"  # what answers there doesn't speak RouterOS
    CERTIFICATE = "certificate"  # TLS: not the router that was expected


class RouterError(DomainError):
    """A router did not do what it was asked.

    `sentence` is for people and without parameters, so that it can be translated; `detail` is what the router itself
    said, in its own words, or empty. Neither ever holds a password. A router that refuses a command is a bad gateway
    (502), one that can't be worked with is out of reach (503) until somebody mends it.
    """

    retry_after: int | None = None

    def __init__(self, kind: Kind, sentence: str, detail: str = "") -> None:
        super().__init__(f"{sentence}: {detail}" if detail else sentence)
        self.kind, self.sentence, self.detail = kind, sentence, detail
        self.code = f"router_{kind}"
        self.status = 502 if kind is Kind.TRAP else 503
        self.retry_after = None if kind is Kind.TRAP else RETRY_AFTER


class RouterBusy(Unavailable):
    """Somebody else is bringing the router in step."""

    code, message = "router_busy", "The router is being brought in step; try again in a moment"


def their_words(said: bytes, *hidden: str) -> str:
    """What a router said, fit to be shown: on one line, not too long, and without the `hidden` texts."""
    text = said.decode(errors="backslashreplace")
    for secret in filter(None, hidden):
        text = text.replace(secret, "•••")
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())[:LONGEST]
