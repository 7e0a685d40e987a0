"""Benchmarks: each a ratio between two things measured by turns in the same run. `python -m bench` runs them."""
