"""The same question to a server whose database has much, and to one whose has little: what growing costs."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import sqlalchemy

from bench import places, processes
from bench.load import Target, by_turns
from bench.result import Result, compared

Servers = dict[str, tuple[str, dict[str, str]]]  # many and few: URL, headers of an account that may ask


@contextmanager
def served(
    kind: str,
    redis_url: str,
    folder: Path,
    counts: Mapping[str, int],
    fill: Callable[[sqlalchemy.Engine, int], None],
) -> Iterator[Servers]:
    """A server for each of `counts` (many, few), its database filled with so many."""
    with ExitStack() as stack:
        servers: Servers = {}
        for name, count in counts.items():
            place = stack.enter_context(places.place(kind, folder / name, redis_url))
            with place.engine() as engine:
                fill(engine, count)
            place.environ["RATELIMIT_ENABLED"] = "0"
            server = place.server("web")
            stack.enter_context(processes.running(server))
            servers[name] = server.url, {"Authorization": f"Bearer {place.token}"}
        yield servers


def many_over_few(
    what: str, servers: Servers, path: str, most: float, *, rounds: int, judged: bool = True
) -> Result:
    """The time that `path` takes among many, as a multiple of that among few; at most `most`."""
    targets = [
        Target(name, f"{url}{path}", headers=headers, connections=4)
        for name, (url, headers) in servers.items()
    ]
    found = by_turns(targets, rounds, 2)
    times = {name: [1000 / one.per_second for one in figures] for name, figures in found.items()}
    return compared(what, times["many"], times["few"], most, unit="ms/req", at_most=True, judged=judged)
