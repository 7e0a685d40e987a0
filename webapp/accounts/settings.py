"""Settings that an admin changes while the product runs: typed, checked, each with a default and a description.

Keys, defaults and descriptions of the first ten are contract 3's (section D); values are text there, and so here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from webapp.accounts.models import Role, Setting
from webapp.database import lock, peek
from webapp.errors import Invalid, NotFound
from webapp.extensions import db

PLACEHOLDERS = ("branch_id", "date", "gate_id", "station_id", "time")
PAGE_SIZES = ("A4", "A3", "A5", "Letter")
FLAGS = ("true", "false")
ROLES_OR_NONE = ("none", *(role.word for role in Role))
LOGO = (
    "company_logo"  # kept with the settings; a file is sent for it, so it is not among those that people type
)


@dataclass(frozen=True)
class Spec:
    """What is known of a setting. `check` returns the value in its one spelling or raises ValueError.

    `choices` are all there is to choose from, for those that are a choice; `limits` of those that are a number;
    those that are `optional` may be empty.
    """

    key: str
    default: str
    description: str
    check: Callable[[str], str]
    choices: tuple[str, ...] = ()
    limits: tuple[int, int] | None = None
    optional: bool = False


def _text(longest: int, least: int = 1) -> Callable[[str], str]:
    def check(value: str) -> str:
        value = value.strip()
        if len(value) < least or len(value) > longest or not value.isprintable():
            raise ValueError(f"Must be {least} to {longest} printable characters")
        return value

    return check


def _number(key: str, default: str, description: str, least: int, most: int) -> Spec:
    def check(value: str) -> str:
        if not re.fullmatch(r"[0-9]{1,9}", value.strip()) or not least <= int(value) <= most:
            raise ValueError(f"Must be a whole number from {least} to {most}")
        return str(int(value))

    return Spec(key, default, description, check, limits=(least, most))


def _choice(key: str, default: str, description: str, choices: tuple[str, ...]) -> Spec:
    def check(value: str) -> str:
        for choice in choices:
            if value.strip().lower() == choice.lower():
                return choice
        raise ValueError("Must be one of: " + ", ".join(choices))

    return Spec(key, default, description, check, choices)


def _branch_id(value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,10}", value.strip()):
        raise ValueError("Must be 1 to 10 digits")
    return value.strip()


def _filename_format(value: str) -> str:
    """Known placeholders between characters that no file system and no header minds."""
    bare = re.sub("{(" + "|".join(PLACEHOLDERS) + ")}", "x", value.strip())
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,99}", bare):
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise ValueError(f"Must be letters, digits, spaces, _ . - and {known}")
    return value.strip()


def _path_format(value: str) -> str:
    """A relative path of known placeholders, with the day in it; it leads down, never up, and names one file."""
    bare = re.sub("{(DD|MM|YYYY|YY|station_id)}", "x", value.strip())
    parts = bare.split("/")
    if len(bare) > 150 or not all(re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9 _.-]*", part) for part in parts):
        raise ValueError(
            "Must be a relative path of letters, digits, _ . - and {DD} {MM} {YYYY} {YY} {station_id}"
        )
    if not all(word in value for word in ("{DD}", "{MM}")) or "{YY" not in value:
        raise ValueError("Must have {DD}, {MM} and {YYYY} (or {YY}): there is one file a day")
    if not parts[-1].lower().endswith((".mdb", ".accdb", ".csv")):
        raise ValueError("Must end in .mdb, .accdb or .csv")
    return value.strip()


_SPECS = (
    Spec("branch_id", "001", "Default Branch ID", _branch_id),
    Spec("branch_name", "BALMERA", "Branch Name", _text(100)),
    Spec("management_company", "PT Jasa Marga", "Company Name", _text(100)),
    _choice("page_size", "A4", "PDF Page Size", PAGE_SIZES),
    Spec("output_filename_format", "{branch_id}_{date}", "Output Filename Template", _filename_format),
    _number("time_overlap", "0", "Time overlap in minutes", 0, 1439),
    _number("max_output_age_days", "7", "Auto-delete files older than N days", 1, 3650),
    _number("max_concurrent_sessions", "5", "Max admin sessions", 1, 1000),
    _number("queue_concurrency", "1", "Parallel queue workers", 1, 16),
    _choice("enable_hmac", "true", "Enable/Disable HMAC signature globally", FLAGS),
    _choice("allow_registration", "true", "Let people register themselves as members", FLAGS),
    _choice(
        "require_second_factor", "none", "Lowest role that must sign in with a second factor", ROLES_OR_NONE
    ),
    Spec(
        "datasource_path_format",
        "{MM}-{YYYY}/{station_id}/{DD}{MM}{YYYY}.mdb",
        "Path of the file of a day",
        _path_format,
    ),
    _number(
        "invoice_days_before_due", "5", "Days before the due date that the month's invoice is made", 0, 27
    ),
    _number("grace_days", "7", "Days after the due date until an unpaid service is suspended", 0, 90),
    _choice("bill_suspended_time", "true", "Bill the days on which a service was suspended", FLAGS),
    _choice("maintenance_mode", "false", "Refuse every write but events of devices", FLAGS),
    Spec("maintenance_message", "", "What people are told during maintenance", _text(100, 0), optional=True),
)
SPECS = {spec.key: spec for spec in _SPECS}


def everything() -> dict[str, str]:
    """Every setting's value, in the contract's order."""
    stored = {row.key: row.value for row in db.session.scalars(db.select(Setting))}
    return {key: stored.get(key, spec.default) for key, spec in SPECS.items()}


def text(key: str) -> str:
    row = db.session.get(Setting, key)
    return row.value if row is not None else SPECS[key].default


def number(key: str) -> int:
    return int(text(key))


def is_on(key: str) -> bool:
    return text(key) == "true"


def least_role(key: str) -> Role | None:
    """The role a setting names, None for `none`. Every page asks, also one that is yet to hash a password: a peek."""
    row = peek("SELECT value FROM settings WHERE key = ?", key)
    word = row[0] if row else SPECS[key].default
    return None if word == "none" else Role[word.upper()]


def reset(key: str) -> None:
    """Back to the default, whatever that is now and will be later. Raises NotFound for an unknown key."""
    if key not in SPECS:
        raise NotFound("Setting not found")
    lock("settings")
    row = db.session.get(Setting, key)
    if row is not None:
        db.session.delete(row)
        db.session.flush()


def file_name(format: str, values: Mapping[str, str]) -> str:
    """What an `output_filename_format` comes to; `values` has a text for each of PLACEHOLDERS.

    Raises ValueError for a format that may not be stored.
    """
    return _filename_format(format).format_map(values)


def change(key: str, value: str) -> str:
    """Store a value and return it as stored. Raises NotFound for an unknown key, Invalid for an unfit value."""
    spec = SPECS.get(key)
    if spec is None:
        raise NotFound("Setting not found")
    try:
        value = spec.check(value)
    except ValueError as error:
        raise Invalid({"value": str(error)}) from None
    _store(key, value)
    return value


def logo() -> str:
    """The name under which the company's logo is stored; empty without one."""
    row = db.session.get(Setting, LOGO)
    return row.value if row is not None else ""


def change_logo(name: str) -> None:
    """Remember where the company's logo is stored; an empty name means that it has none."""
    _store(LOGO, name)


def _store(key: str, value: str) -> None:
    lock("settings")  # two who set the same one for the first time
    row = db.session.get(Setting, key)
    if row is None:
        db.session.add(Setting(key=key, value=value))
    else:
        row.value = value
    db.session.flush()
