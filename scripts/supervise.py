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

STEADY = (
    30.0  # a process that has lived this many seconds starts again soon; others wait twice as long each time
)
SHORTEST_WAIT, LONGEST_WAIT = 0.25, 15.0


def say(text: str) -> None:
    with suppress(OSError):  # nobody reads any more, which is no reason to stop serving
        print(text, flush=True)


class Output:
    """A pipe whose lines are printed as they come.

    Not asyncio's own pipes: with those, waiting for a process also waits for every heir of its output to end.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix, self._rest = prefix, b""
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        asyncio.get_running_loop().add_reader(self._read_end, self._print)

    def _print(self) -> bool:
        """Print the whole lines of what is there; False when there is nothing more for now, or ever."""
        try:
            data = os.read(self._read_end, 65_536)
        except BlockingIOError:
            return False
        if not data:
            asyncio.get_running_loop().remove_reader(self._read_end)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            say(self._prefix + line.decode(errors="replace"))
        return bool(data)

    def close(self) -> None:
        """Print what is left. Whoever still has the other end writes to nobody."""
        while self._print():
            pass
        if self._rest:
            say(self._prefix + self._rest.decode(errors="replace"))
        asyncio.get_running_loop().remove_reader(self._read_end)
        os.close(self._read_end)


class Process:
    """One command, in a session of its own, so that the terminal's Ctrl-C reaches only its supervisor."""

    def __init__(
        self, command: str, *, cwd: Path, env: Mapping[str, str], prefix: str = "", keep: tuple[int, ...] = ()
    ) -> None:
        """`keep`: file descriptors that stay open in the process, such as that of a lock."""
        self._command = shlex.split(command)
        self._cwd, self._env, self._prefix, self._keep = cwd, env, prefix, keep
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    def start(self, *, again: bool) -> asyncio.Task[int]:
        """Run it; when `again`, once more whenever it ends. The task answers the last exit code."""
        self._life = asyncio.create_task(self._live(again))
        return self._life

    async def stop(self, grace: float) -> None:
        """Ask it to end, for good, and kill it when it hasn't after `grace` seconds."""
        self._stopping = True
        if self._process is None or self._process.returncode is not None:
            self._life.cancel()  # it is only about to start
        else:
            self._process.terminate()
        _, late = await asyncio.wait({self._life}, timeout=grace)
        if late:
            say(f"{self._prefix}did not stop within {grace:g} s, so it is killed.")
            self._life.cancel()
            await asyncio.wait({self._life})

    async def _live(self, again: bool) -> int:
        wait = SHORTEST_WAIT
        while True:
            started = time.monotonic()
            code = await self._run()
            if self._stopping or not again:
                return code
            if time.monotonic() - started > STEADY:
                wait = SHORTEST_WAIT
            say(f"{self._prefix}{_ending(code)}; starting it again in {wait:g} s.")
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def _run(self) -> int:
        output = Output(self._prefix)
        try:
            self._process = await self._spawn(output.write_end)
        finally:
            os.close(output.write_end)
        try:
            return await self._process.wait()
        finally:
            with suppress(ProcessLookupError):  # what is left of it would hold on to its port
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
            output.close()

    async def _spawn(self, output: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._command,
            cwd=self._cwd,
            env=self._env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=self._keep,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )


def end_with_parent() -> None:
    """Have Linux end this process in its orderly way when the one that started it is gone, even killed outright."""
    if sys.platform == "linux":
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
