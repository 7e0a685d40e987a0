"""Finding customers."""

import pytest
from flask import Flask

from tests.support.factories import Make
from webapp import database
from webapp.database import transaction
from webapp.extensions import db
from webapp.subscribers import customers, lines, queries
from webapp.subscribers.models import Customer
from webapp.subscribers.queries import CustomerFilter, count_customers, list_customers

PEOPLE = {
    "Budi Santoso": ("budi@example.com", "081234567890", "Jl. Merdeka No. 1"),
    "Siti  Nur'aini": ("siti_n@mail.id", "+6281377778888", "Jl. Melati 100%"),
    'PT "Bumi" 24 Jam': (None, "628211112222", "Kawasan Industri"),
    "Éko =HYPERLINK(1)": ("eko@example.com", "085200001111", "Jl. merdeka selatan"),
}


@pytest.fixture
def people(app: Flask, make: Make) -> dict[str, int]:
    make.brand()
    made = {}
    with app.app_context(), transaction():
        for name, (email, phone, address) in PEOPLE.items():
            values = {
                "name": name,
                "email": email,
                "phone": phone,
                "address": address,
                "brand_code": "JAKINET",
            }
            made[name] = customers.create_customer(values).id
    return made


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("santo", ["Budi"]),
        ("  BUDI   santoso ", ["Budi"]),
        ("di san", ["Budi"]),
        ("example.com", ["Éko", "Budi"]),
        ("siti_n", ["Siti"]),
        ("sitixn", []),
        ("nur'aini", ["Siti"]),
        ('"bumi"', ["PT"]),
        ("éko", ["Éko"]),
        ("ÉKO", ["Éko"]),
        ("=hyperlink", ["Éko"]),
        ("100%", []),
        ("0812", ["Budi"]),
        ("0812-3456-7890", ["Budi"]),
        ("62812 3456", ["Budi"]),
        ("+62 812", ["Budi"]),
        ("0813 7777", ["Siti"]),
        ("081377778888", ["Siti"]),
        ("7777", ["Siti"]),
        ("0821", ["PT"]),
        ("24 jam", ["PT"]),
        ("bu", ["Budi"]),
        ("24", ["PT"]),
        ("s", ["Siti", "Budi"]),
        ("%", []),
        ("_", []),
        ("", ["Éko", "PT", "Siti", "Budi"]),
        ("a" * 200, []),
        ("OR NOT NEAR(", []),
        ("\\", []),
    ],
)
def test_a_part_of_name_e_mail_or_number(
    app: Flask, people: dict[str, int], search: str, found: list[str]
) -> None:
    with app.app_context():
        wanted = CustomerFilter(search=search)
        assert [row.name.split()[0] for row in list_customers(wanted)] == found
        assert count_customers(wanted) == len(found)


def test_filters_narrow_together(app: Flask, make: Make, people: dict[str, int]) -> None:
    make.brand("OTHER")
    package = make.package()
    subscribed = make.customer(package, address_2="Merdeka", name="Ani")
    elsewhere = make.customer(brand_code="OTHER", name="Tono")
    with app.app_context(), transaction():
        lines.create_line(customers.get_customer(elsewhere), {})

    def ids(**wanted: object) -> list[int]:
        return [row.id for row in list_customers(CustomerFilter(**wanted))]  # type: ignore[arg-type]

    with app.app_context():
        assert ids(address="MERDEKA") == [subscribed, people["Éko =HYPERLINK(1)"], people["Budi Santoso"]]
        assert ids(address="merdeka", search="budi") == [people["Budi Santoso"]]
        assert ids(address="%") == [people["Siti  Nur'aini"]]
        assert ids(brand="other") == [elsewhere]
        assert ids(package_id=package) == [subscribed]
        assert ids(status="Berhenti") == []
        assert ids(router_id=1) == []
        assert len(ids(status="Aktif")) == 6


def test_a_part_in_any_order(app: Flask, people: dict[str, int]) -> None:
    with app.app_context():
        rows = list_customers(CustomerFilter(), sort="name", descending=False, skip=1, limit=2)
        assert [row.name.split()[0] for row in rows] == ["PT", "Siti"]


def test_a_stream_has_them_all_by_id(
    app: Flask, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "CHUNK", 2)
    statement = db.select(Customer.id, Customer.name)
    with app.app_context():
        assert [row.id for row in queries.stream(statement, CustomerFilter())] == list(people.values())
        some = queries.stream(statement, CustomerFilter(search="u"), skip=0, limit=1)
        assert [row.id for row in some] == []
        assert len(list(queries.stream(statement, CustomerFilter(), skip=1, limit=2))) == 2
