"""Customers (contract 2, Pelanggan Endpoints)."""

from flask import Response

from webapp.api.ftth import customer_presenters as presenters
from webapp.api.ftth import customer_schemas as schemas
from webapp.api.ftth import envelope, ftth
from webapp.identity import ADMIN, OPERATOR, VIEWER
from webapp.subscribers import customers, queries, trash

PATH = "/api/pelanggan"
ONE = f"{PATH}/<int:pelanggan_id>"


@ftth.operation(
    "POST",
    PATH,
    policy=OPERATOR,
    body=schemas.NewCustomer,
    returns=schemas.CustomerOut,
    status=201,
    errors=[409],
)
def create_customer(body: schemas.NewCustomer) -> Response:
    """Create a customer, with a subscription if `langganan` says so."""
    terms = body.langganan.terms if body.langganan else None
    made = customers.create_customer(body.columns, subscription=terms)
    return envelope.ok(presenters.customer(made), 201)


@ftth.operation(
    "GET",
    PATH,
    policy=VIEWER,
    query=schemas.CustomerListing,
    returns=schemas.ListedCustomer,
    paged=True,
)
def list_customers(query: schemas.CustomerListing) -> Response:
    """Customers, the newest first; `search` finds any part of nama, email or no_telp."""
    rows = queries.list_customers(query.wanted, skip=query.skip, limit=query.limit)
    total = queries.count_customers(query.wanted)
    return envelope.page(presenters.listed(rows, query.names), total, query.skip, query.limit)


@ftth.operation("GET", ONE, policy=VIEWER, returns=schemas.CustomerDetail, errors=[404])
def customer(pelanggan_id: int) -> Response:
    """A customer with package and technical data."""
    return envelope.ok(presenters.detail(customers.get_customer(pelanggan_id)))


@ftth.operation(
    "PATCH",
    ONE,
    policy=OPERATOR,
    body=schemas.CustomerChange,
    returns=schemas.CustomerOut,
    errors=[404, 409],
)
def update_customer(pelanggan_id: int, body: schemas.CustomerChange) -> Response:
    """Change the fields that are sent."""
    return envelope.ok(presenters.customer(customers.update_customer(pelanggan_id, body.columns)))


@ftth.operation("DELETE", ONE, policy=OPERATOR, status=204, errors=[404])
def delete_customer(pelanggan_id: int) -> Response:
    """Delete a customer with line and subscription; an admin can restore it for 30 days."""
    trash.delete_customer(pelanggan_id)
    return Response(status=204)


@ftth.operation(
    "GET",
    f"{PATH}/deleted",
    policy=ADMIN,
    query=schemas.Part,
    returns=schemas.DeletedCustomer,
    paged=True,
)
def deleted_customers(query: schemas.Part) -> Response:
    """Customers who can be restored, the last deleted first."""
    rows, total = trash.deleted_customers(skip=query.skip, limit=query.limit)
    return envelope.page([presenters.deleted(row) for row in rows], total, query.skip, query.limit)


@ftth.operation("POST", f"{ONE}/restore", policy=ADMIN, returns=schemas.CustomerDetail, errors=[404, 409])
def restore_customer(pelanggan_id: int) -> Response:
    """Bring back a customer who was deleted in the last 30 days, as they were."""
    return envelope.ok(presenters.detail(trash.restore_customer(pelanggan_id)))
