"""Documents: what is read from where, and printed as evidence."""
