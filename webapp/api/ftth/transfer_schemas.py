"""What contract 2 takes and gives of files of customers."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from webapp.api.ftth.customer_schemas import Status, example
from webapp.subscribers import exports, fields, queries
from webapp.subscribers.queries import CustomerFilter

ImportState = Literal["preview", "waiting", "running", "done", "failed", "undoing", "undone"]


class ExportQuery(BaseModel):
    """The filters are those of the list."""

    skip: int = Field(0, ge=0, le=queries.MAX_SKIP)
    limit: int = Field(exports.MAX_ROWS, ge=1, le=exports.MAX_ROWS)
    search: Annotated[str, *fields.text(100)] = ""
    alamat: Annotated[str, *fields.text(100)] = ""
    id_brand: Annotated[str, *fields.text(30)] = ""
    status: Status | None = None

    @property
    def wanted(self) -> CustomerFilter:
        return CustomerFilter(
            search=self.search, address=self.alamat, brand=self.id_brand, status=self.status or ""
        )


class ImportQuery(BaseModel):
    """`dry_run` only says what would come of the file."""

    dry_run: bool = False


class TableForm(BaseModel):
    """CSV of any encoding and delimiter, or XLSX; at most 10 MB and 50,000 rows."""

    file: bytes


class FaultOut(BaseModel):
    row: int
    field: str
    message: str


class ImportOut(BaseModel):
    """An import, or (`preview`, without an id) what would come of a file. `errors` are the first thousand."""

    model_config = example(
        id="5f0c6f0e-6c5b-4a53-9b0c-0d6c9a3f1c11",
        file_name="pelanggan.csv",
        status="done",
        progress=100,
        total_rows=1250,
        created=1250,
        error_count=0,
        errors=[],
        ignored_columns=["Catatan"],
        created_at="2024-01-15T10:00:00Z",
        finished_at="2024-01-15T10:00:02Z",
    )
    id: str | None
    file_name: str
    status: ImportState
    progress: int
    total_rows: int
    created: int
    error_count: int
    errors: list[FaultOut]
    ignored_columns: list[str] = []
    preview: list[dict[str, Any]] = []
    created_at: str | None
    finished_at: str | None
