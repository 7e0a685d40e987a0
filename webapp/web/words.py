"""What the activity log speaks of, in the reader's language: actions, things, fields, doors, values."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from webapp.accounts.models import Role
from webapp.kit import money
from webapp.web import localize

Words = Mapping[str, LazyString | str]

ACTIONS: Words = {
    "create": _("created"),
    "update": _("changed"),
    "adopt": _("adopted"),
    "delete": _("deleted"),
    "sign_in": _("signed in"),
    "sign_in_failed": _("sign-in failed"),
    "session_revoked": _("ended a session"),
    "sessions_revoked": _("ended all sessions"),
    "refresh_token_reused": _("spent refresh token came again"),
    "recovery_codes_made": _("made recovery codes"),
    "recovery_code_used": _("used a recovery code"),
    "reveal": _("looked at the key"),
    "recount": _("asked for a recount"),
    "request": _("asked for a report"),
    "cancel": _("cancelled"),
    "run": _("started"),
    "failed": _("failed"),
    "download": _("downloaded"),
    "import": _("imported"),
    "undo": _("undid"),
    "issue": _("issued"),
    "replay": _("sent again"),
    "secret_rotated": _("encrypted stored secrets anew"),
}
THINGS: Words = {
    "users": _("Account"),
    "sessions": _("Session"),
    "api_keys": _("API key"),
    "settings": _("Setting"),
    "locations": _("Location"),
    "gates": _("Gate"),
    "tariffs": _("Tariff"),
    "categories": _("Category"),
    "shifts": _("Shift"),
    "recounts": _("Recount"),
    "stations": _("Station"),
    "report_tasks": _("Report"),
    "report_schedules": _("Report schedule"),
    "markers": _("Marker"),
    "brands": _("Brand"),
    "packages": _("Package"),
    "customers": _("Customer"),
    "customer_notes": _("Customer note"),
    "subscriptions": _("Subscription"),
    "technical_data": _("Line"),
    "routers": _("Router"),
    "webhook_endpoints": _("Webhook"),
    "billing_runs": _("Monthly run"),
    "invoices": _("Invoice"),
    "credit_notes": _("Credit note"),
    "payments": _("Payment"),
    "dunning_rules": _("Reminder rule"),
    "message_templates": _("Message template"),
    "payment_promises": _("Promise to pay"),
    "secrets": _("Stored secrets"),
}
DOORS: Words = {
    "web": _("Browser"),
    "retribusi": _("Gate API"),
    "ftth": _("Billing API"),
    "datalane": _("Report API"),
    "scheduler": _("Service API"),
    "bamboo": _("Marker API"),
    "job": _("Background job"),
    "command": _("Command line"),
    "system": _("System"),
}
FIELDS: Words = {
    "public_id": _("Public id"),
    "username": _("User name"),
    "email": _("E-mail"),
    "name": _("Name"),
    "password_hash": _("Password"),
    "role_level": _("Role"),
    "role": _("Role"),
    "is_active": _("Active"),
    "language": _("Language"),
    "theme": _("Theme"),
    "totp_secret": _("Secret of the second factor"),
    "totp_enabled_at": _("Second factor since"),
    "totp_last_step": _("Last code"),
    "deleted_at": _("Deleted"),
    "key": _("Key"),
    "value": _("Value"),
    "key_hash": _("Digest of the key"),
    "encrypted_key": _("Key, encrypted"),
    "hint": _("Key"),
    "scope": _("Scope"),
    "gate_id": _("Gate"),
    "location_id": _("Location"),
    "category_id": _("Category"),
    "expires_at": _("Expires"),
    "created_by_id": _("Created by"),
    "replaces_id": _("Replaces"),
    "code": _("Code"),
    "type": _("Type"),
    "direction": _("Direction"),
    "short_code": _("Code"),
    "strain": _("Strain"),
    "quantity": _("Quantity"),
    "description": _("Description"),
    "photo": _("Photo"),
    "owner_name": _("Owner"),
    "owner_contact": _("Owner's contact"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "name_id": _("Name in Indonesian"),
    "name_en": _("Name in English"),
    "position": _("Position"),
    "price": _("Price"),
    "effective_from": _("Holds from"),
    "starts_at": _("From"),
    "ends_at": _("Until"),
    "expected_count": _("Events"),
    "expected_amount": _("Expected"),
    "counted_amount": _("Counted"),
    "note": _("Note"),
    "closed_by_id": _("Cashier"),
    "closed_at": _("Closed"),
    "signed_off_by_id": _("Signed off by"),
    "signed_off_at": _("Signed off"),
    "count": _("Count"),
    "wrong": _("What was wrong"),
    "reason": _("Reason"),
    "cron": _("When"),
    "timezone": _("Time zone"),
    "payload": _("What"),
    "email_on": _("E-mail when"),
    "phone": _("Phone"),
    "national_id": _("KTP number"),
    "address": _("Address"),
    "address_2": _("Address, second line"),
    "block": _("Block"),
    "unit": _("Unit"),
    "installed_on": _("Installed on"),
    "brand_code": _("Brand"),
    "status": _("Status"),
    "no_messages": _("No reminders"),
    "never_suspend": _("Never suspended"),
    "import_id": _("Import"),
    "tax_percent": _("Tax, %"),
    "gateway_key": _("Gateway account"),
    "invoice_pattern": _("Invoice number"),
    "bank_account": _("Bank account"),
    "logo": _("Logo"),
    "grace_days": _("Days of grace"),
    "speed_mbps": _("Speed, Mbps"),
    "profile": _("Router profile"),
    "customer_id": _("Customer"),
    "package_id": _("Package"),
    "started_on": _("Started on"),
    "ended_on": _("Ended on"),
    "due_day": _("Due day"),
    "payment_method": _("Billing"),
    "suspended_by": _("Suspended by"),
    "suspended_at": _("Suspended"),
    "router_id": _("Router"),
    "pppoe_name": _("PPPoE name"),
    "pppoe_password": _("PPPoE password"),
    "ip_address": _("IP address"),
    "vlan": _("VLAN"),
    "ont_serial": _("ONT serial number"),
    "odp_port": _("ODP port"),
    "olt_port": _("OLT port"),
    "sync_exempt": _("Left alone on the router"),
    "host": _("Host"),
    "port": _("Port"),
    "use_tls": _("TLS"),
    "fingerprint": _("Fingerprint"),
    "password": _("Password"),
    "pools": _("Address pools"),
    "author": _("Author"),
    "body": _("Text"),
    "url": _("URL"),
    "kinds": _("Kinds"),
    "secret": _("Secret"),
    "previous_secret": _("Previous secret"),
    "previous_until": _("Previous secret until"),
    "disabled_reason": _("Switched off because"),
    "number": _("Number"),
    "subscription_id": _("Subscription"),
    "run_id": _("Run"),
    "period": _("Period"),
    "issued_on": _("Issued on"),
    "due_on": _("Due on"),
    "subtotal": _("Subtotal"),
    "tax": _("Tax"),
    "total": _("Total"),
    "paid": _("Paid"),
    "credited": _("Credited"),
    "paid_at": _("Paid"),
    "invoice_id": _("Invoice"),
    "amount": _("Amount"),
    "method": _("Method"),
    "reference": _("Reference"),
    "received_at": _("Received"),
    "received_on": _("Received on"),
    "reversed_at": _("Reversed"),
    "reversal_reason": _("Reversed because"),
    "created_by": _("Created by"),
    "offset_days": _("Days after the due date"),
    "channel": _("Channel"),
    "template": _("Template"),
    "subject": _("Subject"),
    "until": _("Until"),
}
_RUPIAH = {
    "price",
    "expected_amount",
    "counted_amount",
    "subtotal",
    "tax",
    "total",
    "paid",
    "credited",
    "amount",
}
_UNIX = {"effective_from", "starts_at", "ends_at"}


def word(words: Words, name: str) -> str:
    """The name in words; one that is not known here yet is legible all the same."""
    return str(words.get(name) or name.replace("_", " "))


def spoken(field: str, value: Any) -> str:
    """A value of the log for people."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if field in ("role_level", "role"):
        return _role(value)
    shown = _shown_as(field)
    if shown is not None and isinstance(value, int):
        return shown(value)
    return _moment(value) if field.endswith("_at") and isinstance(value, str) else str(value)


def _shown_as(field: str) -> Callable[[int], str] | None:
    if field in _RUPIAH:
        return money.rupiah
    return localize.moment if field in _UNIX else None


def _role(value: Any) -> str:
    known = {role.value: role for role in Role} | {role.word: role for role in Role}
    return localize.role_name(known[value]) if value in known else str(value)


def _moment(text: str) -> str:
    try:
        return localize.moment(datetime.fromisoformat(text))
    except ValueError:
        return text


def choices(words: Words) -> list[tuple[str, str]]:
    """For a filter, by what they are called."""
    return sorted(((name, str(text)) for name, text in words.items()), key=lambda pair: pair[1].lower())
