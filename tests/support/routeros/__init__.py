"""A MikroTik router on this machine: the RouterOS API over a real socket, its tables in memory, and its moods.

In a test: `with FakeRouter() as router:`, then look at `router.secrets`, or set `router.slow = 2`. By hand:

    python -m tests.support.routeros --port 8728 --secrets 50

and then type `unplug`, `plug`, `slow 2`, `drop 100`, `refuse on`, `trap /ppp/secret/add no more room`, `show`.
"""

import socket
import ssl
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from tests.support.routeros.line import Line
from tests.support.routeros.selfsigned import SelfSigned, self_signed
from tests.support.routeros.tables import Row, Table, Trap, checked_secret, fresh_profiles

RESOURCE = {
    "uptime": "1w2d3h4m5s",
    "version": "7.18.2 (stable)",
    "cpu-load": "7",
    "free-memory": "801112064",
    "total-memory": "1073741824",
    "board-name": "CCR2004-1G-12S+2XS",
    "architecture-name": "arm64",
}
NEW_SECRET = {"service": "any", "profile": "default", "disabled": "false"}


@dataclass
class FakeRouter:
    """State and moods may be looked at and changed at any time. Starts with `with`, or with `start()`."""

    port: int = 0  # 0: a free one, known once it is started
    user: str = "gerbang"
    password: str = "rahasia-router"
    identity: str = "fake-router"
    old: bool = False  # before 6.43: a challenge at the login; before 7.18: no !empty
    tls: bool = False
    anonymous: bool = False  # TLS without a certificate, as routers leave the factory

    # moods
    slow: float = 0  # seconds before each reply
    refuse_login: bool = False
    drop_after: int | None = None  # bytes of replies on one line after its login; then it is cut
    dribble: bool = False  # replies come byte by byte
    traps: dict[str, str] = field(default_factory=dict)  # command: the message that it is refused with
    raw: dict[str, bytes] = field(default_factory=dict)  # command: what comes instead of a reply

    # what there is, by id
    secrets: Table = field(default_factory=Table)
    active: Table = field(default_factory=Table)
    profiles: Table = field(default_factory=fresh_profiles)
    resource: Row = field(default_factory=RESOURCE.copy)

    commands: Counter[str] = field(default_factory=Counter)  # how often each came, /login too
    lock: threading.RLock = field(default_factory=threading.RLock)  # held while a command is carried out

    def __post_init__(self) -> None:
        self.certificate: SelfSigned = self_signed()
        self.down = threading.Event()
        self.lines: set[Line] = set()
        self.tls_context = self._tls_context() if self.tls or self.anonymous else None

    # Its plug

    def start(self) -> Self:
        self._socket = self._bound()
        self.plug_in()
        return self

    def stop(self) -> None:
        """Safe to repeat."""
        self.unplug()
        self._socket.close()

    __enter__ = start

    def __exit__(self, *_: object) -> None:
        self.stop()

    def plug_in(self) -> None:
        """Answer (again), on the same port as before, with all that was there."""
        self.down.clear()
        self._socket.listen(64)
        self._doorman = threading.Thread(target=self._accept, args=(self._socket,), daemon=True)
        self._doorman.start()

    def unplug(self) -> None:
        """Cut all lines and let nobody in; the port stays ours, so that callers are refused."""
        if self.down.is_set():
            return
        self.down.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._doorman.join()
        for line in list(self.lines):
            line.cut()
            line.join()
        self._socket.close()
        self._socket = self._bound()

    def cut(self) -> None:
        """Cut all lines; whoever calls again is answered."""
        for line in list(self.lines):
            line.cut()

    def _bound(self) -> socket.socket:
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", self.port))
        self.port = bound.getsockname()[1]
        return bound

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):  # unplugged
            while True:
                line = Line(self, listening.accept()[0])
                self.lines.add(line)
                line.start()

    def _tls_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if self.anonymous:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers("AECDH-AES128-SHA:@SECLEVEL=0")
        else:
            self.certificate.load_into(context)
        return context

    # What tests put there and look for

    def add_secret(self, name: str, **properties: str) -> str:
        """Its id. `remote_address` and the like stand for `remote-address`."""
        given = {key.replace("_", "-"): value for key, value in properties.items()}
        with self.lock:
            return self.secrets.put(NEW_SECRET | {"name": name} | given)

    def dial_in(self, name: str, address: str = "10.64.0.2") -> str:
        """A subscriber comes online; the id of the session."""
        session = {"name": name, "service": "pppoe", "caller-id": "4C:5E:0C:12:34:56", "address": address}
        with self.lock:
            return self.active.put(session | {"uptime": "3h20m1s"})

    # What commands do

    def carry_out(self, command: str, words: Row, queries: list[str]) -> tuple[list[Row], Row]:
        """The rows of the reply, and what its `!done` says. Raises Trap."""
        if message := self.traps.get(command):
            raise Trap(message)
        menu, _, verb = command.rpartition("/")
        with self.lock:
            if verb in ("print", "getall"):
                return self._table(menu).show(words, queries), {}
            if menu == "/ppp/secret":
                return [], self._change_secret(verb, words)
            if command == "/ppp/active/remove":
                for id in self.active.chosen(words):
                    del self.active[id]
                return [], {}
        raise Trap("no such command")

    def _table(self, menu: str) -> Table:
        single = {"/system/identity": {"name": self.identity}, "/system/resource": self.resource}
        if menu in single:
            return Table({"": single[menu]})
        tables = {"/ppp/secret": self.secrets, "/ppp/active": self.active, "/ppp/profile": self.profiles}
        if menu not in tables:
            raise Trap("no such command prefix")
        return tables[menu]

    def _change_secret(self, verb: str, words: Row) -> Row:
        if verb == "add":
            row = NEW_SECRET | checked_secret(words, self.profiles)
            self._refuse_a_second(row.get("name", ""))
            return {"ret": self.secrets.put(row)}
        for id in self.secrets.chosen(words):
            if verb == "set":
                changes = checked_secret(words, self.profiles)
                if changes.get("name", self.secrets[id]["name"]) != self.secrets[id]["name"]:
                    self._refuse_a_second(changes["name"])
                self.secrets[id].update(changes)
            elif verb == "unset":
                self.secrets[id].pop(words["value-name"], None)
            elif verb == "remove":
                del self.secrets[id]
            else:
                raise Trap("no such command")
        return {}

    def _refuse_a_second(self, name: str) -> None:
        if not name:
            raise Trap("missing value(s) of argument(s) name")
        if self.secrets.named(name):
            raise Trap("failure: secret with the same name already exists")
