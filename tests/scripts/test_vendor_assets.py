"""The browser's files are copied whole, and nothing old stays."""

from pathlib import Path

import vendor_assets


def test_it_replaces_what_was_there(tmp_path: Path) -> None:
    for package, names in vendor_assets.ASSETS.values():
        for name in names:
            original = tmp_path / "node_modules" / package / name
            original.parent.mkdir(parents=True, exist_ok=True)
            original.write_text(name)
    old = tmp_path / "vendor" / "jquery" / "jquery.js"
    old.parent.mkdir(parents=True)
    old.touch()

    count = vendor_assets.vendor(tmp_path / "node_modules", tmp_path / "vendor")

    assert not old.exists()
    assert (tmp_path / "vendor/htmx/htmx.min.js").read_text() == "dist/htmx.min.js"
    assert count == len([path for path in (tmp_path / "vendor").rglob("*") if path.is_file()])
