"""One caller of a fake router."""

import hashlib
import os
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.support.routeros.tables import Row, Trap
from tests.support.routeros.wire import encoded, read_sentence

if TYPE_CHECKING:
    from tests.support.routeros import FakeRouter


class Line(threading.Thread):
    """Reads sentences and answers them, until the caller or the router's mood ends it."""

    def __init__(self, router: "FakeRouter", connection: socket.socket) -> None:
        super().__init__(daemon=True)
        self._router, self._connection = router, connection
        self._challenge, self._signed_in, self._sent = b"", False, 0

    def run(self) -> None:
        try:
            with suppress(OSError, EOFError):
                self._serve()
        finally:
            self._router.lines.discard(self)
            self._connection.close()

    def cut(self) -> None:
        with suppress(OSError):  # of the socket below: TLS would say goodbye, from the wrong thread
            socket.socket.shutdown(self._connection, socket.SHUT_RDWR)

    def _serve(self) -> None:
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context := self._router.tls_context:
            secured = context.wrap_socket(self._connection, server_side=True, do_handshake_on_connect=False)
            self._connection = secured
            secured.do_handshake()
        with self._connection.makefile("rb") as incoming:
            while True:
                if sentence := read_sentence(incoming):
                    self._handle(*sentence)

    def _handle(self, command: str, *rest: str) -> None:
        attributes = (word[1:].partition("=") for word in rest if word[0] == "=")
        words = {name: value for name, equals, value in attributes if equals}
        queries = [word for word in rest if word[0] == "?"]
        tags = [word for word in rest if word.startswith(".tag=")]
        self._router.commands[command] += 1
        if command in self._router.raw:
            self._send(self._router.raw[command])
        elif command == "/login":
            self._reply(self._login(words), tags)
        elif self._signed_in and command != "/quit":
            self._reply(self._replies(command, words, queries), tags)
        else:
            reason = "session terminated on request" if self._signed_in else "not logged in"
            self._send(encoded(["!fatal", reason]))
            raise EOFError

    def _reply(self, replies: list[list[str]], tags: list[str]) -> None:
        self._send(b"".join(encoded([*reply, *tags]) for reply in replies))

    def _replies(self, command: str, words: Row, queries: list[str]) -> list[list[str]]:
        try:
            rows, done = self._router.carry_out(command, words, queries)
        except Trap as trap:
            return [["!trap", f"=message={trap}"], ["!done"]]
        replies = [["!re", *_attributes(row)] for row in rows]
        if command.endswith("print") and not rows and not self._router.old:
            replies.append(["!empty"])
        return [*replies, ["!done", *_attributes(done)]]

    def _login(self, words: Row) -> list[list[str]]:
        if self._router.old and "response" not in words:
            self._challenge = os.urandom(16)
            return [["!done", f"=ret={self._challenge.hex()}"]]
        welcome = not self._router.refuse_login and words.get("name") == self._router.user
        self._signed_in = welcome and self._knows(words)
        refusal = "cannot log in" if self._router.old else "invalid user name or password (6)"
        return [["!done"]] if self._signed_in else [["!trap", f"=message={refusal}"], ["!done"]]

    def _knows(self, words: Row) -> bool:
        password = self._router.password
        if not self._router.old:
            return words.get("password") == password
        digest = hashlib.md5(b"\0" + password.encode() + self._challenge, usedforsecurity=False)
        return words.get("response") == f"00{digest.hexdigest()}"

    def _send(self, data: bytes) -> None:
        router = self._router
        router.down.wait(router.slow)
        if router.drop_after is not None and self._signed_in and self._sent + len(data) > router.drop_after:
            self._connection.sendall(data[: max(0, router.drop_after - self._sent)])
            raise EOFError
        self._sent += len(data) if self._signed_in else 0
        if router.dribble:
            for position in range(len(data)):
                self._connection.sendall(data[position : position + 1])
        else:
            self._connection.sendall(data)


def _attributes(row: Row) -> list[str]:
    return [f"={name}={value}" for name, value in row.items()]
