"""Signing in while the account changes."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import bcrypt
import pytest
from flask import Flask

from tests.support.factories import PASSWORD, Make
from webapp.accounts import sessions
from webapp.accounts.models import Role, User
from webapp.accounts.sessions import Caller
from webapp.database import transaction
from webapp.errors import InvalidCredentials
from webapp.extensions import db

SLOW = 14  # of bcrypt: comparing takes a second, time enough for somebody to change the password


def test_a_password_that_is_replaced_while_it_is_checked_no_longer_lets_in(app: Flask, make: Make) -> None:
    siti = make.user("siti", Role.VIEWER)

    def keep(digest: bytes) -> None:
        with app.app_context(), transaction():
            db.session.get_one(User, siti).password_hash = digest.decode()

    def sign_in() -> None:
        with app.app_context(), transaction():
            sessions.sign_in("siti", PASSWORD, Caller("web"), timedelta(hours=1))

    keep(bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(SLOW)))
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(sign_in)
        time.sleep(0.2)
        keep(bcrypt.hashpw(b"another horse", bcrypt.gensalt(4)))
        assert not late.done()
        with pytest.raises(InvalidCredentials):
            late.result()
