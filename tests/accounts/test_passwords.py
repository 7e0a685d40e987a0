"""Passwords: what a digest costs."""

from webapp.accounts import passwords


def test_the_product_hashes_at_cost_12(password_cost: int) -> None:
    assert password_cost == 12


def test_a_digest_says_the_cost_it_was_made_at() -> None:
    assert passwords.hash_password("correct horse").startswith(f"$2b${passwords.COST:02}$")
