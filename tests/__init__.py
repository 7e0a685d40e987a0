"""The tests. A package, because routeros-api brings a `tests` of its own that would be found instead of a mere folder."""
