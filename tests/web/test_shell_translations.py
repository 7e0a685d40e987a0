"""Every word is translated, and every translation is of a word that is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUES = sorted(ROOT.glob("translations/*/LC_MESSAGES/messages.po"))


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What code and templates say now."""
    template = tmp_path_factory.mktemp("words") / "messages.pot"
    command = ["-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg"]
    command += ["-k", "lazy_gettext", "-k", "lazy"]
    subprocess.run([sys.executable, *command, "-o", template, "."], cwd=ROOT, check=True)
    with template.open("rb") as file:
        return read_po(file)


def ids(catalogue: Catalog) -> set[str]:
    return {
        message.id if isinstance(message.id, str) else message.id[0] for message in catalogue if message.id
    }


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_the_translation_is_complete_and_holds_nothing_old(path: Path, words: Catalog) -> None:
    with path.open("rb") as file:
        known = read_po(file)
    unfinished = [
        message.id for message in known if message.id and (message.fuzzy or not all(_texts(message.string)))
    ]
    assert unfinished == []
    assert ids(words) - ids(known) == set()
    assert ids(known) - ids(words) == set()


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_translation_has_the_placeholders_of_its_original(path: Path) -> None:
    with path.open("rb") as file:
        for message in read_po(file):
            if message.id:
                wanted = {name for text in _texts(message.id) for name in _placeholders(text)}
                assert {name for text in _texts(message.string) for name in _placeholders(text)} == wanted


def _texts(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _placeholders(text: str) -> list[str]:
    return re.findall(r"%\(\w+\)[sd]", text)
