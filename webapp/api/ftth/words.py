"""Contract 2's words for what the code calls by its own: the wire's name to the column's."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

CUSTOMER = {
    "nama": "name",
    "email": "email",
    "no_telp": "phone",
    "no_ktp": "national_id",
    "alamat": "address",
    "alamat_2": "address_2",
    "blok": "block",
    "unit": "unit",
    "tanggal_instalasi": "installed_on",
    "id_brand": "brand_code",
    "bahasa": "language",
    "tanpa_pesan": "no_messages",
    "jangan_suspend": "never_suspend",
}
LINE = {
    "ip_pelanggan": "ip_address",
    "nama_pppoe": "pppoe_name",
    "password_pppoe": "pppoe_password",
    "vlan": "vlan",
    "sn_ont": "ont_serial",
    "port_odp": "odp_port",
    "port_olt": "olt_port",
    "mikrotik_server_id": "router_id",
    "tanpa_sinkron": "sync_exempt",
}
BRAND = {
    "id_brand": "code",
    "nama": "name",
    "pajak_persen": "tax_percent",
    "xendit_key_name": "gateway_key",
    "pola_invoice": "invoice_pattern",
    "alamat": "address",
    "rekening": "bank_account",
    "masa_tenggang_hari": "grace_days",
    "aktif": "is_active",
}
PACKAGE = {
    "id_brand": "brand_code",
    "nama_paket": "name",
    "kecepatan": "speed_mbps",
    "harga": "price",
    "profil_mikrotik": "profile",
    "aktif": "is_active",
}
# What services call a field in their refusals, where it is not the wire's word.
REFUSED = {
    "brand_code": "id_brand",
    "package_id": "paket_id",
    "customer_id": "pelanggan_id",
    "router_id": "mikrotik_server_id",
    "ip_address": "ip_pelanggan",
    "started_on": "tanggal_mulai",
    "effective_on": "tanggal_efektif",
    "on": "tanggal_berhenti",
}


def columns(sent: BaseModel, words: Mapping[str, str]) -> dict[str, Any]:
    """What was sent, by the columns' names; what was not is not there."""
    return {
        words[name]: value for name, value in sent.model_dump(exclude_unset=True).items() if name in words
    }
