"""Imports as contract 2 would write them."""

from collections.abc import Mapping, Sequence
from typing import Any

from webapp.api.ftth.envelope import moment
from webapp.subscribers.models import CustomerImport
from webapp.subscribers.spreadsheet import Fault, Line, Sheet

SAMPLE = 5


def customer_import(row: CustomerImport, ignored: Sequence[str] = ()) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "file_name": row.file_name,
        "status": row.status,
        "progress": row.progress,
        "total_rows": row.rows,
        "created": row.created,
        "error_count": row.fault_count,
        "errors": [_error(fault) for fault in row.faults],
        "ignored_columns": list(ignored),
        "created_at": moment(row.created_at),
        "finished_at": moment(row.finished_at),
    }


def preview(sheet: Sheet, file_name: str) -> dict[str, Any]:
    """What would come of a file."""
    return {
        "id": None,
        "file_name": file_name,
        "status": "preview",
        "progress": 0,
        "total_rows": sheet.rows,
        "created": 0 if sheet.fault_count else sheet.rows,
        "error_count": sheet.fault_count,
        "errors": [_error(fault._asdict()) for fault in sheet.faults],
        "ignored_columns": sheet.ignored,
        "preview": [_line(line) for line in sheet.lines.first(SAMPLE)],
        "created_at": None,
        "finished_at": None,
    }


def _error(fault: Mapping[str, Any]) -> dict[str, Any]:
    """As Fault has it."""
    row, column, message = (fault[name] for name in Fault._fields)
    return {"row": row, "field": column, "message": message}


def _line(line: Line) -> dict[str, Any]:
    return {
        "nama": line.name,
        "no_ktp": line.national_id,
        "email": line.email,
        "no_telp": line.phone,
        "alamat": line.address,
        "tanggal_instalasi": line.installed_on and line.installed_on.isoformat(),
        "id_brand": line.brand_code,
        "paket_id": line.package_id,
    }
