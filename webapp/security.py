"""What every answer says to browsers about safety, and keys derived from the one secret."""

import base64
import hashlib
import hmac

from flask import Flask, Response, request

from webapp.errors import Invalid, NotFound

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
ALWAYS = {"X-Content-Type-Options": "nosniff"}
ON_PAGES = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


def init_app(app: Flask) -> None:
    app.before_request(refuse_nul)
    app.after_request(add_headers)


def refuse_nul() -> None:
    """No path and no query may hold a NUL: no database stores one."""
    if "\0" in request.path:
        raise NotFound()
    if any("\0" in text for pair in request.args.items(multi=True) for text in pair):
        raise Invalid({"query": "Must not contain NUL"})


def add_headers(response: Response) -> Response:
    page = response.mimetype in ("text/html", "image/svg+xml")  # what a browser may show by itself, and run
    for name, value in (ALWAYS | ON_PAGES if page else ALWAYS).items():
        response.headers.setdefault(name, value)
    return response


def derived_key(secret: str, purpose: str) -> str:
    """A key of its own for each purpose, so that none can be used in another's place."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def fernet_key(secret: str) -> bytes:
    """The key that encrypts stored secrets (vault.py)."""
    return base64.urlsafe_b64encode(bytes.fromhex(derived_key(secret, "vault")))
