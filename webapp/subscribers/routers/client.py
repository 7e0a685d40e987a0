"""A MikroTik router's PPPoE subscribers, over the RouterOS API (contract 2, Mikrotik).

    with RouterClient(Access("10.0.0.1", "gerbang", password)) as router:
        there = router.secrets()

Our user on the router needs the policies api, read, write and sensitive (without the last it sees no passwords).
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

from routeros_api import exceptions
from routeros_api.api import RouterOsApi
from routeros_api.api_communicator import ApiCommunicator
from routeros_api.base_api import Connection
from routeros_api.query import IsEqualQuery, OrQuery

from webapp.subscribers.routers import records
from webapp.subscribers.routers.errors import Kind, RouterError, their_words
from webapp.subscribers.routers.line import Access, Limits, Line
from webapp.subscribers.routers.records import Command, Health, Secret, Session, Write

BATCH = (
    100  # changes on their way at once: their answers must fit into the line's buffers while we still write
)
GONE = "no such item"
_OF_SECRETS = ".id,name,password,profile,remote-address,disabled,comment"
_OF_SESSIONS = ".id,name,address,caller-id,uptime"
_OF_RESOURCE = "uptime,version,cpu-load,free-memory,total-memory,board-name"
_PPPOE = OrQuery(IsEqualQuery("service", "pppoe"), IsEqualQuery("service", "any"))


class RouterClient:
    """One signed-in line to one router, open within `with`. Not for two threads at once.

    Everything that goes wrong is a RouterError; after any but Kind.TRAP the line is closed. Every call ends within
    `limits`, whatever the router does.
    """

    def __init__(self, access: Access, limits: Limits | None = None) -> None:
        """Does no I/O."""
        self._access, self._limits = access, limits or Limits()
        self._line: Line | None = None

    def __enter__(self) -> Self:
        """Connect and sign in. Raises RouterError, also with Kind.REFUSED_LOGIN."""
        self._line = Line(self._access, self._limits)
        self._api = RouterOsApi(ApiCommunicator(_Sentences(self._line)))
        with self._bounded():
            self._sign_in()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; safe to repeat."""
        if self._line:
            self._line.close()

    @property
    def round_trips(self) -> int:
        """How often we had to wait for the router, signing in included."""
        return self._line.round_trips if self._line else 0

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the certificate that the router showed; empty without TLS or certificate."""
        return self._line.fingerprint if self._line else ""

    # Looking

    def identity(self) -> str:
        """The name that the router has for itself."""
        return self._rows("/system/identity", "name")[0]["name"]

    def health(self) -> Health:
        """How the router is; one round trip."""
        with self._bounded():
            asked = self._print("/system/identity", "name"), self._print("/system/resource", _OF_RESOURCE)
            identity, resource = (self._answer(*one)[0] for one in asked)
            return records.health_of(_text(identity), _text(resource))

    def secrets(self, *names: str) -> list[Secret]:
        """The secrets that PPPoE may use (service pppoe or any): of these names, or all. One round trip."""
        with self._bounded():
            answer = self._answer(*self._print(records.SECRETS, _OF_SECRETS, _PPPOE, *_named(names)))
            secrets = [records.secret_of(_text(row)) for row in answer]
        return [secret for secret in secrets if not names or secret.name in names]

    def active(self, *names: str) -> list[Session]:
        """Who is online: of these names, or everybody. One round trip."""
        with self._bounded():
            answer = self._answer(*self._print(records.ACTIVE, _OF_SESSIONS, *_named(names)))
            sessions = [records.session_of(_text(row)) for row in answer]
        return [session for session in sessions if not names or session.name in names]

    def profiles(self) -> list[str]:
        """The names of the profiles that secrets may have."""
        return [row["name"] for row in self._rows(records.PROFILES, "name")]

    # Changing

    def add_secret(self, secret: Secret) -> str:
        """The router's id of the new secret. Raises RouterError (Kind.TRAP: the name is taken, no such profile…)."""
        (command,) = records.add(secret)
        with self._bounded():
            done: bytes = self._answer(command, self._send(command)).done_message["ret"]
            return done.decode()

    def set_secret(self, before: Secret, after: Secret) -> None:
        """Write what differs; nothing if nothing does. `before` is as it was read. Raises RouterError."""
        self._do(records.change(before, after))

    def remove_secret(self, secret_id: str) -> None:
        """One that is gone already is fine. Raises RouterError."""
        self._do(records.remove(secret_id))

    def drop_active(self, *names: str) -> int:
        """Send these subscribers offline; how many sessions there were. Raises RouterError."""
        if not names:
            return 0
        sessions = self.active(*names)
        for outcome in self.apply([_drop(session) for session in sessions]):
            if outcome:
                raise outcome
        return len(sessions)

    def apply(self, writes: Sequence[Write]) -> list[RouterError | None]:
        """Make many changes (of records.add, change, remove), BATCH of them to a round trip.

        For each of them: None, or why the router refused it; the others are made all the same. Raises RouterError
        when the line fails: then some are made and some not, and only reading again tells which.
        """
        outcomes: list[RouterError | None] = []
        for start in range(0, len(writes), BATCH):
            with self._bounded():
                sent = [[(one, self._send(one)) for one in write] for write in writes[start : start + BATCH]]
                outcomes += [self._outcome(answers) for answers in sent]
        return outcomes

    # Speaking

    def _sign_in(self) -> None:
        """As since RouterOS 6.43; one that is older answers with a challenge, which the library then meets."""
        access = self._access
        try:
            self._api.login(access.username, access.password, plaintext_login=True)
        except exceptions.RouterOsApiCommunicationError as error:
            why = their_words(error.original_message, access.password)
            raise RouterError(
                Kind.REFUSED_LOGIN, "The router refused the user name or password", why
            ) from None

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """A call: its time is counted, and whatever goes wrong in it becomes a RouterError."""
        if self._line is None:
            raise RuntimeError("used outside of its with")
        self._line.begin()
        try:
            yield
        except RouterError as error:
            if error.kind is not Kind.TRAP:
                self.close()
            raise
        except (exceptions.RouterOsApiError, LookupError, ValueError):
            self.close()
            raise RouterError(Kind.PROTOCOL, "The router's answer can't be understood") from None

    def _rows(self, menu: str, properties: str) -> list[dict[str, str]]:
        with self._bounded():
            return [_text(row) for row in self._answer(*self._print(menu, properties))]

    def _print(self, menu: str, properties: str, *queries: Any) -> tuple[Command, Any]:
        command = Command(menu, "print", {".proplist": properties})
        return command, self._send(command, *queries)

    def _send(self, command: Command, *queries: Any) -> Any:
        """The library's promise of an answer. Nothing leaves before an answer is wanted."""
        words = {name: _Value(value.encode()) for name, value in command.words.items()}
        resource = self._api.get_binary_resource(command.menu)
        return resource.call_async(command.verb, words, additional_queries=queries)

    def _answer(self, command: Command, promise: Any) -> Any:
        try:
            return promise.get()
        except exceptions.RouterOsApiCommunicationError as error:  # its own text would tell the password
            hidden = self._access.password, command.words.get("password", "")
            why = their_words(error.original_message, *hidden)
            raise RouterError(Kind.TRAP, "The router refused the command", why) from None

    def _outcome(self, answers: list[tuple[Command, Any]]) -> RouterError | None:
        refusals = [self._refusal(*one) for one in answers]
        return next((refusal for refusal in refusals if refusal), None)

    def _refusal(self, command: Command, promise: Any) -> RouterError | None:
        try:
            self._answer(command, promise)
        except RouterError as error:
            if error.kind is not Kind.TRAP:
                raise
            return None if command.verb == "remove" and GONE in error.detail else error
        return None

    def _do(self, write: Write) -> None:
        (outcome,) = self.apply([write])
        if outcome:
            raise outcome


class _Sentences(Connection):
    """The library reads a farewell (`!fatal` and a reason) as one that is malformed."""

    def receive_sentence(self) -> list[bytes]:
        words: list[bytes] = super().receive_sentence()
        if words[:1] == [b"!fatal"]:
            raise RouterError(
                Kind.UNREACHABLE, "The router closed the line", their_words(b" ".join(words[1:]))
            )
        return words


class _Value(bytes):
    """The library leaves out the `=` before an empty value, but without it nothing is emptied."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return True


def _text(row: dict[str, bytes]) -> dict[str, str]:
    """Routers keep bytes; those that are no UTF-8 (of an old Winbox) come out as `\\xe9`."""
    return {name: value.decode(errors="backslashreplace") for name, value in row.items()}


def _named(names: Collection[str]) -> list[Any]:
    """What lets the router choose; for many names it is cheaper to get all and choose here."""
    each = [IsEqualQuery("name", name) for name in dict.fromkeys(names)]
    if len(each) == 1:
        return each
    return [OrQuery(*each)] if 1 < len(each) <= BATCH else []


def _drop(session: Session) -> Write:
    return (Command(records.ACTIVE, "remove", {".id": session.id}),)
