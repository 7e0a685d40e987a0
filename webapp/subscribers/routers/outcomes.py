"""Which lines their router has as they are wanted, and which it has not, and why."""

from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import Table, bindparam, update

from webapp.extensions import db
from webapp.kit import clock
from webapp.notifications import service as notifications
from webapp.subscribers.models import LineSync, Router
from webapp.subscribers.routers.difference import Wanted

TAKEN = "The router has a secret of this name that is not ours"
NAMED = 20  # lines that a notification names
_SYNC = cast(Table, LineSync.__table__)
# Only what is still wanted as it was read: who changed the line meanwhile has made it pending again.
_AS_READ = (_SYNC.c.technical_data_id == bindparam("line"), _SYNC.c.wanted_at == bindparam("wanted"))


def settle(lines: Sequence[Wanted]) -> None:
    """The router has these lines as they were wanted when they were read."""
    values = {"pending": False, "error": "", "synced_at": clock.now()}
    _note([(line, values) for line in lines])


def complain(router_id: int, lines: Mapping[int, Wanted], why: Mapping[int, str]) -> None:
    """These lines could not be written; people hear of it once."""
    _note([(lines[line_id], {"pending": True, "error": reason}) for line_id, reason in why.items()])
    news = [line_id for line_id, reason in why.items() if lines[line_id].error != reason]
    if not news:
        return
    router = db.session.get_one(Router, router_id)
    said = f"{len(news)} pelanggan tidak dapat disinkronkan ke router {router.name}"
    first = [{"nama": lines[one].name, "keterangan": why[one]} for one in news[:NAMED]]
    data = {"mikrotik_server_id": router.id, "nama": router.name, "jumlah": len(news), "pelanggan": first}
    notifications.notify("mikrotik_issue", said, data)


def _note(lines: Sequence[tuple[Wanted, Mapping[str, object]]]) -> None:
    mine = [(line, values) for line, values in lines if line.is_here and line.wanted_at is not None]
    if not mine:
        return
    statement = update(_SYNC).where(*_AS_READ).values({name: bindparam(f"new_{name}") for name in mine[0][1]})
    rows = [
        {"line": line.line_id, "wanted": line.wanted_at}
        | {f"new_{name}": one for name, one in values.items()}
        for line, values in mine
    ]
    db.session.connection().execute(statement, rows)
