"""The tests. A package, because routeros-api brings a `tests` of its own, which would be found instead of a folder."""
