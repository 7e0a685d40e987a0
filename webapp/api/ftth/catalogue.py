"""Brands and packages (contracts, 2 ftth: what the document implies but does not list)."""

from typing import Any

from flask import Response

from webapp.api.ftth import catalogue_schemas as schemas
from webapp.api.ftth import envelope, ftth
from webapp.api.ftth.words import BRAND, PACKAGE
from webapp.identity import ADMIN, VIEWER
from webapp.subscribers import catalogue
from webapp.subscribers.models import Brand, Package

BRANDS, PACKAGES = "/api/brands", "/api/paket"
BRAND_PATH, PACKAGE_PATH = f"{BRANDS}/<id_brand>", f"{PACKAGES}/<int:paket_id>"


@ftth.operation("GET", BRANDS, policy=VIEWER, query=schemas.Part, returns=schemas.BrandOut, paged=True)
def list_brands(query: schemas.Part) -> Response:
    """Brands, by code."""
    rows = catalogue.brands()
    part = [_brand(row) for row in rows[query.skip : query.skip + query.limit]]
    return envelope.page(part, len(rows), query.skip, query.limit)


@ftth.operation(
    "POST",
    BRANDS,
    policy=ADMIN,
    body=schemas.NewBrand,
    returns=schemas.BrandOut,
    status=201,
    errors=[409],
)
def create_brand(body: schemas.NewBrand) -> Response:
    """Create a brand."""
    return envelope.ok(_brand(catalogue.create_brand(body.columns)), 201)


@ftth.operation("GET", BRAND_PATH, policy=VIEWER, returns=schemas.BrandOut, errors=[404])
def brand(id_brand: str) -> Response:
    """A brand."""
    return envelope.ok(_brand(catalogue.get_brand(id_brand)))


@ftth.operation(
    "PATCH", BRAND_PATH, policy=ADMIN, body=schemas.BrandChange, returns=schemas.BrandOut, errors=[404, 409]
)
def update_brand(id_brand: str, body: schemas.BrandChange) -> Response:
    """Change the fields that are sent; `aktif: false` takes no new customers."""
    return envelope.ok(_brand(catalogue.update_brand(id_brand, body.columns)))


@ftth.operation("DELETE", BRAND_PATH, policy=ADMIN, status=204, errors=[404, 409])
def delete_brand(id_brand: str) -> Response:
    """Delete a brand that was never used; one in use is switched off instead."""
    catalogue.delete_brand(id_brand)
    return Response(status=204)


@ftth.operation(
    "GET", PACKAGES, policy=VIEWER, query=schemas.PackageListing, returns=schemas.PackageOut, paged=True
)
def list_packages(query: schemas.PackageListing) -> Response:
    """Packages, by brand and name."""
    rows, total = catalogue.packages(
        brand=query.id_brand, is_active=query.aktif, skip=query.skip, limit=query.limit
    )
    return envelope.page([_package(row) for row in rows], total, query.skip, query.limit)


@ftth.operation(
    "POST",
    PACKAGES,
    policy=ADMIN,
    body=schemas.NewPackage,
    returns=schemas.PackageOut,
    status=201,
    errors=[409],
)
def create_package(body: schemas.NewPackage) -> Response:
    """Create a package of a brand."""
    return envelope.ok(_package(catalogue.create_package(body.columns)), 201)


@ftth.operation("GET", PACKAGE_PATH, policy=VIEWER, returns=schemas.PackageOut, errors=[404])
def package(paket_id: int) -> Response:
    """A package."""
    return envelope.ok(_package(catalogue.get_package(paket_id)))


@ftth.operation(
    "PATCH",
    PACKAGE_PATH,
    policy=ADMIN,
    body=schemas.PackageChange,
    returns=schemas.PackageOut,
    errors=[404, 409],
)
def update_package(paket_id: int, body: schemas.PackageChange) -> Response:
    """Change the fields that are sent; running subscriptions have a new price from next month on."""
    return envelope.ok(_package(catalogue.update_package(paket_id, body.columns)))


@ftth.operation("DELETE", PACKAGE_PATH, policy=ADMIN, status=204, errors=[404, 409])
def delete_package(paket_id: int) -> Response:
    """Delete a package that nobody ever had; others are switched off instead."""
    catalogue.delete_package(paket_id)
    return Response(status=204)


def _brand(row: Brand) -> dict[str, Any]:
    fields = {name: getattr(row, column) for name, column in BRAND.items()}
    return fields | {"pajak_persen": float(row.tax_percent)} | _moments(row)


def _package(row: Package) -> dict[str, Any]:
    fields = {name: getattr(row, column) for name, column in PACKAGE.items()}
    return {"id": row.id} | fields | _moments(row)


def _moments(row: Brand | Package) -> dict[str, str | None]:
    return {name: envelope.moment(getattr(row, name)) for name in ("created_at", "updated_at")}
