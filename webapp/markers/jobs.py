"""What happens to markers outside a request."""

from webapp.markers import photos
from webapp.queue import job


@job(queue="low", retries=100)
def delete_photo(name: str) -> None:
    """Delete the files of a photo that no marker shows any more; tried for hours while the store is away."""
    photos.delete(name)
