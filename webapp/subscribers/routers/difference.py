"""What has to change on a router: pure, from what is wanted and what is there.

A secret is ours when its comment begins with `gerbang:<line>`; what others wrote behind that stays. All others are
never changed or removed: neither those without the mark, nor those whose mark names a line that nobody here knows (of
another installation, say).
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Literal

from webapp.subscribers.routers import records
from webapp.subscribers.routers.records import Secret, Write

HIDDEN = "••••••••"
_MARK = re.compile(r"gerbang:(\d{1,10})(?= |$)")


@dataclass(frozen=True)
class Wanted:
    """What one router should have for a line: `secret`, or None for nothing. An `exempt` line is left as it is.

    `name` is the line's, whether it should be there or not; `is_here`: it ends at this router; the last three are of
    its LineSync when this was read.
    """

    line_id: int
    name: str
    secret: Secret | None
    customer_id: int = 0
    customer: str = ""
    is_here: bool = True
    exempt: bool = False
    pending: bool = False
    wanted_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True)
class Step:
    """One change for a line: `before` None adds, `after` None removes."""

    line_id: int
    before: Secret | None
    after: Secret | None

    @property
    def kind(self) -> Literal["add", "change", "remove"]:
        if self.before is None:
            return "add"
        return "remove" if self.after is None else "change"

    @property
    def write(self) -> Write:
        """For RouterClient.apply."""
        if self.after is None:
            return records.remove(self.before.id if self.before else "")
        return records.add(self.after) if self.before is None else records.change(self.before, self.after)

    @property
    def changes(self) -> dict[str, tuple[str, str]]:
        """What a change changes, for people: from what to what; of a password only that it does."""
        if self.before is None or self.after is None:
            return {}
        was, will = asdict(self.before), asdict(self.after)
        differing = {name: (_shown(was[name]), _shown(will[name])) for name in was if was[name] != will[name]}
        return differing | ({"password": (HIDDEN, HIDDEN)} if "password" in differing else {})

    @property
    def name(self) -> str:
        """The secret's, as it is there or will be."""
        secret = self.before or self.after
        return secret.name if secret else ""

    @property
    def puts_offline(self) -> str:
        """Whose session has to end with it, if anybody's: off means off at once."""
        after = self.after
        if self.before is not None and after is None:
            return self.before.name
        return after.name if after is not None and after.disabled else ""


@dataclass(frozen=True)
class Clash:
    """A line's name is taken by a secret that is not ours."""

    line_id: int
    secret: Secret


@dataclass(frozen=True)
class Difference:
    """`steps` in the order in which they can be made; `strangers` have the mark of a line that is not known here."""

    steps: tuple[Step, ...] = ()
    clashes: tuple[Clash, ...] = ()
    strangers: tuple[Secret, ...] = ()


def mark(line_id: int) -> str:
    return f"gerbang:{line_id}"


def marked(secret: Secret) -> int | None:
    """The line that a secret says it is of."""
    found = _MARK.match(secret.comment)
    return int(found[1]) if found else None


def difference(
    wanted: Iterable[Wanted], there: Collection[Secret], adopt: Collection[int] = frozenset()
) -> Difference:
    """How to get from what is `there` to what is `wanted`. Lines in `adopt` take over the secret of their name.

    A renamed secret is removed and added, all removals first, so that two may swap their names.
    """
    lines = {line.line_id: line for line in wanted}
    mine = _by_line(there)
    removals = [
        Step(line_id, secret, None)
        for line_id, secrets in mine.items()
        if line_id in lines and not lines[line_id].exempt
        for secret in secrets
        if secret is not _kept(lines[line_id], secrets)
    ]
    going = {step.before.id for step in removals if step.before}
    taken = {secret.name: secret for secret in there if secret.id not in going}
    found = [
        _for_line(line, line.secret, mine.get(line.line_id, []), taken, adopt)
        for line in lines.values()
        if line.secret is not None and not line.exempt
    ]
    changes = [one for one in found if isinstance(one, Step)]
    return Difference(
        steps=(*removals, *sorted(changes, key=lambda step: step.kind == "add")),
        clashes=tuple(one for one in found if isinstance(one, Clash)),
        strangers=tuple(chain.from_iterable(mine[line_id] for line_id in mine if line_id not in lines)),
    )


def _by_line(there: Collection[Secret]) -> Mapping[int, list[Secret]]:
    mine: dict[int, list[Secret]] = defaultdict(list)
    for secret in there:
        line_id = marked(secret)
        if line_id is not None:
            mine[line_id].append(secret)
    return mine


def _kept(line: Wanted, secrets: list[Secret]) -> Secret | None:
    """The one of the line's secrets that can stay: it has the right name already."""
    if line.secret is None:
        return None
    return next((secret for secret in secrets if secret.name == line.secret.name), None)


def _for_line(
    line: Wanted, secret: Secret, mine: list[Secret], taken: Mapping[str, Secret], adopt: Collection[int]
) -> Step | Clash | None:
    holder = taken.get(secret.name)
    if holder is None:
        return Step(
            line.line_id, None, replace(secret, comment=_noted(line, mine[0].comment if mine else ""))
        )
    if marked(holder) != line.line_id and line.line_id not in adopt:
        return Clash(line.line_id, holder)
    after = replace(secret, comment=_noted(line, holder.comment), id=holder.id)
    return Step(line.line_id, holder, after) if after != holder else None


def _noted(line: Wanted, comment: str) -> str:
    """Our mark, with what others wrote into the comment behind it."""
    return f"{mark(line.line_id)} {_MARK.sub('', comment, count=1).strip()}".rstrip()


def _shown(value: str | bool) -> str:
    """As routers say it."""
    return value if isinstance(value, str) else "yes" if value else "no"
