"""Serve Gerbang by one command: an embedded Valkey where REDIS_URL names none, then the Procfile's processes.

All of it ends with this process: in order on Ctrl-C or SIGTERM, and also when this process is killed outright.
"""

import asyncio
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import embedded_valkey
import httpx
from folder_lock import sole_user_of
from honcho.environ import parse, parse_procfile
from supervise import Process, adopt_orphans, end_with_parent, kill_orphans, say

ROOT = Path(__file__).resolve().parent.parent
GRACE = 20.0  # seconds a process has to stop; longer than gunicorn's graceful_timeout
START_LIMIT = 60.0  # seconds until what has been started ought to answer
COLOURS = (36, 33, 32, 35, 34)

Environ = dict[str, str]


class Refusal(Exception):
    """Gerbang can't start; the message is a sentence for people."""


def read_environ() -> Environ:
    """What the processes get: .env, over it our own environment, over it what they need to find each other."""
    try:
        kept = parse((ROOT / ".env").read_text())
    except FileNotFoundError:
        kept = {}
    except ValueError as error:
        raise Refusal(f"{ROOT / '.env'} can't be read: {error}.") from None
    given = {name: value for name, value in {**kept, **os.environ}.items() if value.strip()}
    return {
        "HOST": "127.0.0.1",
        "PORT": "8000",
        "DEMO": "1",
        **given,
        "DATA_DIR": str((ROOT / given.get("DATA_DIR", "instance")).absolute()),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{given.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        "FLASK_SKIP_DOTENV": "1",
    }


def free_port(host: str, port: str) -> int:
    """The port as a number, 0 being one that is free. Refuses what can't be had before anything has started."""
    if not port.isdecimal() or int(port) > 65_535:
        raise Refusal(f"PORT must be a number from 0 to 65535, not {port!r}.")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(address)
            return int(server.getsockname()[1])
    except OSError as error:
        raise Refusal(
            f"Port {port} of {host} can't be had: {error.strerror}. PORT=8080 would try another."
        ) from None


class Server:
    """The processes: Valkey, then those of the Procfile, then the demo's device."""

    def __init__(self, environ: Environ, lock: TextIO) -> None:
        self._environ = environ
        self._data_dir = Path(environ["DATA_DIR"])
        self._lock = lock
        self._processes: dict[str, Process] = {}

    async def start(self) -> None:
        if "REDIS_URL" not in self._environ:
            await self._start_valkey()
        await self._set_up()
        for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
            self._start(name, command)
        await self._answer_of_health()
        demo = self._environ["DEMO"].lower() in ("1", "true", "yes", "on")
        if demo and (self._data_dir / "demo_device.key").exists():  # not where the data is the user's own
            self._start("device", "python scripts/device.py")
        say(f"\n  Gerbang is ready at {self._url}  (Ctrl-C stops it)")
        say("  Sign in as admin, with ADMIN_PASSWORD or the password that the first start printed.\n")

    async def stop(self) -> None:
        """First everything that writes to the database, together; then Valkey, which they use to the end."""
        valkey = self._processes.pop("valkey", None)
        await asyncio.gather(*(process.stop(GRACE) for process in self._processes.values()))
        if valkey:
            await valkey.stop(GRACE)

    async def _start_valkey(self) -> None:
        path = embedded_valkey.socket_path(self._data_dir)
        self._environ["REDIS_URL"] = embedded_valkey.url(path)
        self._start("valkey", embedded_valkey.command(path, self._data_dir))
        try:
            await asyncio.wait_for(embedded_valkey.answer(path), START_LIMIT)
        except TimeoutError:
            raise Refusal(
                f"The embedded Valkey does not answer: see {self._data_dir}/valkey/valkey.log."
            ) from None

    async def _set_up(self) -> None:
        if await self._start("setup", "flask --app wsgi gerbang setup", again=False):
            raise Refusal("Gerbang could not be set up; the lines above say why.")

    async def _answer_of_health(self) -> None:
        deadline = time.monotonic() + START_LIMIT
        async with httpx.AsyncClient(base_url=self._url, trust_env=False) as client:
            while time.monotonic() < deadline:
                with suppress(httpx.HTTPError):
                    if (await client.get("/health")).is_success:
                        return
                await asyncio.sleep(0.1)
        raise Refusal(f"Gerbang does not answer on {self._url}/health; the lines above say why.")

    @property
    def _url(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._environ["HOST"], self._environ["HOST"])  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self._environ['PORT']}"

    def _start(self, name: str, command: str, *, again: bool = True) -> asyncio.Task[int]:
        prefix = f"{name:<9} | "
        if sys.stdout.isatty():
            prefix = f"\033[{COLOURS[len(self._processes) % len(COLOURS)]}m{prefix}\033[0m"
        process = Process(command, cwd=ROOT, env=self._environ, prefix=prefix, keep=(self._lock.fileno(),))
        self._processes[name] = process
        return process.start(again=again)


async def serve(environ: Environ, lock: TextIO) -> None:
    """Start everything, wait for a signal, stop everything; the same when the start fails half-way."""
    stopping = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(signum, stopping.set)
    adopt_orphans()
    server = Server(environ, lock)
    starting = asyncio.create_task(server.start())
    stopped = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait((starting, stopped), return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting  # raises what went wrong
        await stopped
        say("Stopping.")
    finally:
        starting.cancel()
        await server.stop()
        kill_orphans()


def main() -> int:
    if "--end-with-parent" in sys.argv:  # make, which would otherwise leave us behind when it is killed
        end_with_parent()
    try:
        environ = read_environ()
        with sole_user_of(Path(environ["DATA_DIR"]), patience=GRACE) as lock:
            environ["PORT"] = str(free_port(environ["HOST"], environ["PORT"]))
            asyncio.run(serve(environ, lock))
    except (Refusal, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass  # before the handlers were in place, so nothing had started
    return 0


if __name__ == "__main__":
    sys.exit(main())
