"""The peer: contract 1's ingest as a competent developer first writes it with FastAPI and SQLAlchemy's async ORM.

The key, the gate and the tariff are looked up by a query each, the event is inserted, the request commits. It keeps no
totals, no event ids and one index fewer than Gerbang, and runs under uvicorn with uvloop and httptools: the fastest
fair form of it. `PEER_TOTALS=1` adds the two upserts that a dashboard would need.
"""

import hashlib
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint, event, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

URL = os.environ["PEER_DATABASE_URL"]
KEY = os.environ["PEER_API_KEY"]
WITH_TOTALS = os.environ.get("PEER_TOTALS") == "1"
SQLITE = URL.startswith("sqlite")
# On SQLite one connection is fastest by far (measured): with more, writers sleep in SQLite's busy handler.
POOL = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 30} if SQLITE else {"pool_size": 32}

engine = create_async_engine(URL, **POOL)
Session = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class ApiKey(Base):
    __tablename__ = "api_keys"
    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    is_active: Mapped[bool] = mapped_column(default=True)


class Location(Base):
    __tablename__ = "locations"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    is_active: Mapped[bool] = mapped_column(default=True)


class Gate(Base):
    __tablename__ = "gates"
    __table_args__ = (UniqueConstraint("location_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("locations.id"))
    code: Mapped[str] = mapped_column(String(64))
    is_active: Mapped[bool] = mapped_column(default=True)


class Tariff(Base):
    __tablename__ = "tariffs"
    __table_args__ = (UniqueConstraint("gate_id", "category", "effective_from"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    gate_id: Mapped[int] = mapped_column(ForeignKey("gates.id"))
    category: Mapped[str] = mapped_column(String(40))
    price: Mapped[int] = mapped_column(BigInteger)
    effective_from: Mapped[int] = mapped_column(BigInteger, default=0)


class GateEvent(Base):
    __tablename__ = "gate_events"
    __table_args__ = (Index(None, "gate_id", "event_time"),)
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    gate_id: Mapped[int]
    category: Mapped[str] = mapped_column(String(40))
    event_time: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[int] = mapped_column(BigInteger)
    api_key_id: Mapped[int]


class Total(Base):
    """Hourly totals, and daily ones in the rows with hour -1."""

    __tablename__ = "totals"
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    gate_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    category: Mapped[str] = mapped_column(String(40), primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)


class EventIn(BaseModel):
    timestamp: int = Field(ge=0)
    location_code: str = Field(min_length=1, max_length=64)
    gate_code: str = Field(min_length=1, max_length=64)
    category: str = Field(min_length=1, max_length=40)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        await _fill(session)
        await session.commit()
    yield
    await engine.dispose()


async def _fill(session: AsyncSession) -> None:
    """Two locations with ten gates each and a price for three categories: what Gerbang has in the same run."""
    session.add(ApiKey(key_hash=_digest(KEY)))
    for location_number in range(1, 3):
        location = Location(code=f"loc{location_number}")
        session.add(location)
        await session.flush()
        gates = [Gate(location_id=location.id, code=f"gate{number:02}") for number in range(1, 11)]
        session.add_all(gates)
        await session.flush()
        for gate in gates:
            for category, price in (("person_walk", 1000), ("motor", 2000), ("car", 5000)):
                session.add(Tariff(gate_id=gate.id, category=category, price=price))


if SQLITE:

    @event.listens_for(engine.sync_engine, "connect")
    def _durable(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


async def opened() -> AsyncIterator[AsyncSession]:
    async with Session() as session:
        yield session


Opened = Annotated[AsyncSession, Depends(opened)]
app = FastAPI(lifespan=lifespan)


async def api_key(session: Opened, x_api_key: Annotated[str, Header()]) -> ApiKey:
    key = await session.scalar(select(ApiKey).where(ApiKey.key_hash == _digest(x_api_key), ApiKey.is_active))
    if key is None:
        raise HTTPException(401, "Invalid API key")
    return key


@app.post("/retribusi/v1/ingest")
async def ingest(body: EventIn, session: Opened, key: Annotated[ApiKey, Depends(api_key)]) -> dict[str, Any]:
    gate = await session.scalar(
        select(Gate)
        .join(Location)
        .where(Location.code == body.location_code, Location.is_active)
        .where(Gate.code == body.gate_code, Gate.is_active)
    )
    if gate is None:
        raise HTTPException(404, "Gate not found")
    price = await session.scalar(
        select(Tariff.price)
        .where(Tariff.gate_id == gate.id, Tariff.category == body.category)
        .where(Tariff.effective_from <= body.timestamp)
        .order_by(Tariff.effective_from.desc())
        .limit(1)
    )
    if price is None:
        raise HTTPException(404, "Tariff not found")
    now = int(time.time())
    row = {
        "gate_id": gate.id,
        "category": body.category,
        "event_time": body.timestamp,
        "amount": price,
    }
    session.add(GateEvent(**row, received_at=now, api_key_id=key.id))
    if WITH_TOTALS:
        await _add_up(session, row)
    await session.commit()
    return {"success": True, "data": {"stored": True}, "timestamp": now}


_UPSERT = text(
    "INSERT INTO totals (day, gate_id, category, hour, count, amount)"
    " VALUES (:day, :gate_id, :category, :hour, 1, :amount)"
    " ON CONFLICT (day, gate_id, category, hour)"
    " DO UPDATE SET count = totals.count + 1, amount = totals.amount + excluded.amount"
)


async def _add_up(session: AsyncSession, row: dict[str, Any]) -> None:
    moment = datetime.fromtimestamp(row["event_time"], UTC)
    given = {name: row[name] for name in ("gate_id", "category", "amount")}
    for hour in (-1, moment.hour):
        await session.execute(_UPSERT, {**given, "day": moment.date().isoformat(), "hour": hour})
