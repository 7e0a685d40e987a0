"""Settings: what each is, its default, who changed it last; saved together, but only those that were touched."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from webapp import config
from webapp.accounts import settings as stored
from webapp.accounts.models import Role
from webapp.accounts.settings import SPECS, Spec
from webapp.activity import queries
from webapp.errors import Invalid, NotFound
from webapp.extensions import db
from webapp.identity import ADMIN
from webapp.kit import clock
from webapp.web import web
from webapp.web.localize import role_name

WAS = "was-"  # before a field's name: the value that its reader was shown
EXAMPLE_IDS = {"branch_id": "001", "gate_id": "01", "station_id": "02"}


@dataclass(frozen=True)
class Group:
    """Settings that belong together: key → its description, as the contract has it, and a hint."""

    title: LazyString
    lines: Mapping[str, tuple[LazyString, LazyString | str]]


GROUPS = (
    Group(
        lazy_gettext("Reports"),
        {
            "branch_id": (lazy_gettext("Default Branch ID"), ""),
            "branch_name": (lazy_gettext("Branch Name"), ""),
            "management_company": (
                lazy_gettext("Company Name"),
                lazy_gettext("Printed at the head of reports and of shift receipts."),
            ),
            "page_size": (lazy_gettext("PDF Page Size"), ""),
            "output_filename_format": (lazy_gettext("Output Filename Template"), ""),
            "datasource_path_format": (
                lazy_gettext("Path of the file of a day"),
                lazy_gettext("Below the folder of a report: {MM}-{YYYY}/{station_id}/{DD}{MM}{YYYY}.mdb."),
            ),
            "time_overlap": (
                lazy_gettext("Time overlap in minutes"),
                lazy_gettext(
                    "How long after midnight a business day begins: a report of a day covers 24 hours from then."
                ),
            ),
            "max_output_age_days": (lazy_gettext("Auto-delete files older than N days"), ""),
            "queue_concurrency": (
                lazy_gettext("Parallel queue workers"),
                lazy_gettext("How many reports are made at once."),
            ),
        },
    ),
    Group(
        lazy_gettext("Sign-in and sessions"),
        {
            "max_concurrent_sessions": (
                lazy_gettext("Max admin sessions"),
                lazy_gettext("Through the report API; one more sign-in is refused until a session ends."),
            ),
            "require_second_factor": (
                lazy_gettext("Lowest role that must sign in with a second factor"),
                lazy_gettext("Who has none yet sets it up at the next sign-in with the browser."),
            ),
            "allow_registration": (
                lazy_gettext("Let people register themselves as members"),
                lazy_gettext("Existing members can sign in either way."),
            ),
        },
    ),
    Group(
        lazy_gettext("Maintenance"),
        {
            "maintenance_mode": (
                lazy_gettext("Refuse every write but events of devices"),
                lazy_gettext(
                    "Pages and figures stay to be read. You can still sign in and switch it off here."
                ),
            ),
            "maintenance_message": (
                lazy_gettext("What people are told during maintenance"),
                lazy_gettext("Shown on every page while it is on; may be empty."),
            ),
        },
    ),
    Group(
        lazy_gettext("Billing"),
        {
            "invoice_days_before_due": (
                lazy_gettext("Days before the due date that the month's invoice is made"),
                "",
            ),
            "grace_days": (
                lazy_gettext("Days after the due date until an unpaid service is suspended"),
                lazy_gettext("A brand may have its own."),
            ),
            "bill_suspended_time": (
                lazy_gettext("Bill the days on which a service was suspended"),
                lazy_gettext("Counts when the month's invoice is made: what was issued is never changed."),
            ),
        },
    ),
    Group(
        lazy_gettext("Partners"),
        {
            "enable_hmac": (
                lazy_gettext("Enable/Disable HMAC signature globally"),
                lazy_gettext(
                    "Off: requests to the report API need no X-Signature, and whoever gets hold of a key can use it."
                ),
            ),
        },
    ),
)


@web.page("/settings", policy=ADMIN)
def settings() -> str:
    return _page(stored.everything(), {})


@web.page("/settings", policy=ADMIN, methods=["POST"], always=True)
def settings_save() -> ResponseReturnValue:
    """Changes what the reader has changed: what somebody else saved meanwhile in another field stays."""
    if key := request.form.get("default"):
        return _back_to_default(key)
    typed = {key: request.form[key] for key in SPECS if key in request.form}
    touched = {key: value for key, value in typed.items() if value.strip() != request.form.get(WAS + key)}
    errors = _save(touched)
    if errors:
        return _page(stored.everything() | typed, errors), 422
    flash(_("Saved.") if touched else _("Nothing was changed."), "success" if touched else "info")
    return redirect(url_for("web.settings"), 303)


def _back_to_default(key: str) -> ResponseReturnValue:
    """At once; what was typed into the other fields is kept there, to be saved or not."""
    stored.reset(key)
    typed = {name: request.form[name] for name in SPECS if name in request.form and name != key}
    flash(_("%(setting)s is back to its default.", setting=_label(key)), "success")
    return _page(stored.everything() | typed, {})


def _save(touched: Mapping[str, str]) -> dict[str, str]:
    """All of them or none. Returns what is wrong, by key."""
    errors: dict[str, str] = {}
    savepoint = db.session.begin_nested()
    for key, value in touched.items():
        try:
            stored.change(key, value)
        except Invalid:
            errors[key] = _complaint(SPECS[key])
    savepoint.rollback() if errors else savepoint.commit()
    return errors


def _complaint(spec: Spec) -> str:
    """What the setting wants, in the reader's language."""
    if spec.limits:
        return _(
            "Write a whole number from %(least)s to %(most)s.", least=spec.limits[0], most=spec.limits[1]
        )
    if spec.choices:
        return _("Choose one of the list.")
    return {
        "branch_id": _("Write 1 to 10 digits."),
        "output_filename_format": _(
            "Use letters, digits, spaces, _ . - and the placeholders that are named."
        ),
        "datasource_path_format": _("Write a path with {DD}, {MM} and {YYYY} in it that ends in .mdb."),
        "maintenance_message": _("Write at most 100 characters."),
    }.get(spec.key, _("Write 1 to 100 characters."))


