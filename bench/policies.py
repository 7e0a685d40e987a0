"""Gerbang with the list of locations three times more: for anyone, for a token, for a key."""

from flask import Response

from webapp import create_app
from webapp.api.retribusi import envelope, presenters, schemas
from webapp.api.surface import Surface
from webapp.gates import queries
from webapp.identity import PROTECTED, PUBLIC, VIEWER, Policy

app = create_app()


def _surface(name: str, policy: Policy) -> Surface:
    surface = Surface(name, __name__, prefixes=(f"/{name}",), dialect=envelope)

    @surface.operation(
        "GET",
        f"/{name}/locations",
        policy=policy,
        query=schemas.Listing,
        returns=schemas.LocationOut,
        paged=True,
    )
    def locations(query: schemas.Listing) -> Response:
        """List locations."""
        found = queries.locations(query.page, query.limit)
        return envelope.page([presenters.location(one) for one in found.items], found)

    return surface


for name, policy in (("open", PUBLIC), ("token", VIEWER), ("key", PROTECTED)):
    app.register_blueprint(_surface(name, policy))
