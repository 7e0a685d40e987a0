"""The templates of short documents: templates/pdf/."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from webapp.documents.press import words
from webapp.kit import money

FOLDER = Path(__file__).parents[3] / "templates" / "pdf"


def fill(name: str, **values: Any) -> str:
    """The template `name` (`revenue.html`, `receipt.html`) as HTML for `print_html`; each says what it needs.

    A value that is missing raises jinja2's UndefinedError; all of them are escaped.
    """
    return _environment().get_template(name).render(values)


@lru_cache
def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
    environment.filters |= {"rupiah": money.rupiah, "thousands": money.thousands}
    environment.filters |= {"day": words.day, "moment": words.moment}
    return environment