def _page(values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    """Fields that were typed in and not saved go on being compared with what their reader was shown first."""
    now = stored.everything()
    shown = {key: request.form.get(WAS + key, now[key]) for key in SPECS}
    context: dict[str, Any] = {
        "groups": GROUPS,
        "specs": SPECS,
        "values": values,
        "errors": errors,
        "was": shown | _just_reset(now),
        "changed": queries.last_changes("settings", list(SPECS)),
        "differs": {key for key, value in now.items() if value != SPECS[key].default},
        "placeholders": [f"{{{name}}}" for name in stored.PLACEHOLDERS],
    }
    return render_template("settings/index.html", **context, **_example(values["output_filename_format"]))


def _just_reset(now: Mapping[str, str]) -> dict[str, str]:
    key = request.form.get("default", "")
    return {key: now[key]} if key in now else {}


@web.page("/settings/example", policy=ADMIN)
def settings_example() -> ResponseReturnValue:
    """What files will be called, while the template is being typed."""
    format = request.args.get("output_filename_format", "")
    return render_template("settings/_example.html", **_example(format))


def _example(format: str) -> dict[str, str | None]:
    now = clock.now().astimezone(config.current().timezone)
    values = EXAMPLE_IDS | {"date": f"{now:%Y%m%d}", "time": f"{now:%H%M%S}"}
    try:
        return {"example": stored.file_name(format, values) + ".pdf"}
    except ValueError:
        return {"example": None}


@web.app_template_global()
def setting_choices(spec: Spec) -> list[tuple[str, str]]:
    words = {"true": _("On"), "false": _("Off"), "none": _("Nobody has to")}
    words |= {role.word: _("%(role)s and above", role=role_name(role)) for role in Role}
    words["admin"] = role_name(Role.ADMIN)
    return [(choice, words.get(choice, choice)) for choice in spec.choices]


def _label(key: str) -> str:
    if key not in SPECS:
        raise NotFound()
    return next(str(group.lines[key][0]) for group in GROUPS if key in group.lines)
