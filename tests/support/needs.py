"""What a test needs of the machine; where it is missing, the test is skipped visibly (`.ci/run` installs it all)."""

import shutil

import pytest

mdbtools = pytest.mark.skipif(
    shutil.which("mdb-export") is None, reason="needs mdbtools: on Debian, apt-get install mdbtools brings it"
)
