"""One Gerbang a data folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from folder_lock import sole_user_of


def test_a_second_user_is_told_who_the_first_is(tmp_path: Path) -> None:
    with (
        sole_user_of(tmp_path, patience=60),
        pytest.raises(BlockingIOError, match=rf"already runs on .* \(process {os.getpid()}\)"),
        sole_user_of(tmp_path, patience=60),
    ):
        pass


def test_the_folder_is_made_and_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with sole_user_of(tmp_path / "new" / "data", patience=0):
            pass


def test_children_of_a_killed_user_are_waited_for(tmp_path: Path) -> None:
    holder = "import sys; from folder_lock import *; a = sole_user_of(Path(sys.argv[1]), 0); file = a.__enter__(); "
    orphan = "import subprocess; subprocess.Popen(['sleep', '2'], pass_fds=[file.fileno()]); os.kill(os.getpid(), 9)"
    scripts = Path(__file__).parents[2] / "scripts"
    subprocess.run([sys.executable, "-c", holder + orphan, tmp_path], cwd=scripts, check=False)

    with pytest.raises(BlockingIOError, match="was killed"), sole_user_of(tmp_path, patience=0):
        pass
    with sole_user_of(tmp_path, patience=60):
        pass
