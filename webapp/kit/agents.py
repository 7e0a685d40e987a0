"""What a User-Agent header says, short enough for a person who wonders whose session that is."""

import re

# The first that fits wins: each browser also names those it descends from.
_PROGRAMS = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\b(?:OPR|Opera)/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"\b(?:Chrome|Chromium|HeadlessChrome|CriOS)/"),
    ("Safari", r"\bSafari/"),
)
_SYSTEMS = (
    ("Android", r"\bAndroid\b"),
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Windows", r"\bWindows\b"),
    ("macOS", r"\bMac OS X\b"),
    ("Linux", r"\bLinux\b"),
)
_PRODUCT = re.compile(r"[A-Za-z][\w .-]{0,29}(?=/|$)")


def described(user_agent: str) -> tuple[str, str]:
    """The program and the system it runs on, such as `("Chrome", "Android")`; each empty when it can't be told."""
    program = _first(_PROGRAMS, user_agent) or _product(user_agent)
    return program, _first(_SYSTEMS, user_agent)


def is_phone(user_agent: str) -> bool:
    """Whether a small screen is in somebody's hand: browsers on phones, not on tablets, say `Mobile`."""
    return "Mobile" in user_agent and "iPad" not in user_agent


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in known if re.search(pattern, text)), "")


def _product(user_agent: str) -> str:
    """What a program that is no browser calls itself: `curl/8.5.0` is curl."""
    found = _PRODUCT.match(user_agent)
    return found[0] if found and found[0] != "Mozilla" else ""
