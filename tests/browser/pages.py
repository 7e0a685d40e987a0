"""What browser tests do beside clicking: gates and events through the API, and asking axe what it thinks."""

import time
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "static/vendor/axe/axe.min.js"


class Operator(AbstractContextManager["Operator"]):
    """Speaks contract 1 with the running server."""

    def __init__(self, url: str, password: str, key: str) -> None:
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=20)
        self._key = key
        answer = self._http.post("/auth/v1/login", json={"username": "admin", "password": password})
        self._http.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['data']['token']}"

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    def open_gate(self, location: str, gate: str = "gate01", price: int = 2_000) -> tuple[str, str]:
        """A new location with a gate that motorcycles pay at."""
        base = "/retribusi/v1/frontend"
        self._post(f"{base}/locations", {"code": location, "name": location.title(), "type": "kerkof"})
        named = {"location_code": location, "gate_code": gate}
        self._post(f"{base}/gates", {**named, "name": f"Gate {location}", "direction": "in"})
        self._post(f"{base}/tariffs", {**named, "category": "motor", "price": price})
        return location, gate

    def pass_through(self, gate: tuple[str, str], count: int = 1) -> None:
        """Motorcycles pass, now."""
        event = {"location_code": gate[0], "gate_code": gate[1], "category": "motor"}
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 7 * 3600))
        events = [{**event, "timestamp": moment} for _ in range(count)]
        headers = {"X-API-KEY": self._key}
        answer = self._http.post(
            "/retribusi/v1/ingest/batch", json=events, headers=headers
        ).raise_for_status()
        assert answer.json()["data"]["stored"] == count, answer.text

    def add_customer(self, name: str) -> int:
        """Somebody whom everybody is told of; their number."""
        given = {
            "nama": name,
            "email": f"{name.split(maxsplit=1)[0].lower()}@example.com",
            "no_telp": "08123456789",
            "no_ktp": f"{time.time_ns() % 10**16:016}",
            "alamat": "Jl. Example No. 123",
            "id_brand": "JAKINET",
            "tanggal_instalasi": "2024-01-15",
        }
        return self._made("/api/pelanggan/", given)

    def add_invoice(self, customer_id: int, description: str, price: int) -> int:
        """An open invoice of one line, in rupiah before tax; its id."""
        items = [{"deskripsi": description, "jumlah": 1, "harga": price}]
        given = {"pelanggan_id": customer_id, "periode": "2024-01", "tanggal_jatuh_tempo": "2099-01-31"}
        return self._made("/api/invoices/", {**given, "items": items})

    def pay(self, customer_id: int, amount: int) -> int:
        """Money that a customer hands over; the payment's id."""
        given = {"pelanggan_id": customer_id, "jumlah": amount, "metode": "cash"}
        return self._made("/api/payments/", given)

    def _made(self, path: str, body: dict[str, object]) -> int:
        made = self._http.post(path, json=body).raise_for_status().json()
        return int(made.get("data", made)["id"])  # contract 2 speaks both ways

    def _post(self, path: str, body: dict[str, object]) -> None:
        self._http.post(path, json=body).raise_for_status()


def axe_violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now. Needs a context that bypasses the CSP."""
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then((result) => result.violations)")
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
