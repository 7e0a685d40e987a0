"""A fake router by hand; see the package."""

import argparse
import sys
import threading
from contextlib import suppress

from tests.support.routeros import FakeRouter


def main() -> None:
    parser = argparse.ArgumentParser(description="A MikroTik router that isn't one.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user", default=FakeRouter.user)
    parser.add_argument("--password", default=FakeRouter.password)
    parser.add_argument("--identity", default=FakeRouter.identity)
    parser.add_argument("--secrets", type=int, default=0, metavar="N", help="how many are there already")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--old", action="store_true", help="a RouterOS before 6.43")
    given = vars(parser.parse_args())
    count = given.pop("secrets")
    with FakeRouter(**given) as router:
        for number in range(1, count + 1):
            router.add_secret(f"pelanggan{number:05}", password=f"p{number}", service="pppoe")
            router.dial_in(f"pelanggan{number:05}", f"10.64.{number // 250}.{number % 250 + 1}")
        _say(
            f"{router.identity} listens on 127.0.0.1:{router.port}, user {router.user}, password {router.password}"
        )
        if router.tls:
            _say(f"its certificate's SHA-256 is {router.certificate.fingerprint}")
        with suppress(KeyboardInterrupt):
            for line in sys.stdin:
                _say(obey(router, line.split(maxsplit=1)))
            threading.Event().wait()  # nobody types: until Ctrl-C


def obey(router: FakeRouter, words: list[str]) -> str:
    """What is typed."""
    match words:
        case ["unplug"]:
            router.unplug()
        case ["plug"]:
            router.plug_in()
        case ["slow", seconds]:
            router.slow = float(seconds)
        case ["drop", count]:
            router.drop_after = int(count) if count.isdigit() else None
        case ["refuse", switch]:
            router.refuse_login = switch.strip() == "on"
        case ["trap", rest]:
            command, _, message = rest.strip().partition(" ")
            router.traps[command] = message  # an empty one: no longer
        case ["show"]:
            return "\n".join(f"{id} {row}" for id, row in [*router.secrets.items(), *router.active.items()])
        case _:
            return "unplug, plug, slow N, drop N|off, refuse on|off, trap COMMAND MESSAGE, show"
    return "ok"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
