"""Demo data: gates with five weeks of events (gates.py), and people who could be subscribers (people.py)."""

from webapp.demo.gates import KEY_FILE, PLACES, STANDS, fill
from webapp.demo.people import OFFERS, Offer, Person, people

__all__ = ["KEY_FILE", "OFFERS", "PLACES", "STANDS", "Offer", "Person", "fill", "people"]
