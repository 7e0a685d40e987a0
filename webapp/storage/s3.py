"""Files in a bucket of Amazon S3, or of a server that speaks its language (MinIO, Ceph, R2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import boto3
from botocore.config import Config as Settings
from botocore.exceptions import BotoCoreError, ClientError

from webapp.config import Config
from webapp.errors import NotFound, Unavailable
from webapp.extensions import log
from webapp.storage import CHUNK, SECONDS, Chunks, Entry, media_type

_GONE = {"NoSuchKey", "404"}


class Bucket:
    """See Storage. One try and one more, each with an end, so that nobody waits long for a store that is away."""

    def __init__(self, config: Config) -> None:
        self._bucket = config.S3_BUCKET
        self._client: Any = boto3.session.Session().client(
            "s3",
            endpoint_url=config.S3_ENDPOINT_URL or None,
            region_name=config.S3_REGION,
            aws_access_key_id=config.S3_ACCESS_KEY or None,
            aws_secret_access_key=config.S3_SECRET_KEY or None,
            config=Settings(
                connect_timeout=SECONDS,
                read_timeout=SECONDS,
                retries={"total_max_attempts": 2, "mode": "standard"},
                s3={"addressing_style": "path"} if config.S3_ENDPOINT_URL else None,
                request_checksum_calculation="when_required",  # not every such server knows the newer ones
                response_checksum_validation="when_required",
            ),
        )

    def put(self, name: str, data: bytes) -> None:
        self._put(name, data)

    def put_file(self, name: str, path: Path) -> None:
        with path.open("rb") as file:
            self._put(name, file)

    def _put(self, name: str, body: bytes | BinaryIO) -> None:
        with _answered():
            self._client.put_object(Bucket=self._bucket, Key=name, Body=body, ContentType=media_type(name))

    def get(self, name: str) -> bytes:
        with _answered():
            data: bytes = self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
            return data

    def open(self, name: str) -> tuple[Chunks, int]:
        with _answered():
            found = self._client.get_object(Bucket=self._bucket, Key=name)
            return Chunks(found["Body"].iter_chunks(CHUNK), found["Body"].close), found["ContentLength"]

    def delete(self, name: str) -> None:
        with _answered():
            self._client.delete_object(Bucket=self._bucket, Key=name)

    def entries(self, folder: str) -> Iterator[Entry]:
        with _answered():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=folder)
            for page in pages:
                for file in page.get("Contents", ()):
                    yield Entry(file["Key"], file["LastModified"])

    def tidy(self, before: datetime) -> None:
        """Nothing is ever half there."""

    def close(self) -> None:
        self._client.close()


@contextmanager
def _answered() -> Iterator[None]:
    """Words what can go wrong with a call as Storage does."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _GONE:
            raise NotFound("File not found") from None
        raise _unavailable(error) from None
    except BotoCoreError as error:
        raise _unavailable(error) from None


def _unavailable(error: Exception) -> Unavailable:
    log.warning("storage_unavailable", place="s3", error=str(error))
    return Unavailable("Files can't be stored now, please retry")
