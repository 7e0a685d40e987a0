"""Whole rupiah, as people in Indonesia write them."""


def rupiah(amount: int) -> str:
    """`1250000` → `Rp 1.250.000`; a negative amount keeps its sign in front."""
    sign = "-" if amount < 0 else ""
    return f"{sign}Rp {thousands(abs(amount))}"


def thousands(number: int) -> str:
    """`1250000` → `1.250.000`."""
    return f"{number:,}".replace(",", ".")
