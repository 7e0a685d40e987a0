"""What happens to markers outside a request."""

from webapp.markers import photos
from webapp.queue import job


@job(queue="low", retries=3)
def delete_photo(name: str) -> None:
    """Delete the files of a photo that no marker shows any more."""
    photos.delete(name)
