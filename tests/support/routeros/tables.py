"""What a fake router keeps, and what it lets one do with it. Words are RouterOS's own: `remote-address`, `.id`."""

from ipaddress import AddressValueError, IPv4Address

Row = dict[str, str]

PROPERTIES = {
    *("name", "password", "service", "profile", "remote-address", "local-address", "disabled", "comment"),
    *("caller-id", "routes", "limit-bytes-in", "limit-bytes-out"),
}
BOOLEANS = {"yes": "true", "true": "true", "no": "false", "false": "false"}


class Trap(Exception):
    """A command that is refused with this message."""


class Table(dict[str, Row]):
    """Rows by id, in the order in which they came. Ids are never used again."""

    _last = 0

    def put(self, row: Row) -> str:
        self._last += 1
        id = f"*{self._last:X}"
        self[id] = row
        return id

    def named(self, name: str) -> Row | None:
        """The first row of this name."""
        return next((row for row in self.values() if row["name"] == name), None)

    def chosen(self, words: Row) -> list[str]:
        """The ids that a command is about: ids or names, with commas between them. Raises Trap for one unknown."""
        wanted = words.get(".id") or words.get("numbers", "")
        names = {row["name"]: id for id, row in self.items()}
        ids = [one if one in self else names.get(one, "") for one in wanted.split(",")]
        if not all(ids):
            raise Trap("no such item")
        return ids

    def show(self, words: Row, queries: list[str]) -> list[Row]:
        """`print`: what is empty is left out."""
        shown = words[".proplist"].split(",") if words.get(".proplist") else None
        rows = ({".id": id, **row} for id, row in self.items())
        return [
            {name: row[name] for name in shown or row if row.get(name)}
            for row in rows
            if matches(row, queries)
        ]


def fresh_profiles() -> Table:
    profiles = Table()
    for name in ("default", "default-encryption", "SUSPENDED"):
        profiles.put({"name": name})
    return profiles


def matches(row: Row, queries: list[str]) -> bool:
    """The query words of the API: each puts a truth on a stack, `?#` combines them, all that is left must hold."""
    stack: list[bool] = []
    for query in queries:
        if query.startswith("?#"):
            _combine(stack, query[2:])
        else:
            stack.append(_holds(row, query[1:]))
    return all(stack)


def _holds(row: Row, query: str) -> bool:
    name, equals, value = query.removeprefix("=").partition("=")
    if not equals:
        return name.removeprefix("-") in row if name[0] != "-" else name[1:] not in row
    if name[0] in "<>":
        mine = row.get(name[1:], "")
        return mine < value if name[0] == "<" else mine > value
    return row.get(name, "") == value


def _combine(stack: list[bool], operators: str) -> None:
    for operator in operators:
        if operator == "!":
            stack.append(not stack.pop())
        else:
            one, other = stack.pop(), stack.pop()
            stack.append(one and other if operator == "&" else one or other)


def checked_secret(words: Row, profiles: Table) -> Row:
    """The properties in a command about a secret, as they are kept. Raises Trap as a router does."""
    row = {name: value for name, value in words.items() if name not in (".id", "numbers")}
    if unknown := sorted(row.keys() - PROPERTIES):
        raise Trap(f"unknown parameter {unknown[0]}")
    if "disabled" in row:
        row["disabled"] = _boolean(row["disabled"])
    if "profile" in row and profiles.named(row["profile"]) is None:
        raise Trap("input does not match any value of profile")
    if "remote-address" in row:
        _address(row["remote-address"])
    return row


def _boolean(value: str) -> str:
    if value not in BOOLEANS:
        raise Trap("invalid value of disabled, must be either 'yes' or 'no'")
    return BOOLEANS[value]


def _address(value: str) -> None:
    try:
        IPv4Address(value)
    except AddressValueError:
        raise Trap("invalid value for argument remote-address") from None
