"""Where the embedded Valkey's socket lies."""

from pathlib import Path

import embedded_valkey
import pytest


def test_the_socket_lies_in_the_data_folder() -> None:
    assert embedded_valkey.socket_path(Path("/srv/gerbang")) == Path("/srv/gerbang/valkey.sock")


def test_a_long_folder_gets_a_short_socket_path_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    one, other = (embedded_valkey.socket_path(Path("/srv", name * 100)) for name in "ab")
    assert one != other
    assert one.is_relative_to(tmp_path)
    assert one.parent.stat().st_mode & 0o777 == 0o700


def test_the_url_survives_a_space_in_the_path() -> None:
    assert embedded_valkey.url(Path("/srv/my data/valkey.sock")) == "unix:///srv/my%20data/valkey.sock"
