"""Demo data: gates with five weeks of events (gates.py), subscribers with four months of invoices (internet.py)."""

from webapp.demo.gates import KEY_FILE, PLACES, STANDS, fill
from webapp.demo.internet import fill as fill_internet
from webapp.demo.people import OFFERS, Offer, Person, people

__all__ = ["KEY_FILE", "OFFERS", "PLACES", "STANDS", "Offer", "Person", "fill", "fill_internet", "people"]
