"""The fragment law: `templates/gates/_rows.html` ↔ `web.gates_rows` ↔ `/gates/rows` ↔ `id="gates-rows"`."""

import re
from pathlib import Path

import pytest
from flask import Flask

TEMPLATES = Path(__file__).parents[2] / "templates"
FRAGMENTS = sorted(
    path
    for path in TEMPLATES.glob("*/_*.html")
    if path.parent.name not in ("macros", "errors", "pdf", "layout")
)


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_fragment_its_endpoint_its_url_and_its_id_share_one_name(app: Flask, path: Path) -> None:
    thing, name = path.parent.name, path.stem.lstrip("_")
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint == f"web.{thing}_{name}"]
    assert any(rule.startswith(f"/{thing}/") and rule.endswith(f"/{name}") for rule in rules), rules
    assert re.search(rf'id="{thing}-{name.replace("_", "-")}', path.read_text())
