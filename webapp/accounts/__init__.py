"""People and machines that may come in: users, their sessions, and API keys."""
