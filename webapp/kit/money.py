"""Whole rupiah, as people in Indonesia write them."""

import re

_WRITTEN = re.compile(
    r"(?:rp\.?\s*)?(\d{1,15}|\d{1,3}(?:[.,]\d{3}){1,4})(?:,00|,-)?", re.IGNORECASE | re.ASCII
)


def rupiah(amount: int) -> str:
    """`1250000` → `Rp 1.250.000`; a negative amount keeps its sign in front."""
    sign = "-" if amount < 0 else ""
    return f"{sign}Rp {thousands(abs(amount))}"


def thousands(number: int) -> str:
    """`1250000` → `1.250.000`."""
    return f"{number:,}".replace(",", ".")


def parse(text: str) -> int:
    """`5000`, `5.000`, `5,000` or `Rp 5.000,00` → 5000. Raises ValueError for anything else."""
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        raise ValueError("not whole rupiah")
    return int(re.sub(r"[.,]", "", written[1]))
