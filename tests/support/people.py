"""Sessions and second factors for tests, without a browser having to do it all."""

import time
import uuid
from datetime import timedelta

import pyotp
from flask import Flask

from webapp.accounts import sessions, settings
from webapp.accounts.models import User
from webapp.accounts.queries import visit
from webapp.accounts.sessions import Caller
from webapp.database import transaction
from webapp.extensions import db
from webapp.kit import clock

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def open_session(
    app: Flask, user_id: int, surface: str = "retribusi", address: str = "10.0.0.9", agent: str = "curl/8.5.0"
) -> uuid.UUID:
    """Somebody signs in somewhere."""
    with app.app_context(), transaction():
        user = db.session.get_one(User, user_id)
        return sessions.open_session(user, Caller(surface, address, agent), timedelta(hours=1)).id


def is_live(app: Flask, session_id: uuid.UUID) -> bool:
    with app.app_context():
        return visit(session_id) is not None


def stored(app: Flask, user_id: int) -> User:
    with app.app_context():
        return db.session.get_one(User, user_id)


def id_of(app: Flask, username: str) -> int:
    with app.app_context():
        return db.session.scalars(db.select(User.id).where(User.username == username)).one()


def with_second_factor(app: Flask, user_id: int) -> None:
    """The account has one whose secret is SECRET; none of its codes has been used."""
    with app.app_context(), transaction():
        user = db.session.get_one(User, user_id)
        user.totp_secret, user.totp_enabled_at, user.totp_last_step = SECRET, clock.now(), None


def code(secret: str = SECRET, steps: int = 0) -> str:
    """What the app shows now, or `steps` later."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * steps)


def demand_second_factor(app: Flask, role: str) -> None:
    with app.app_context(), transaction():
        settings.change("require_second_factor", role)
