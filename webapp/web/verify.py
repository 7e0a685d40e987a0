"""Whether a printed document is genuine: for anyone who scans its QR code, without anything about people.

A file that is sent here to be compared is read, hashed and forgotten; where the browser can, it does not even leave it.
"""

import hashlib
from contextlib import closing
from typing import Any

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from limits import RateLimitItemPerMinute

from webapp import throttle
from webapp.database import pause
from webapp.documents import queries as documents
from webapp.documents import requests
from webapp.documents.models import ReportTask
from webapp.identity import PUBLIC
from webapp.kit.threads import offload
from webapp.web import reportwords, web

LOOKS = RateLimitItemPerMinute(30)  # from one address: numbers are long, but nobody shall try them in bulk
MAX_FILE = 100_000_000
PIECE = 1 << 20


@web.page("/verify/<number>", policy=PUBLIC)
def verify(number: str) -> ResponseReturnValue:
    return _shown(number)


@web.page("/verify/<number>", policy=PUBLIC, methods=["POST"], max_body=MAX_FILE)
def verify_file(number: str) -> ResponseReturnValue:
    """Without JavaScript: compare the file that was sent."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _shown(number, problem=_("Choose the PDF file first."))
    pause()
    with closing(file):
        digest = offload(_digest, file.stream)
    return _shown(number, digest=digest)


@web.page("/verify", policy=PUBLIC)
def verify_number() -> ResponseReturnValue:
    """Someone types the number that stands on the paper."""
    return (
        _shown(request.args["number"]) if request.args.get("number") else render_template("verify/index.html")
    )


def _digest(stream: Any) -> str:
    found = hashlib.sha256()
    while piece := stream.read(PIECE):
        found.update(piece)
    return found.hexdigest()


def _shown(number: str, **context: Any) -> ResponseReturnValue:
    throttle.count_call(LOOKS, "verify", request.remote_addr or "")
    number = number.strip().upper()[:30]
    task = documents.issued(number)
    if task is None:
        response = make_response(render_template("verify/unknown.html", number=number), 404)
    else:
        response = make_response(render_template("verify/document.html", **_facts(task), **context))
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


def _facts(task: ReportTask) -> dict[str, Any]:
    """What stands on the paper as well; who asked for it and where it was read from do not."""
    facts = [
        (_("Document number"), task.number),
        (_("Issued"), reportwords.local_moment(task.finished_at)),
        (_("Branch"), requests.branch(task.payload)),
        (_("Place"), reportwords.report_place(task.payload)),
        (_("Period"), reportwords.report_days(task)),
        (_("Transactions"), reportwords.count(task.transactions)),
        (_("Pages"), reportwords.count(task.pages)),
    ]
    return {"task": task, "facts": facts}
