"""What partners are told: signed messages to addresses of theirs, tried again until they arrive."""
