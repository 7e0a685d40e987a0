"""What every answer says to browsers about safety, and keys derived from the one secret."""

import base64
import hashlib
import hmac

from flask import Flask, Response, current_app, request

from webapp.errors import Invalid, NotFound


def policy(images: str = "") -> str:
    """The Content-Security-Policy of a page; `images` are hosts that it shows pictures of, beside our own."""
    return (
        f"default-src 'self'; img-src 'self' data: {images}".rstrip() + "; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )


ALWAYS = {"X-Content-Type-Options": "nosniff"}
ON_PAGES = {
    "Content-Security-Policy": policy(),
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


def init_app(app: Flask) -> None:
    app.before_request(refuse_nul)
    app.before_request(allow_size)
    app.after_request(add_headers)


def refuse_nul() -> None:
    """No path and no query may hold a NUL: no database stores one."""
    if "\0" in request.path:
        raise NotFound()
    if any("\0" in text for pair in request.args.items(multi=True) for text in pair):
        raise Invalid({"query": "Must not contain NUL"})


def allow_size() -> None:
    """A page that takes files says how much may be sent to it (web/pages.py); known before anything is read."""
    view = current_app.view_functions.get(request.endpoint or "")
    request.max_content_length = getattr(view, "max_body", None)  # None: MAX_CONTENT_LENGTH


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
