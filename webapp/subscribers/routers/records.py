"""What is kept on a router, as values, and what is sent to change it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from routeros_api.api_structure import TimedeltaField

SECRETS, ACTIVE, PROFILES = "/ppp/secret", "/ppp/active", "/ppp/profile"
Row = Mapping[str, str]


@dataclass(frozen=True)
class Secret:
    """What a subscriber dials in with. An empty `remote_address` leaves the address to the profile.

    `id` is the router's own name for it (`*1F`), empty while it isn't there.
    """

    name: str
    password: str = field(default="", repr=False)
    profile: str = "default"
    remote_address: str = ""
    disabled: bool = False
    comment: str = ""
    id: str = ""


@dataclass(frozen=True)
class Session:
    """A subscriber who is online."""

    id: str
    name: str
    address: str
    caller_id: str
    uptime: timedelta


@dataclass(frozen=True)
class Health:
    """How a router is: `cpu_load` in percent, memory in bytes."""

    name: str
    board: str
    version: str
    uptime: timedelta
    cpu_load: int
    free_memory: int
    total_memory: int


@dataclass(frozen=True)
class Command:
    """One sentence to a router, such as `/ppp/secret` `set` with `{".id": "*1", "disabled": "yes"}`."""

    menu: str
    verb: str
    words: Mapping[str, str] = field(default_factory=dict, repr=False)


Write = tuple[Command, ...]  # what makes one change; see add, change, remove


def add(secret: Secret) -> Write:
    """For RouterClient.apply: put a secret there that isn't."""
    words = {name: value for name, value in _words(secret).items() if value or name != "remote-address"}
    return (Command(SECRETS, "add", words),)


def change(before: Secret, after: Secret) -> Write:
    """For RouterClient.apply: what differs of a secret that is there, `before` as it was read. May be nothing."""
    was, wanted = _words(before), _words(after)
    words = {name: value for name, value in wanted.items() if value != was[name]}
    commands = []
    if words.get("remote-address") == "":  # RouterOS takes no empty address: it is unset
        del words["remote-address"]
        unset = {".id": before.id, "value-name": "remote-address"}
        commands.append(Command(SECRETS, "unset", unset))
    if words:
        commands.append(Command(SECRETS, "set", {".id": before.id, **words}))
    return tuple(commands)


def remove(secret_id: str) -> Write:
    """For RouterClient.apply: a secret that is gone already is fine."""
    return (Command(SECRETS, "remove", {".id": secret_id}),)


def _words(secret: Secret) -> dict[str, str]:
    return {
        "name": secret.name,
        "password": secret.password,
        "service": "pppoe",
        "profile": secret.profile,
        "remote-address": secret.remote_address,
        "disabled": "yes" if secret.disabled else "no",
        "comment": secret.comment,
    }


def secret_of(row: Row) -> Secret:
    """Routers leave out what is empty."""
    return Secret(
        name=row["name"],
        password=row.get("password", ""),
        profile=row.get("profile", "default"),
        remote_address=row.get("remote-address", ""),
        disabled=row.get("disabled") in ("true", "yes"),
        comment=row.get("comment", ""),
        id=row["id"],
    )


def session_of(row: Row) -> Session:
    """Raises ValueError for what is no duration."""
    address, caller_id = row.get("address", ""), row.get("caller-id", "")
    return Session(row["id"], row["name"], address, caller_id, _duration(row["uptime"]))


def health_of(identity: Row, resource: Row) -> Health:
    """Raises KeyError or ValueError for what is missing or no number."""
    return Health(
        name=identity["name"],
        board=resource.get("board-name", ""),
        version=resource["version"],
        uptime=_duration(resource["uptime"]),
        cpu_load=int(resource["cpu-load"]),
        free_memory=int(resource["free-memory"]),
        total_memory=int(resource["total-memory"]),
    )


def _duration(text: str) -> timedelta:
    duration: timedelta = TimedeltaField().get_python_value(text.encode())
    return duration
