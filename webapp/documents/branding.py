"""Whose documents these are: the company's name and logo, as the settings have them."""

from webapp.accounts import settings
from webapp.documents import logos


def company() -> str:
    """The name at the head of every document."""
    return settings.text("management_company")


def page_size() -> str:
    """The paper for documents whose asker chose none: A4, A3, A5 or Letter."""
    return settings.text("page_size")


def logo() -> str | None:
    """The company's logo as a `data:` URI for documents made of HTML; None without one. Raises Unavailable."""
    return logos.data_uri(settings.logo())


def logo_file() -> bytes | None:
    """The same as PNG or JPEG bytes."""
    return logos.load(settings.logo())


def logo_version() -> str:
    """Another with every other logo; empty without one."""
    return settings.logo().rpartition("/")[2].partition(".")[0]


def change_logo(data: bytes) -> None:
    """Take a PNG or JPEG for the company's logo. Commits first. Raises Invalid (`logo`), Unavailable."""
    name = logos.keep(data)
    _replace(name)


def remove_logo() -> None:
    """Documents have no logo from now on."""
    _replace("")


def _replace(name: str) -> None:
    before = settings.logo()
    settings.change_logo(name)
    logos.forget(before)
