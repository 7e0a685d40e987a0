"""Routers: what is spoken with them."""
