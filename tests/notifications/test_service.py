"""Who is told what, and that a rollback tells nobody."""

from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.support.factories import Make
from webapp.accounts.models import Role
from webapp.database import transaction
from webapp.extensions import db
from webapp.kit import clock
from webapp.notifications import jobs
from webapp.notifications.models import Notification, Receipt
from webapp.notifications.service import CHANNEL, notify


def told(app: Flask) -> set[int]:
    with app.app_context():
        return set(db.session.scalars(select(Receipt.user_id)))


def tell(app: Flask, role: Role = Role.VIEWER) -> None:
    with app.app_context(), transaction():
        notify("new_invoice", "Invoice baru telah dibuat", {"invoice_id": 789}, role=role)


def test_everybody_of_at_least_the_role_who_is_active_then_is_told(app: Flask, make: Make) -> None:
    make.user("member", Role.MEMBER)
    make.user("viewer", Role.VIEWER)
    make.user("gone", Role.ADMIN, active=False)
    people = {make.user("operator", Role.OPERATOR), make.user("admin", Role.ADMIN)}
    tell(app, Role.OPERATOR)
    make.user("newcomer", Role.ADMIN)
    assert told(app) == people


def test_a_rollback_tells_nobody_and_that_of_a_savepoint_only_forgets_what_was_said_in_it(
    app: Flask, make: Make
) -> None:
    make.user("viewer", Role.VIEWER)
    with app.app_context():
        with suppress(RuntimeError), transaction():
            notify("system", "never", {})
            raise RuntimeError
        with transaction():
            notify("system", "kept", {})
            with suppress(RuntimeError), db.session.begin_nested():
                notify("system", "forgotten", {})
                raise RuntimeError
        assert db.session.scalars(select(Notification.message)).all() == ["kept"]


def test_every_process_is_told_to_look_after_the_commit(app: Flask) -> None:
    ear = app.extensions["redis"].pubsub(ignore_subscribe_messages=True)
    ear.subscribe(CHANNEL)
    ear.get_message(timeout=1)
    tell(app)
    assert ear.get_message(timeout=5)["channel"] == CHANNEL.encode()
    ear.close()


def test_a_kind_that_nobody_knows_is_a_fault_of_the_program(app: Flask) -> None:
    with app.app_context(), pytest.raises(ValueError, match="gossip"):
        notify("gossip", "", {})


def test_what_is_older_than_ninety_days_is_forgotten(app: Flask, make: Make) -> None:
    make.user("viewer", Role.VIEWER)
    tell(app)
    tell(app)
    with app.app_context(), transaction():
        oldest = db.session.scalars(select(Notification).order_by(Notification.id)).first()
        assert oldest is not None
        oldest.created_at = clock.now() - timedelta(days=91)
    with app.app_context():
        jobs.sweep_notifications()
        assert db.session.scalar(select(func.count()).select_from(Notification)) == 1
        assert db.session.scalar(select(func.count()).select_from(Receipt)) == 1
