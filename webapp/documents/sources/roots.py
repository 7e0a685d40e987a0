"""The fence around what reports may read: the folders of `DATA_ROOTS`, by the names that clients know them by."""

import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from webapp.errors import Invalid

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
OUTSIDE = "Is not one of the folders that reports may read"


def parse(text: str) -> dict[str, Path]:
    r"""`C:\Data\AccessDB=/srv/accessdb; …` as name → folder. Raises ValueError for a line that isn't name=folder."""
    roots = {}
    for part in filter(None, (part.strip() for part in re.split(r"[;\n]", text))):
        name, separator, folder = part.partition("=")
        if not separator or not name.strip() or not folder.strip().startswith("/"):
            raise ValueError(f"{part!r} is not name=/folder")
        roots[_plain(name)] = Path(folder.strip())
    return roots


def folder(name: str, roots: Mapping[str, Path]) -> Path:
    r"""The folder that `name` (a root, or a path below one, `\` or `/`) stands for. Raises Invalid for any other."""
    wanted = _plain(name)
    for root, target in roots.items():
        if wanted.lower() == root.lower() or wanted.lower().startswith(root.lower() + "/"):
            return within(target, wanted[len(root) :].strip("/"))
    raise Invalid({"root_folder": OUTSIDE})


def within(root: Path, relative: str) -> Path:
    """`root/relative`, where links and dots lead nowhere else. Raises Invalid."""
    if "\0" in relative:
        raise Invalid({"root_folder": OUTSIDE})
    path = Path(os.path.realpath(root / relative))
    if not path.is_relative_to(os.path.realpath(root)):
        raise Invalid({"root_folder": OUTSIDE})
    return path


def day_path(pattern: str, day: date, station_id: int) -> str:
    """`{MM}-{YYYY}/{station_id}/{DD}{MM}{YYYY}.mdb` for a day; numbers are zero-padded to two digits."""
    words = {
        "DD": f"{day:%d}",
        "MM": f"{day:%m}",
        "YYYY": f"{day:%Y}",
        "YY": f"{day:%y}",
        "station_id": f"{station_id:02}",
    }
    return _PLACEHOLDER.sub(lambda found: words[found[1]], pattern)


def _plain(name: str) -> str:
    return name.strip().replace("\\", "/").rstrip("/")
