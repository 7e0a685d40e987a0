"""The left menu. Each page that belongs there is one line here."""

from dataclasses import dataclass

from flask import request
from flask_babel import lazy_gettext as _

from webapp.accounts.models import Role
from webapp.identity import signed_in


@dataclass(frozen=True)
class Entry:
    """A link for accounts of at least `role`; it is lit on every page whose endpoint begins with this one's."""

    label: str
    endpoint: str
    icon: str  # a name of templates/macros/icon.html
    role: Role = Role.VIEWER

    @property
    def is_current(self) -> bool:
        current = request.endpoint or ""
        return current == self.endpoint or current.startswith(f"{self.endpoint}_")


@dataclass(frozen=True)
class Section:
    """Entries under a heading; the heading shows only with one of them."""

    title: str
    entries: tuple[Entry, ...]


SECTIONS = (
    Section(
        "",
        (
            Entry(_("Dashboard"), "web.dashboard", "dashboard"),
            Entry(_("Events"), "web.events", "events"),
            Entry(_("Shifts"), "web.shifts", "shift"),
        ),
    ),
    Section(
        _("Set up"),
        (
            Entry(_("Locations"), "web.locations", "location"),
            Entry(_("Gates"), "web.gates", "gate"),
            Entry(_("Tariffs"), "web.tariffs", "tariff"),
            Entry(_("Recounts"), "web.recounts", "recount"),
        ),
    ),
    Section(
        _("Reports"),
        (
            Entry(_("Reports"), "web.reports", "report"),
            Entry(_("Revenue"), "web.revenue", "chart"),
            Entry(_("Schedules"), "web.schedules", "schedule"),
            Entry(_("Stations"), "web.stations", "station"),
        ),
    ),
    Section(
        _("Internet"),
        (
            Entry(_("Customers"), "web.customers", "users"),
            Entry(_("Imports"), "web.imports", "upload", Role.OPERATOR),
            Entry(_("Packages"), "web.packages", "tariff"),
            Entry(_("Brands"), "web.brands", "station"),
            Entry(_("Routers"), "web.routers", "router"),
            Entry(_("ODP ports"), "web.odps", "odp"),
        ),
    ),
    Section(
        _("Billing"),
        (
            Entry(_("Overview"), "web.billing", "dashboard"),
            Entry(_("Invoices"), "web.invoices", "report"),
            Entry(_("Payments"), "web.payments", "shift"),
            Entry(_("Monthly run"), "web.runs", "run"),
            Entry(_("Dunning"), "web.dunning", "bell"),
            Entry(_("Callbacks"), "web.callbacks", "events", Role.OPERATOR),
            Entry(_("Reconciliation"), "web.reconciliation", "recount", Role.OPERATOR),
        ),
    ),
    Section(
        _("Field"),
        (
            Entry(_("Map"), "web.map", "map", Role.MEMBER),
            Entry(_("Markers"), "web.markers", "pin", Role.MEMBER),
            Entry(_("Field form"), "web.field", "offline", Role.MEMBER),
        ),
    ),
    Section(
        _("Administration"),
        (
            Entry(_("Users"), "web.users", "users", Role.ADMIN),
            Entry(_("Sessions"), "web.sessions", "screen", Role.ADMIN),
            Entry(_("API keys"), "web.apikeys", "key", Role.ADMIN),
            Entry(_("Webhooks"), "web.webhooks", "link", Role.ADMIN),
            Entry(_("Settings"), "web.settings", "settings", Role.ADMIN),
            Entry(_("Activity"), "web.activity", "history", Role.ADMIN),
        ),
    ),
)


def sections() -> list[Section]:
    """What the visitor may see."""
    visitor = signed_in()
    role = visitor.role if visitor else 0
    allowed = (
        Section(section.title, tuple(entry for entry in section.entries if role >= entry.role))
        for section in SECTIONS
    )
    return [section for section in allowed if section.entries]
