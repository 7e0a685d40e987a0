"""Technical data (contract 2, Data Teknis Endpoints)."""

from flask import Response

from webapp.api.ftth import envelope, ftth
from webapp.api.ftth import line_presenters as presenters
from webapp.api.ftth import line_schemas as schemas
from webapp.identity import OPERATOR, VIEWER
from webapp.subscribers import customers, lines, odps

PATH = "/api/data_teknis"
ONE = f"{PATH}/<int:data_teknis_id>"


@ftth.operation(
    "POST",
    PATH,
    policy=OPERATOR,
    body=schemas.NewLine,
    returns=schemas.LineOut,
    status=201,
    errors=[404, 409],
)
def create_line(body: schemas.NewLine) -> Response:
    """Give a customer a line; a PPPoE name or password that is not given is made."""
    made = lines.create_line(customers.get_customer(body.pelanggan_id), body.columns)
    return envelope.ok(presenters.line(made), 201)


@ftth.operation("GET", ONE, policy=VIEWER, returns=schemas.LineOut, errors=[404])
def line(data_teknis_id: int) -> Response:
    """A line."""
    return envelope.ok(presenters.line(lines.get_line(data_teknis_id)))


@ftth.operation(
    "GET",
    f"{PATH}/pelanggan/<int:pelanggan_id>",
    policy=VIEWER,
    returns=schemas.LineOut,
    errors=[404],
)
def line_of_customer(pelanggan_id: int) -> Response:
    """The line of a customer."""
    return envelope.ok(presenters.line(lines.get_line_of(customers.get_customer(pelanggan_id))))


@ftth.operation(
    "PATCH", ONE, policy=OPERATOR, body=schemas.LineChange, returns=schemas.LineOut, errors=[404, 409]
)
def update_line(data_teknis_id: int, body: schemas.LineChange) -> Response:
    """Change the fields that are sent; the router follows."""
    return envelope.ok(presenters.line(lines.update_line(data_teknis_id, body.columns)))


@ftth.operation("DELETE", ONE, policy=OPERATOR, status=204, errors=[404])
def delete_line(data_teknis_id: int) -> Response:
    """Delete a line; its address and ports are free at once, and the router forgets it."""
    lines.delete_line(data_teknis_id)
    return Response(status=204)


@ftth.operation("POST", f"{ONE}/reveal", policy=OPERATOR, returns=schemas.Revealed, errors=[404, 409])
def reveal_line_password(data_teknis_id: int) -> Response:
    """The PPPoE password in clear; the activity log tells who looked."""
    return envelope.secret({"password_pppoe": lines.reveal_password(data_teknis_id)})


@ftth.operation(
    "GET", f"{PATH}/odp", policy=VIEWER, query=schemas.OdpListing, returns=schemas.OdpOut, paged=True
)
def odp_ports(query: schemas.OdpListing) -> Response:
    """Distribution points with their ports in use, and by whom."""
    found, total = odps.taken(search=query.search, skip=query.skip, limit=query.limit)
    return envelope.page([presenters.odp(one) for one in found], total, query.skip, query.limit)
