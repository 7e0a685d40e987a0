"""Files in a folder of Google Drive, through its REST interface (v3), with a service account.

A service account owns no space itself: share a folder of a shared drive with it. Its scope is all of what was shared
with it, because `drive.file` would not let it look into a folder that somebody else has made.
"""

import io
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import httpx
import jwt

from webapp.config import Config, ConfigError
from webapp.errors import NotFound, Unavailable
from webapp.extensions import log
from webapp.kit.memo import Memo
from webapp.storage import CHUNK, SECONDS, Chunks, Entry, media_type

SCOPE = "https://www.googleapis.com/auth/drive"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
PAGE = 1000  # files that one call lists; Drive gives no more
_SHARED = {"supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}


class Drive:
    """See Storage. A file's name in Drive is ours in full, slash and all; Drive itself knows it by an id."""

    def __init__(self, config: Config) -> None:
        """Raises ConfigError for credentials that are no service account's."""
        self._account = _account(config.GOOGLE_DRIVE_CREDENTIALS)
        self._folder = config.GOOGLE_DRIVE_FOLDER
        self._files = f"{config.GOOGLE_DRIVE_URL}/drive/v3/files"
        self._uploads = f"{config.GOOGLE_DRIVE_URL}/upload/drive/v3/files"
        self._http = httpx.Client(timeout=SECONDS)
        self._ids = Memo(3600, 10_000)
        self._token, self._token_until = "", 0.0

    def put(self, name: str, data: bytes) -> None:
        self._put(name, io.BytesIO(data), len(data))

    def put_file(self, name: str, path: Path) -> None:
        with path.open("rb") as file:
            self._put(name, file, path.stat().st_size)

    def _put(self, name: str, body: BinaryIO, size: int) -> None:
        """An upload of two steps (`resumable`): what the file is, then all of it; half of it is no file."""
        with _answered():
            known = self._find(name)
            about = {} if known else {"name": name, "parents": [self._folder]}
            method, url = ("PATCH", f"{self._uploads}/{known[0]}") if known else ("POST", self._uploads)
            begun = self._call(method, url, {"uploadType": "resumable"}, json=about)
            headers = {"Content-Length": str(size), "Content-Type": media_type(name)}
            self._http.put(begun.headers["Location"], content=body, headers=headers).raise_for_status()

    def get(self, name: str) -> bytes:
        with _answered():
            try:
                return self._content(self._ids.get(name, lambda: self._one(name)))
            except NotFound:  # deleted and put again meanwhile, it has another id
                return self._content(self._one(name))

    def open(self, name: str) -> tuple[Chunks, int]:
        with _answered():
            known = f"{self._files}/{self._one(name)}"
            response = self._call("GET", known, {"alt": "media"}, stream=True)
            return Chunks(response.iter_bytes(CHUNK), response.close), int(response.headers["Content-Length"])

    def _content(self, known: str) -> bytes:
        return self._call("GET", f"{self._files}/{known}", {"alt": "media"}).content

    def delete(self, name: str) -> None:
        with _answered():
            for known in self._find(name):
                try:
                    self._call("DELETE", f"{self._files}/{known}")
                except NotFound:  # another process was faster
                    continue

    def entries(self, folder: str) -> Iterator[Entry]:
        page = {"q": f"'{self._folder}' in parents and trashed = false", "pageSize": str(PAGE)}
        page["fields"] = "nextPageToken,files(name,modifiedTime)"
        while True:
            with _answered():
                answer = self._call("GET", self._files, page).json()
                found = [_entry(file) for file in answer["files"]]
            yield from (entry for entry in found if entry.name.startswith(folder))
            if not answer.get("nextPageToken"):
                return
            page["pageToken"] = answer["nextPageToken"]

    def tidy(self, before: datetime) -> None:
        """Nothing is ever half there."""

    def close(self) -> None:
        self._http.close()

    def _one(self, name: str) -> str:
        known = self._find(name)
        if not known:
            raise NotFound("File not found")
        return known[0]

    def _find(self, name: str) -> list[str]:
        """The ids of the files of this name; a put that was cut off and repeated may have left more than one."""
        query = f"name = '{name}' and '{self._folder}' in parents and trashed = false"
        answer = self._call("GET", self._files, {"q": query, "fields": "files(id)"})
        return [file["id"] for file in answer.json()["files"]]

    def _call(
        self,
        method: str,
        url: str,
        query: Mapping[str, str] | None = None,
        *,
        stream: bool = False,
        **body: Any,
    ) -> httpx.Response:
        """The answer to one call; a token that Google no longer takes is replaced once."""
        response = self._send(method, url, query or {}, stream, **body)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._token_until = 0
            response.close()
            response = self._send(method, url, query or {}, stream, **body)
        if response.is_error:
            response.close()
        if response.status_code == httpx.codes.NOT_FOUND:
            raise NotFound("File not found")
        return response.raise_for_status()

    def _send(
        self, method: str, url: str, query: Mapping[str, str], stream: bool, **body: Any
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._bearer()}"}
        request = self._http.build_request(method, url, params={**_SHARED, **query}, headers=headers, **body)
        return self._http.send(request, stream=stream)

    def _bearer(self) -> str:
        """The access token, a new one a minute before it ends (RFC 7523: a JWT of ours is good for one)."""
        if time.time() >= self._token_until:
            now, account = int(time.time()), self._account
            claims = {"iss": account["client_email"], "scope": SCOPE, "aud": account["token_uri"]}
            signed = jwt.encode(claims | {"iat": now, "exp": now + 3600}, account["private_key"], "RS256")
            form = {"grant_type": GRANT, "assertion": signed}
            answer = self._http.post(account["token_uri"], data=form).raise_for_status().json()
            self._token, self._token_until = answer["access_token"], now + answer["expires_in"] - 60
        return self._token


def _entry(file: Mapping[str, str]) -> Entry:
    return Entry(file["name"], datetime.fromisoformat(file["modifiedTime"]))


@contextmanager
def _answered() -> Iterator[None]:
    """Words what can go wrong with a call as Storage does."""
    try:
        yield
    except (
        httpx.HTTPError,
        ValueError,
        KeyError,
    ) as error:  # also an answer that is not what Drive would say
        log.warning("storage_unavailable", place="drive", error=str(error))
        raise Unavailable("Files can't be stored now, please retry") from None


def _account(given: str) -> dict[str, Any]:
    """A service account's key: JSON, or the path of a file of it."""
    try:
        text = given if given.lstrip().startswith("{") else Path(given).read_text()
        account: dict[str, Any] = json.loads(text)
        jwt.encode({}, account["private_key"], "RS256")
        account["client_email"], account["token_uri"]
    except (OSError, ValueError, KeyError, TypeError, jwt.PyJWTError):
        raise ConfigError("GOOGLE_DRIVE_CREDENTIALS is not the JSON key of a service account.") from None
    return account
