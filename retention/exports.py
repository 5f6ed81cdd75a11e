"""Which exports were made, and until when they are kept; and the archives that lie in the lake's own folder.

Rows say who was exported by tokens, never by values, and only while an archive lies in that folder: so that
an erasure takes it, too.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    select,
    update,
)

from audit.ledger import Fact, Ledger
from audit.ledger_entry import instant, subject_mark
from tenancy.control import now
from tenancy.durable import make_durable

OURS = re.compile(r"[.]?([0-9a-f]{32})[.]age")
"""How the name of an archive begins, or of one that is being written."""
metadata = MetaData()

exports = Table(
    "exports",
    metadata,
    Column("export_id", String(32), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("kind", String(10), nullable=False),  # subject | tenant
    Column("tokens", Integer, nullable=False),  # by how many tokens the person was found
    Column("kept_here", Boolean, nullable=False),  # in the lake's own folder, under its id
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("gone_at", DateTime(timezone=True)),  # the archive was removed
)

export_tokens = Table(
    "export_tokens",
    metadata,
    Column("export_id", ForeignKey("exports.export_id"), primary_key=True),
    Column("domain", String(120), primary_key=True),
    Column("token", String(32), primary_key=True),
)


@dataclass(frozen=True)
class Export:
    """One export. `kept_here`: its archive lies, or lay, in the lake's own folder. Times are UTC."""

    export_id: str
    tenant: str
    kind: str
    tokens: int
    kept_here: bool
    created: datetime
    expires: datetime | None
    gone: datetime | None


def archive_of(folder: Path, export_id: str) -> Path:
    """Where an export's archive lies in the lake's own folder."""
    return folder / f"{export_id}.age"


def record_export(
    engine: Engine,
    tenant: str,
    kind: str,
    tokens: Collection[tuple[str, str]] = (),
    *,
    kept_here: bool = False,
    expires: datetime | None = None,
) -> Export:
    """Write an export down, before its archive is. Tokens (domain, token) are kept while it lies here."""
    made = Export(uuid.uuid4().hex, tenant, kind, len(tokens), kept_here, now(), expires, None)
    row = {
        "export_id": made.export_id, "tenant_id": tenant, "kind": kind, "tokens": made.tokens,
        "kept_here": kept_here, "created_at": made.created, "expires_at": expires,
    }  # fmt: skip
    told = [{"export_id": made.export_id, "domain": d, "token": t} for d, t in sorted(set(tokens))]
    ledger = Ledger(engine)
    with engine.begin() as connection:
        connection.execute(exports.insert(), row)
        if kept_here and told:
            connection.execute(export_tokens.insert(), told)
        ledger.append([_made(made, [token for _, token in tokens])], connection)
    return made


def all_exports(engine: Engine, tenant: str | None = None) -> list[Export]:
    """Every export, of one tenant or of all, the newest first."""
    query = select(exports).order_by(exports.c.created_at.desc(), exports.c.export_id)
    if tenant is not None:
        query = query.where(exports.c.tenant_id == tenant)
    with engine.connect() as connection:
        return [_export(row) for row in connection.execute(query)]


def remove_records(engine: Engine, over: Collection[Export]) -> None:
    """Forget that these exports were made. The ledger is told, and keeps that they were."""
    ledger = Ledger(engine)
    with engine.begin() as connection:
        connection.execute(exports.delete().where(exports.c.export_id.in_([one.export_id for one in over])))
        ledger.append((_told(one.export_id, one.tenant, "forgotten") for one in over), connection)


def remove_expired(engine: Engine, folder: Path, at: datetime) -> int:
    """Remove the archives in the folder whose time is over at `at`, and what no export knows; how many files.

    Raises OSError where one stays.
    """
    alive = {one.export_id: one for one in all_exports(engine) if one.kept_here and one.gone is None}
    over = {id_ for id_, one in alive.items() if one.expires is not None and one.expires <= at}
    named = [(file, OURS.match(file.name)) for file in (folder.iterdir() if folder.is_dir() else ())]
    strangers = [file for file, name in named if name is not None and name[1] not in alive]
    return _remove(engine, folder, over, strangers)


def remove_export(engine: Engine, folder: Path, export_id: str) -> None:
    """Take back an export that came to nothing."""
    _remove(engine, folder, {export_id}, [])


def remove_exports_of(engine: Engine, folder: Path, tenant: str, tokens: Iterable[tuple[str, str]]) -> int:
    """Remove the archives in the folder that were made for the person with these (domain, token).

    Gives how many files went. Raises OSError where one stays.
    """
    theirs = (
        select(export_tokens.c.export_id, export_tokens.c.domain, export_tokens.c.token)
        .join(exports, exports.c.export_id == export_tokens.c.export_id)
        .where(exports.c.tenant_id == tenant)
    )
    wanted = set(tokens)
    with engine.connect() as connection:
        meant = {one for one, domain, token in connection.execute(theirs) if (domain, token) in wanted}
    return _remove(engine, folder, meant, [])


def _remove(engine: Engine, folder: Path, meant: Collection[str], strangers: Collection[Path]) -> int:
    files = [*strangers, *(file for one in sorted(meant) for file in folder.glob(f"*{one}.age*"))]
    for file in files:
        file.unlink(missing_ok=True)
    if files:
        make_durable([folder], folder.parent)
    if meant:
        ledger = Ledger(engine)
        with engine.begin() as connection:
            connection.execute(export_tokens.delete().where(export_tokens.c.export_id.in_(meant)))
            connection.execute(update(exports).where(exports.c.export_id.in_(meant)).values(gone_at=now()))
            whose = select(exports.c.export_id, exports.c.tenant_id).where(exports.c.export_id.in_(meant))
            gone = connection.execute(whose.order_by(exports.c.export_id)).all()
            ledger.append((_told(export_id, tenant, "gone") for export_id, tenant in gone), connection)
    return len(files)


def _made(made: Export, tokens: Collection[str]) -> Fact:
    source = f"{made.export_id}/made"
    body = {
        "export_id": made.export_id, "export": made.kind, "state": "made", "kept_here": made.kept_here,
        "expires_at": instant(made.expires) if made.expires is not None else None,
        "subjects": sorted(subject_mark(token, source) for token in tokens),
    }  # fmt: skip
    return Fact("export", source, body, made.tenant)


def _told(export_id: str, tenant: str, state: str) -> Fact:
    return Fact("export", f"{export_id}/{state}", {"export_id": export_id, "state": state}, tenant)


def _export(row: Row[Any]) -> Export:
    return Export(
        row.export_id, row.tenant_id, row.kind, row.tokens, row.kept_here, _utc(row.created_at),
        _utc(row.expires_at), _utc(row.gone_at),
    )  # fmt: skip


def _utc(moment: datetime | None) -> Any:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
