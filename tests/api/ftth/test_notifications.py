"""The caller's own notifications (contract 2, Notifications Endpoints)."""

import pytest
from flask import Flask

from tests.api.ftth.conftest import Person
from webapp.accounts.models import Role
from webapp.database import transaction
from webapp.notifications.service import notify

LIST = "/api/notifications/"
DATA = {"invoice_id": 789, "nomor_invoice": "INV-2024-001", "pelanggan_nama": "John Doe"}


def tell(app: Flask, *kinds: str, role: Role = Role.VIEWER) -> None:
    with app.app_context(), transaction():
        for kind in kinds:
            notify(kind, "Invoice baru telah dibuat", DATA, role=role)


def test_they_are_listed_newest_first_with_how_many_are_unread(app: Flask, person: Person) -> None:
    siti = person("siti", Role.VIEWER)
    tell(app, "new_invoice", "system", "new_invoice")
    tell(app, "system", role=Role.ADMIN)
    page = siti.call("GET", f"{LIST}?limit=2")
    assert (page["total_count"], page["skip"], page["limit"], page["unread_count"]) == (3, 0, 2, 3)
    assert [one["type"] for one in page["data"]] == ["new_invoice", "system"]
    [oldest] = siti.call("GET", f"{LIST}?skip=1&type=new_invoice")["data"]
    assert oldest["message"] == "Invoice baru telah dibuat"
    assert (oldest["data"], oldest["is_read"], oldest["read_at"]) == (DATA, False, None)
    assert oldest["timestamp"].endswith("Z")


def test_reading_is_each_accounts_own_and_another_s_is_not_found(app: Flask, person: Person) -> None:
    siti, budi, late = person("siti", Role.VIEWER), person("budi", Role.VIEWER), None
    tell(app, "new_invoice", "system")
    late = person("late", Role.ADMIN)
    newest = siti.call("GET", LIST)["data"][0]["id"]
    first = siti.call("PATCH", f"{LIST}{newest}/read")
    assert first["is_read"]
    assert siti.call("PATCH", f"{LIST}{newest}/read") == first
    assert siti.call("GET", f"{LIST}?unread_only=true")["total_count"] == 1
    assert budi.call("GET", LIST)["unread_count"] == 2
    late.call("PATCH", f"{LIST}{newest}/read", 404)
    assert budi.call("PATCH", f"{LIST}read") == {"updated": 2}
    assert budi.call("GET", LIST)["unread_count"] == 0
    assert siti.call("GET", LIST)["unread_count"] == 1


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "skip=-1", "type=gossip", "unread_only=perhaps"])
def test_odd_questions_are_refused(person: Person, query: str) -> None:
    person("siti", Role.VIEWER).call("GET", f"{LIST}?{query}", 422)
