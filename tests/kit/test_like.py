"""What people look for, as a pattern."""

from webapp.kit.like import containing


def test_signs_of_patterns_mean_themselves() -> None:
    assert containing(r"50%_off\now") == r"%50\%\_off\\now%"
