"""Pure helpers. Nothing here imports the rest of webapp."""
