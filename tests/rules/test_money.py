"""Money never passes through a float: in billing nobody divides, rounds or writes one, but for what is no money."""

import ast
from collections.abc import Iterator
from pathlib import Path

BILLING = Path(__file__).parents[2] / "webapp" / "billing"
# Waits, time-outs and millimetres: what a line must have to be let off.
NO_MONEY = {
    "xendit.py": "TIMEOUT",
    "channels.py": "PATIENCE",
    "papers.py": '"height"',
}
FORBIDDEN = {"float", "round"}


def _floats(text: str, let_off: str | None = None) -> Iterator[str]:
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if _is_float(node) and not (let_off and let_off in lines[node.lineno - 1]):  # type: ignore[attr-defined]
            yield f"{node.lineno}: {ast.unparse(node)}"  # type: ignore[attr-defined]


def _is_float(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        is_path = isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)
        return not is_path and not ast.unparse(node.right).startswith("Decimal(")
    if isinstance(node, ast.AugAssign):
        return isinstance(node.op, ast.Div)
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in FORBIDDEN
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def test_no_money_is_a_float() -> None:
    found = [
        f"{path.relative_to(BILLING)}:{where}"
        for path in sorted(BILLING.rglob("*.py"))
        for where in _floats(path.read_text(), NO_MONEY.get(path.name))
    ]
    assert found == []


def test_the_rule_would_notice() -> None:
    assert len(list(_floats("a = b / c\nd = float(e)\nf = round(g * 0.11)\nh /= 2"))) == 5
    assert list(_floats('a = folder / "name"\nb = c * 100 / Decimal(d)\ne = f // 2')) == []
