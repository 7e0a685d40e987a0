"""Keep processes running: print what they say, start again what dies, and leave none behind at the end."""

import asyncio
import ctypes
import os
import shlex
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

STEADY = 30.0  # a process that has lived this many seconds is started again at once; others wait ever longer
SHORTEST_WAIT, LONGEST_WAIT = 0.5, 15.0


def say(text: str) -> None:
    with suppress(BrokenPipeError):  # nobody reads any more, which is no reason to stop serving
        print(text, flush=True)


class Process:
    """One command, in a session of its own, so that the terminal's Ctrl-C reaches only its supervisor."""

    def __init__(
        self, command: str, *, cwd: Path, env: Mapping[str, str], prefix: str = "", keep: tuple[int, ...] = ()
    ) -> None:
        """`keep`: file descriptors that stay open in the process, such as that of a lock."""
        self._command = shlex.split(command)
        self._cwd, self._env, self._prefix, self._keep = cwd, env, prefix, keep
        self._process: asyncio.subprocess.Process | None = None
        self._output: asyncio.Task[None] | None = None

    async def run(self) -> int:
        """Start it and wait for its end; answers its exit code."""
        self._process = process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=self._cwd,
            env=self._env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=self._keep,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
        self._output = asyncio.create_task(self._print(process.stdout))
        code = await process.wait()
        await self._clear_up()
        return code

    async def keep_running(self) -> None:
        """Run it again and again, until cancelled."""
        wait = SHORTEST_WAIT
        while True:
            started = time.monotonic()
            code = await self.run()
            wait = SHORTEST_WAIT if time.monotonic() - started > STEADY else min(wait * 2, LONGEST_WAIT)
            say(f"{self._prefix}{_ending(code)}; starting it again in {wait:g} s.")
            await asyncio.sleep(wait)

    async def stop(self, grace: float) -> None:
        """Ask it to end, and kill it when it hasn't after `grace` seconds. Cancel `keep_running` first."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), grace)
        except TimeoutError:
            say(f"{self._prefix}did not stop within {grace:g} s: killing it.")
        await self._clear_up()

    async def _clear_up(self) -> None:
        """Kill what is left of its group, which would hold on to its port, and print its last words."""
        assert self._process is not None
        assert self._output is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await asyncio.wait(
            [self._output], timeout=1
        )  # a grandchild that changed its group may keep the pipe open
        self._output.cancel()

    async def _print(self, output: asyncio.StreamReader | None) -> None:
        assert output is not None
        rest = b""
        while data := await output.read(65_536):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                say(self._prefix + line.decode(errors="replace"))
        if rest:
            say(self._prefix + rest.decode(errors="replace"))


def _die_with_parent() -> None:
    """In the child, before its program: have Linux end it when its supervisor is killed outright."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _ending(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def adopt_orphans() -> None:
    """Make this process the parent of descendants whose own parent dies, so that `kill_orphans` can find them."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)


def kill_orphans() -> None:
    """End every process that is still below this one, once all known ones are stopped."""
    while children := _children():
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(child, 0)


def _children() -> list[int]:
    threads = Path("/proc/self/task").glob("*/children")  # none where there is no /proc
    return [int(pid) for children in threads for pid in children.read_text().split()]
