"""Photos of markers, for everybody who knows the code on the label."""

from flask import Response, request
from limits import RateLimitItemPerMinute

from webapp import throttle
from webapp.database import pause
from webapp.errors import NotFound
from webapp.identity import PUBLIC
from webapp.markers import photos, service
from webapp.web import web

PER_ADDRESS = RateLimitItemPerMinute(600)  # a page of small ones is fine, trying out codes is not
KEPT = "public, max-age=86400"
ASKED_AGAIN = "public, no-cache"


@web.page("/marker/<short_code>/photo.jpg", policy=PUBLIC)
def marker_photo(short_code: str) -> Response:
    """JPEG, `size=large` or `small`; kept for a day under the address that names this very photo (`v=`)."""
    throttle.count_call(PER_ADDRESS, "marker-photo", request.remote_addr or "")
    name = service.get_by_code(short_code).photo
    size = request.args.get("size", "large")
    if name is None or size not in photos.SIZES:
        raise NotFound("Photo not found")
    response = Response(mimetype="image/jpeg")
    response.set_etag(f"{name}-{size}")
    response.headers["Cache-Control"] = KEPT if request.args.get("v") == name[:8] else ASKED_AGAIN
    if request.if_none_match.contains(f"{name}-{size}"):
        response.status_code = 304
        return response
    pause()
    response.set_data(photos.load(name, size))
    return response
