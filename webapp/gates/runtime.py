"""What a process keeps of the gates in memory: the catalogue, the writer of events, the hub of the live stream."""

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, has_app_context
from sqlalchemy import event
from sqlalchemy.orm import Session

from webapp.config import Config
from webapp.extensions import db
from webapp.gates.catalogue import CHANGED, CatalogueCache, Key
from webapp.gates.ingest import Ingest
from webapp.gates.stream import Hub, Nudger
from webapp.kit import tokens


@dataclass(frozen=True)
class Runtime:
    catalogue: CatalogueCache
    ingest: Ingest
    hub: Hub


def init_app(app: Flask) -> None:
    """Make the parts; none does I/O or starts a thread before its first use."""
    config: Config = app.config["GERBANG"]
    engine, redis = db.engine, app.extensions["redis"]
    own = {tokens.digest(config.RETRIBUSI_API_KEY): Key(None, "ingest")} if config.RETRIBUSI_API_KEY else {}
    catalogue = CatalogueCache(engine, own)
    nudger = Nudger(redis)
    ingest = Ingest(engine, catalogue, config.timezone, config.INGEST_MAX_FUTURE_SECONDS, nudger.nudge)
    hub = Hub(engine, redis)
    app.extensions["gates"] = Runtime(catalogue, ingest, hub)
    app.extensions.setdefault("streams", []).append(hub)  # gunicorn.conf.py tells each when the worker stops


def runtime() -> Runtime:
    """The running application's."""
    return cast("Runtime", current_app.extensions["gates"])


@event.listens_for(Session, "after_commit")
def _look_again(session: Session) -> None:
    if session.info.pop(CHANGED, False) and has_app_context():
        runtime().catalogue.forget()
