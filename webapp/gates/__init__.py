"""Gates: where they stand, what passing costs, what passed, and what that adds up to."""
