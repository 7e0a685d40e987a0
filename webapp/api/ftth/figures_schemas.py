"""The dashboard and the reports, as contract 2 shows and names them."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from webapp.billing import segments


def _segment(text: str) -> str:
    name = segments.named(text)
    if name is None:
        raise ValueError("Must be one of: " + ", ".join(segments.SEGMENTS))
    return name


Segment = Annotated[str, Field(max_length=40), AfterValidator(_segment)]
Skip = Annotated[int, Field(ge=0, le=1_000_000)]
Limit = Annotated[int, Field(ge=1, le=100)]


class StatCard(BaseModel):
    title: str
    value: int
    icon: str
    color: str


class BreakdownLine(BaseModel):
    id_brand: str
    total: int
    dibayar: int
    jumlah_invoice: int


class RevenueSummary(BaseModel):
    """`total` is what was billed this month; `breakdown` is it by brand."""

    total: int
    periode: str
    breakdown: list[BreakdownLine]


class Dataset(BaseModel):
    label: str
    data: list[int]


class Chart(BaseModel):
    id: str
    title: str
    type: Literal["bar", "line", "doughnut"]
    labels: list[str]
    datasets: list[Dataset]


class DashboardOut(BaseModel):
    stat_cards: list[StatCard]
    revenue_summary: RevenueSummary
    charts: list[Chart]


class SegmentQuery(BaseModel):
    segmen: Segment | None = None
    skip: Skip = 0
    limit: Limit = 15


class SegmentCount(BaseModel):
    segmen: str
    label: str
    jumlah: int


class SegmentedCustomer(BaseModel):
    id: int
    nama: str
    email: str | None
    no_telp: str
    alamat: str
    id_brand: str
    status: str
    segmen: str


class SegmentsOut(BaseModel):
    data: list[SegmentedCustomer]
    total_count: int
    skip: int
    limit: int
    segments: list[SegmentCount]


class RevenueQuery(BaseModel):
    """Without dates: this year so far."""

    start_date: date | None = None
    end_date: date | None = None
    group_by: Literal["month", "brand", "status"] = "month"
    brand: Annotated[str, Field(max_length=30)] = ""


class RevenueRow(BaseModel):
    group: str
    jumlah_invoice: int
    total: int
    dibayar: int
    sisa: int


class RevenueOut(BaseModel):
    start_date: date
    end_date: date
    group_by: str
    total_revenue: int
    total_dibayar: int
    total_sisa: int
    data: list[RevenueRow]


class CustomersQuery(BaseModel):
    segment: Segment | None = None
    status: Annotated[str, Field(max_length=12)] = ""
    brand: Annotated[str, Field(max_length=30)] = ""
    skip: Skip = 0
    limit: Limit = 15


class CustomerRow(BaseModel):
    id: int
    nama: str
    email: str | None
    no_telp: str
    alamat: str
    id_brand: str
    status: str
    segmen: str | None
    sisa_tagihan: int


class CustomersSummary(BaseModel):
    total: int
    by_status: dict[str, int]
    by_brand: dict[str, int]
    by_segment: dict[str, int]


class CustomersOut(BaseModel):
    data: list[CustomerRow]
    total_count: int
    skip: int
    limit: int
    summary: CustomersSummary
