"""The import law (README, "How it is built"): door → thing → kit; things only downward; doors never each other."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

WEBAPP = Path(__file__).parents[2] / "webapp"
# each may call those before it
THINGS = [
    "accounts",
    "activity",
    "notifications",
    "webhooks",
    "documents",
    "markers",
    "gates",
    "subscribers",
    "billing",
]
DOORS = {"web", *(f"api.{folder.name}" for folder in (WEBAPP / "api").iterdir() if folder.is_dir())}
FILES = sorted(WEBAPP.rglob("*.py"))
# What a thing may use besides things below it and kit: the ground everything stands on.
GROUND = {
    "audit",
    "vault",
    "database",
    "extensions",
    "errors",
    "queue",
    "config",
    "storage",
    "outgoing",
    "tails",
}


def imports(path: Path) -> Iterator[str]:
    """The webapp modules that a file imports, at its top or inside a function, without `webapp.`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "webapp":
            base = node.module.removeprefix("webapp").lstrip(".")
            for alias in node.names:
                yield f"{base}.{alias.name}".lstrip(".")
        elif isinstance(node, ast.Import):
            yield from (
                alias.name.removeprefix("webapp.") for alias in node.names if alias.name.startswith("webapp.")
            )


def owner(module: str) -> str:
    """`gates.ingest.X` → `gates`; `api.retribusi.envelope` → `api.retribusi`; `api.body` → `api`."""
    parts = module.split(".")
    two = ".".join(parts[:2])
    return two if two in DOORS else parts[0]


def allowed(importer: str, imported: str) -> bool:
    if importer == imported:
        return True
    if importer == "kit":
        return False
    if importer in THINGS:
        below = THINGS[: THINGS.index(importer)]
        return imported == "kit" or imported in GROUND or imported in below
    if importer in DOORS:
        return imported not in DOORS
    return True


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(WEBAPP)))
def test_a_module_imports_only_what_the_law_allows(path: Path) -> None:
    module = ".".join(path.relative_to(WEBAPP).with_suffix("").parts)
    importer = owner(module)
    wrong = [one for one in imports(path) if not allowed(importer, owner(one))]
    if importer in GROUND or importer == "kit":
        wrong += [one for one in imports(path) if owner(one) in THINGS or owner(one) in DOORS]
    assert not wrong, f"{module} must not import {wrong}"


@pytest.mark.parametrize("thing", [thing for thing in THINGS if (WEBAPP / thing).is_dir()])
def test_a_thing_knows_nothing_of_http(thing: str) -> None:
    for path in (WEBAPP / thing).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module in ("flask", "werkzeug"):
                names = {alias.name for alias in node.names}
                assert names <= {"Flask", "current_app", "has_app_context"}, f"{path.name} imports {names}"


def test_the_law_would_notice_a_breach() -> None:
    assert not allowed("accounts", "gates")
    assert not allowed("gates", "web")
    assert not allowed("web", "api.retribusi")
    assert not allowed("kit", "errors")
    assert allowed("gates", "accounts")
