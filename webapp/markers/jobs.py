"""What happens to markers outside a request."""

from webapp.extensions import log
from webapp.markers import orphans, photos
from webapp.queue import job


@job(queue="low", retries=100)
def delete_photo(name: str) -> None:
    """Delete the files of a photo that no marker shows any more; tried for hours while the store is away."""
    photos.delete(name)


@job(queue="low", timeout=3600)
def sweep_photos() -> None:
    """Delete photos older than a day that no marker shows."""
    log.info("photos_swept", count=orphans.sweep())
