"""placeholder"""


def fill() -> None: ...
