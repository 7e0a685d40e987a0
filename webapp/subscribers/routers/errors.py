"""What can go wrong between us and a router."""

from enum import StrEnum

from webapp.errors import DomainError

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
    said, in its own words, or empty. Neither ever holds a password.
    """

    status, code = 502, "router_error"

    def __init__(self, kind: Kind, sentence: str, detail: str = "") -> None:
        super().__init__(f"{sentence}: {detail}" if detail else sentence)
        self.kind, self.sentence, self.detail = kind, sentence, detail


def their_words(said: bytes, *hidden: str) -> str:
    """What a router said, fit to be shown: on one line, not too long, and without the `hidden` texts."""
    text = said.decode(errors="backslashreplace")
    for secret in filter(None, hidden):
        text = text.replace(secret, "•••")
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())[:LONGEST]
