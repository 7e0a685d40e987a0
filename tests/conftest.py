"""One application and one database for the whole run, emptied before each test; people and devices to call it."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_login import login_user
from flask_migrate import upgrade
from sqlalchemy import event, func

from tests.callers import Browser, Pair, Retribusi
from tests.support import services, tables, xendit
from tests.support.factories import PASSWORD_HASH, Make
from webapp import create_app
from webapp.accounts import passwords, sessions
from webapp.accounts.models import Role, User
from webapp.accounts.queries import visit_of
from webapp.accounts.sessions import Caller
from webapp.activity.models import Activity
from webapp.database import transaction
from webapp.extensions import db
from webapp.gates.catalogue import CHANGED
from webapp.gates.models import CatalogueVersion
from webapp.identity import SignedIn
from webapp.signin import access_token, issue_tokens, lifetimes

ROOT = Path(__file__).parent.parent
ENVIRONMENT_KEY = "key-from-the-environment"


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with services.redis_server() as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def password_cost() -> Iterator[int]:
    """The product's own, while tests hash at bcrypt's least: a third of a second each would be minutes in all."""
    with pytest.MonkeyPatch.context() as patch:
        own = passwords.COST
        patch.setattr(passwords, "COST", 4)
        patch.setattr(passwords, "_DECOY", PASSWORD_HASH.encode())
        yield own


@pytest.fixture(scope="session")
def environ(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[dict[str, str]]:
    """The settings of the application under test."""
    folder = tmp_path_factory.mktemp("app")
    with services.database(folder, "app") as url:
        yield {
            "GERBANG_ENV": "testing",
            "DATA_DIR": str(folder),
            "DATABASE_URL": url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": "s" * 32,
            "RETRIBUSI_API_KEY": ENVIRONMENT_KEY,
            "LOG_LEVEL": "ERROR",
        }


@pytest.fixture(scope="session")
def _app(environ: dict[str, str]) -> Iterator[Flask]:
    app = create_app(environ)
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
    yield app
    with app.app_context():
        for _ in range(100):  # writers of events give their connections back soon after their last event
            if not db.engine.pool.checkedout():
                break
            time.sleep(0.05)
        db.engine.dispose()


@pytest.fixture
def app(_app: Flask) -> Flask:
    """The application, its tables empty (but for the kinds of vehicle and the activity log)."""
    with _app.app_context(), transaction():
        tables.empty()
        version = db.session.scalars(db.select(CatalogueVersion)).one()
        version.version += 1
        db.session.info[CHANGED] = True
    _app.extensions["redis"].flushdb()
    return _app


@pytest.fixture
def gateway(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[xendit.FakeXendit]:
    """Xendit on loopback, where JAKINET has the key `xnd_test` and callbacks carry `told-by-xendit`."""
    with xendit.serving() as fake:
        fake.keys = {"xnd_test"}
        settings = {
            "XENDIT_BASE_URL": fake.url,
            "XENDIT_API_KEY": {"JAKINET": "xnd_test"},
            "XENDIT_CALLBACK_TOKEN": {"JAKINET": "told-by-xendit"},
        }
        monkeypatch.setitem(app.config, "GERBANG", app.config["GERBANG"].model_copy(update=settings))
        yield fake


@pytest.fixture
def make(app: Flask) -> Make:
    """Factories for rows."""
    return Make(app)


def _token(app: Flask, user_id: int) -> str:
    lifetime = timedelta(hours=1)
    with app.app_context(), transaction():
        user = db.session.get_one(User, user_id)
        return access_token(sessions.open_session(user, Caller("retribusi"), lifetime), lifetime)


@pytest.fixture
def admin(app: Flask, make: Make) -> Retribusi:
    return Retribusi(app.test_client(), token=_token(app, make.user("admin", Role.ADMIN)))


@pytest.fixture
def operator(app: Flask, make: Make) -> Retribusi:
    return Retribusi(app.test_client(), token=_token(app, make.user("operator", Role.OPERATOR)))


@pytest.fixture
def viewer(app: Flask, make: Make) -> Retribusi:
    return Retribusi(app.test_client(), token=_token(app, make.user("viewer", Role.VIEWER)))


@pytest.fixture
def member(app: Flask, make: Make) -> Retribusi:
    return Retribusi(app.test_client(), token=_token(app, make.user("member", Role.MEMBER)))


@pytest.fixture
def stranger(app: Flask) -> Retribusi:
    """Someone with neither token nor key."""
    return Retribusi(app.test_client())


@pytest.fixture
def device(app: Flask) -> Retribusi:
    """A device with the key from the environment."""
    return Retribusi(app.test_client(), key=ENVIRONMENT_KEY)


@pytest.fixture
def pair(app: Flask) -> Callable[..., Pair]:
    """`pair(user_id, surface)`: what signing in through that surface would give, without the hashing."""

    def signed_in(user_id: int, surface: str = "scheduler") -> Pair:
        here = Caller(surface)
        with app.app_context(), transaction():
            user = db.session.get_one(User, user_id)
            session = sessions.open_session(user, here, lifetimes(surface).session)
            tokens = issue_tokens(session, here)
            return Pair(tokens.access, tokens.refresh or "", session.id)

    return signed_in


def _browser(app: Flask, user_id: int) -> Browser:
    client = app.test_client()
    with app.test_request_context(), transaction():
        user = db.session.get_one(User, user_id)
        session = sessions.open_session(user, Caller("web"), timedelta(hours=1))
        login_user(SignedIn(visit_of(session)))
        from flask import session as cookie

        kept = dict(cookie)
    with client.session_transaction() as into:
        into.update(kept)
    return Browser(client)


@pytest.fixture
def admin_browser(app: Flask, make: Make) -> Browser:
    return _browser(app, make.user("admin_b", Role.ADMIN))


@pytest.fixture
def operator_browser(app: Flask, make: Make) -> Browser:
    return _browser(app, make.user("operator_b", Role.OPERATOR))


@pytest.fixture
def viewer_browser(app: Flask, make: Make) -> Browser:
    return _browser(app, make.user("viewer_b", Role.VIEWER))


@pytest.fixture
def visitor(app: Flask) -> Browser:
    """Someone with a browser who is not signed in."""
    return Browser(app.test_client())


@pytest.fixture
def logged(app: Flask) -> Callable[..., list[Activity]]:
    """What the activity log has got since the test began; `logged(action=…, door=…)` narrows."""
    with app.app_context():
        newest = db.session.scalar(db.select(func.max(Activity.id))) or 0

    def lines(**wanted: object) -> list[Activity]:
        with app.app_context():
            statement = db.select(Activity).where(Activity.id > newest).filter_by(**wanted)
            return list(db.session.scalars(statement.order_by(Activity.id)))

    return lines


@pytest.fixture
def queries(app: Flask) -> Iterator[list[str]]:
    """The SQL that the database is asked from here on."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
