"""Gerbang: gates, billing, documents and markers behind one application. `create_app` is the table of contents."""

import os
from collections.abc import Mapping
from typing import Any

from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter, IntegerConverter

from webapp import (
    assets,
    audit,
    cli,
    errorpages,
    extensions,
    identity,
    observability,
    queue,
    security,
    storage,
    vault,
)
from webapp.activity import recorder  # noqa: F401 - it listens to every session
from webapp.api import docs, home
from webapp.api.bamboo import bamboo
from webapp.api.datalane import datalane
from webapp.api.ftth import ftth, socket
from webapp.api.retribusi import retribusi
from webapp.api.retribusi.fastlane import FastLane
from webapp.api.scheduler import scheduler
from webapp.api.surface import READING
from webapp.config import Config
from webapp.database import configure_engine, engine_options, intent, transaction
from webapp.documents import live
from webapp.extensions import db
from webapp.gates import runtime
from webapp.gates import transactions as _transactions  # noqa: F401 - a source of reports
from webapp.notifications import live as notices
from webapp.streamlane import StreamLane
from webapp.web import localize, templating, web


class Id(IntegerConverter):
    """`<int:…>` in a route: what lies beyond the columns' range (2^31) is nobody's id, so nothing is there.

    Said by the pattern alone: a number that fits it and is refused later would make other methods a 405.
    """

    regex = "(?:[0-9]{1,9}|1[0-9]{9}|20[0-9]{8})"


class Code(BaseConverter):
    """`<code:…>` in a route: the code on a marker's label, in either case."""

    regex = "[0-9A-Za-z]{8}"


class Gerbang(Flask):
    """Flask, with one transaction a request: a view that returns commits, one that raises rolls back."""

    def full_dispatch_request(self) -> Any:
        with intent(write=request.method not in READING):
            return super().full_dispatch_request()

    def dispatch_request(self) -> ResponseReturnValue:
        with audit.acting(_caller()), transaction(write=request.method not in READING):
            return super().dispatch_request()


def _caller() -> audit.Actor:
    """Where the request comes from; who it is comes later (identity.py)."""
    door = request.blueprint or "web"
    return audit.Actor(door, address=request.remote_addr or "", request_id=g.get("request_id", ""))


def create_app(environ: Mapping[str, str] | None = None) -> Flask:
    """The application for the settings in `environ` (the process's own by default). Does no I/O.

    Raises ConfigError when a setting is unfit.
    """
    config = Config.from_environment(os.environ if environ is None else environ)
    app = Gerbang(
        __name__,
        template_folder="../templates",
        static_folder="../static",
        instance_path=str(config.data_dir),
    )
    app.config.from_mapping(_flask_settings(config))
    app.url_map.converters |= {"int": Id, "code": Code}
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    observability.init_app(app)
    security.init_app(app)
    _init_extensions(app)
    for surface in (retribusi, ftth, datalane, scheduler, bamboo):
        app.register_blueprint(surface)
        extensions.csrf.exempt(surface)
    app.register_blueprint(socket.blueprint)
    app.register_blueprint(docs.blueprint)
    app.register_blueprint(home.blueprint)
    app.register_blueprint(web)
    errorpages.init_app(app)
    cli.init_app(app)
    app.wsgi_app = FastLane(app, StreamLane(app.wsgi_app))  # type: ignore[method-assign]
    if config.PROXY_COUNT:
        hops = config.PROXY_COUNT
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops, hops)  # type: ignore[method-assign]
    return app


def _flask_settings(config: Config) -> dict[str, Any]:
    secret = config.secret_key()
    return {
        "GERBANG": config,
        "SECRET_KEY": secret,
        "JWT_SECRET_KEY": security.derived_key(secret, "jwt"),
        "JWT_ALGORITHM": "HS256",
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(config.database_url),
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.GERBANG_ENV == "production",
        "WTF_CSRF_TIME_LIMIT": None,
        "RATELIMIT_ENABLED": config.RATELIMIT_ENABLED,
        "RATELIMIT_STORAGE_URI": config.redis_url.replace("unix://", "redis+unix://", 1),
        "RATELIMIT_SWALLOW_ERRORS": True,
        "RATELIMIT_STRATEGY": "moving-window",
        "TESTING": config.GERBANG_ENV == "testing",
        "MAX_CONTENT_LENGTH": 8_000_000,
        "SOCK_SERVER_OPTIONS": {
            "ping_interval": socket.PING_SECONDS,
            "max_message_size": socket.LONGEST_MESSAGE,
        },
    }


def _init_extensions(app: Flask) -> None:
    extensions.db.init_app(app)
    extensions.migrate.init_app(app, db, directory="migrations")
    extensions.jwt.init_app(app)
    extensions.htmx.init_app(app)
    extensions.csrf.init_app(app)
    extensions.limiter.init_app(app)
    extensions.login.init_app(app)
    extensions.login.user_loader(identity.load_signed_in)
    assets.init_app(app)
    localize.init_app(app)
    templating.init_app(app)
    queue.connect(app)
    vault.init_app(app)
    storage.init_app(app)
    with app.app_context():
        configure_engine(db.engine)
        runtime.init_app(app)
        live.init_app(app)
        notices.init_app(app)
