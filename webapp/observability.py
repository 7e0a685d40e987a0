"""Logs with a request id, and figures for Prometheus."""

import hmac
import logging
import os
import secrets
import sys
import time
from functools import lru_cache
from typing import Any

import structlog
from flask import Blueprint, Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client import REGISTRY as OWN_PROCESS

from webapp import config
from webapp.errors import NotFound
from webapp.extensions import log

REQUESTS = Counter("gerbang_requests_total", "Answers", ["endpoint", "method", "status"])
SECONDS = Histogram("gerbang_request_seconds", "Time to answer", ["endpoint"])
EVENTS = Counter("gerbang_events_total", "Gate events answered for", ["outcome"])
MAX_REQUEST_ID = 64
QUIET = {"static", "retribusi.health", "observability.metrics"}

blueprint = Blueprint("observability", __name__)


def init_app(app: Flask) -> None:
    configure_logging(app.config["GERBANG"])
    app.before_request(begin)
    app.after_request(finish)
    app.register_blueprint(blueprint)


def configure_logging(settings: config.Config) -> None:
    """JSON lines in production, readable lines elsewhere; the request's id on each of them."""
    production = settings.GERBANG_ENV == "production"
    renderer: Any = (
        structlog.processors.JSONRenderer() if production else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.LOG_LEVEL]
        ),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )


def request_id(given: str) -> str:
    """The caller's `X-Request-ID` when it is harmless, else a new one."""
    harmless = given and len(given) <= MAX_REQUEST_ID and given.replace("-", "").replace("_", "").isalnum()
    return given if harmless and given.isascii() else secrets.token_hex(16)


def begin() -> None:
    g.began = time.perf_counter()
    g.request_id = request_id(request.headers.get("X-Request-ID", ""))
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def finish(response: Response) -> Response:
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    endpoint = request.endpoint or "none"
    count_request(endpoint, request.method, response.status_code, seconds)
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if endpoint not in QUIET:
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            ip=request.remote_addr,
        )
    return response


def count_request(endpoint: str, method: str, status: int, seconds: float) -> None:
    """One answer, for Prometheus."""
    answers, time_taken = _series(endpoint, method, status)
    answers.inc()
    time_taken.observe(seconds)


@lru_cache(maxsize=2_000)
def _series(endpoint: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """Looked up once: finding a series by its labels costs more than counting."""
    return REQUESTS.labels(endpoint, method, status), SECONDS.labels(endpoint)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus, for callers with METRICS_TOKEN or, when there is none, on this machine."""
    if not _may_read_metrics():
        raise NotFound()
    registry: CollectorRegistry = OWN_PROCESS
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics() -> bool:
    token = config.current().METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return request.remote_addr in ("127.0.0.1", "::1") and not forwarded
