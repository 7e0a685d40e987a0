"""A small Google Drive on this machine: the calls of its REST interface (v3) that we make, and its moods.

Each mood is set before a call: `slow` seconds before every answer, `refuse` the next calls with a status, `drop` the
connection instead of answering, `forget_tokens` so that those it gave out are no longer good.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

FOLDER = "0AFolderOfASharedDrive"
EMAIL = "gerbang@project.iam.gserviceaccount.com"


@dataclass
class Stored:
    name: str
    parents: list[str]
    kind: str = ""
    content: bytes = b""
    modified: str = ""


@dataclass
class FakeDrive:
    url: str = ""
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    files: dict[str, Stored] = field(default_factory=dict)
    uploads: dict[str, tuple[str, Stored]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    grants: int = 0
    slow: float = 0
    refuse: list[int] = field(default_factory=list)
    drop: bool = False

    def credentials(self) -> str:
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        account = {"type": "service_account", "client_email": EMAIL, "private_key": pem.decode()}
        return json.dumps(account | {"token_uri": f"{self.url}/token"})

    def forget_tokens(self) -> None:
        self.tokens.clear()

    def grant(self, form: dict[str, list[str]]) -> tuple[int, Any]:
        """RFC 7523: an assertion that the account signed is good for a token."""
        if form["grant_type"] != ["urn:ietf:params:oauth:grant-type:jwt-bearer"]:
            return 400, {"error": "unsupported_grant_type"}
        try:
            claims = jwt.decode(
                form["assertion"][0], self.key.public_key(), ["RS256"], audience=f"{self.url}/token"
            )
        except jwt.PyJWTError as error:
            return 400, {"error": "invalid_grant", "error_description": str(error)}
        assert claims["iss"] == EMAIL
        assert claims["scope"] == "https://www.googleapis.com/auth/drive"
        assert 0 < claims["exp"] - claims["iat"] <= 3600
        self.grants += 1
        token = uuid4().hex
        self.tokens.add(token)
        return 200, {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}

    def found(self, query: str) -> tuple[int, Any]:
        match = re.fullmatch(r"name = '([^']+)' and '([^']+)' in parents and trashed = false", query)
        if match is None:
            return 400, {"error": {"code": 400, "message": "Invalid Value"}}
        name, folder = match.groups()
        known = [id for id, file in self.files.items() if file.name == name and folder in file.parents]
        return 200, {"files": [{"id": id} for id in known]}

    def listed(self, query: dict[str, str]) -> tuple[int, Any]:
        """A page of a folder's files, and where the next one begins."""
        match = re.fullmatch(r"'([^']+)' in parents and trashed = false", query["q"])
        assert match
        assert query["fields"] == "nextPageToken,files(name,modifiedTime)"
        files = [file for file in self.files.values() if match[1] in file.parents]
        start, size = int(query.get("pageToken", "0")), int(query["pageSize"])
        page = [{"name": file.name, "modifiedTime": file.modified} for file in files[start : start + size]]
        more = {"nextPageToken": str(start + size)} if start + size < len(files) else {}
        return 200, {"files": page, **more}

    def begin(self, id: str, about: dict[str, Any]) -> str:
        """The address that takes the content of an upload of two steps."""
        known = self.files.get(id)
        file = Stored(known.name, known.parents) if known else Stored(about["name"], about["parents"])
        upload = uuid4().hex
        self.uploads[upload] = id or uuid4().hex, file
        return f"{self.url}/upload/drive/v3/files?uploadType=resumable&upload_id={upload}"

    def finish(self, upload: str, kind: str, content: bytes) -> tuple[int, Any]:
        id, file = self.uploads.pop(upload)
        file.kind, file.content = kind, content
        file.modified = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        self.files[id] = file
        return 200, {"id": id, "name": file.name}


class _Handler(BaseHTTPRequestHandler):
    drive: FakeDrive
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(self.drive.slow)
        if self.drive.drop:
            self.close_connection = True
            return
        if self.drive.refuse:
            self._answer(self.drive.refuse.pop(0), {"error": {"message": "not today"}})
            return
        parts = urlsplit(self.path)
        self._route(parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}, body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815

    def _route(self, path: str, query: dict[str, str], body: bytes) -> None:
        drive = self.drive
        if path == "/token":
            self._answer(*drive.grant(parse_qs(body.decode())))
        elif "upload_id" in query:
            self._answer(*drive.finish(query["upload_id"], self.headers["Content-Type"], body))
        elif self.headers.get("Authorization", "").removeprefix("Bearer ") not in drive.tokens:
            self._answer(401, {"error": {"code": 401, "message": "Invalid Credentials"}})
        elif query.get("supportsAllDrives") != "true":
            self._answer(404, {"error": {"code": 404, "message": "File not found: a shared drive's"}})
        elif path.startswith("/upload/drive/v3/files"):
            id = path.removeprefix("/upload/drive/v3/files").strip("/")
            place = drive.begin(id, json.loads(body))
            self._answer(200, None, Location=place)
        else:
            self._files(path.removeprefix("/drive/v3/files").strip("/"), query)

    def _files(self, id: str, query: dict[str, str]) -> None:
        drive = self.drive
        if not id and "pageSize" in query:
            self._answer(*drive.listed(query))
        elif not id:
            self._answer(*drive.found(query["q"]))
        elif id not in drive.files:
            self._answer(404, {"error": {"code": 404, "message": "File not found"}})
        elif self.command == "DELETE":
            del drive.files[id]
            self._answer(204, None)
        else:
            assert query["alt"] == "media"
            self._answer(200, drive.files[id].content)

    def _answer(self, status: int, body: Any, **headers: str) -> None:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@contextmanager
def fake_drive() -> Iterator[FakeDrive]:
    drive = FakeDrive()
    handler = type("Handler", (_Handler,), {"drive": drive})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    drive.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield drive
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
