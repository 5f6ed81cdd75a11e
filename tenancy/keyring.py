"""The key ring: root key → tenant key → data key and token key, each with an id and an epoch."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Column, DateTime, Engine, Integer, LargeBinary, MetaData, Row, String, Table, select
from sqlalchemy.exc import IntegrityError

from tenancy.control import now
from tenancy.durable import make_durable
from tenancy.errors import ControlStateError
from tenancy.keyfile import KEY_BYTES
from tenancy.rootkey import RootKey, create_root_key, read_root_key, unwrap, wrap

metadata = MetaData()

lake_identity = Table(
    "lake_identity",
    metadata,
    Column("one", Integer, primary_key=True),  # always 1: a database is of one lake
    Column("lake_id", String(36), nullable=False),
    Column("root_key_fingerprint", String(16), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

wrapped_keys = Table(
    "wrapped_keys",
    metadata,
    Column("key_id", String(80), primary_key=True),
    Column("tenant_id", String(40), nullable=False, index=True),
    Column("purpose", String(10), nullable=False),  # tenant | data | token
    Column("epoch", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

AT_ONCE = 1_000
"""Tenants that one query names: SQLite takes some ten thousand values."""
MARKER = "_lakeward.json"
"""Lies in the lake's root and says which control database the lake belongs to."""


@dataclass(frozen=True)
class DataKey:
    """A data key with the id that every cell sealed under it carries."""

    key_id: str
    tenant_id: str
    epoch: int
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class TenantKeys:
    """What a tenant's rows need: the newest data key, all data keys, and the token key."""

    tenant_id: str
    data_keys: tuple[DataKey, ...]
    token_key: bytes = field(repr=False)

    @property
    def current(self) -> DataKey:
        """The data key that new cells are sealed under."""
        return self.data_keys[-1]


class KeyRing:
    """All keys of one lake. Open it with `open_keyring`."""

    def __init__(self, engine: Engine, root: RootKey, lake_id: str) -> None:
        self._engine = engine
        self._root = root
        self.lake_id = lake_id

    def tenant_keys(self, tenant_id: str) -> TenantKeys:
        """The tenant's keys, made on first use. Raises RootKeyError where one does not open."""
        return self.keys_of([tenant_id])[tenant_id]

    def keys_of(self, tenant_ids: Iterable[str]) -> dict[str, TenantKeys]:
        """The keys of each of these tenants, made on first use, in one transaction for all.

        Raises RootKeyError where one does not open.
        """
        wanted = sorted(set(tenant_ids))
        rows = self._rows(wanted)
        if missing := [id_ for id_ in wanted if id_ not in rows]:
            self._create(missing)
            rows |= self._rows(missing)
        return {id_: self._opened(id_, rows[id_]) for id_ in wanted}

    def _opened(self, tenant_id: str, rows: Sequence[Row[Any]]) -> TenantKeys:
        by_purpose: dict[str, list[tuple[int, str, bytes]]] = {}
        for row in rows:
            by_purpose.setdefault(row.purpose, []).append((row.epoch, row.key_id, row.wrapped))
        tenant_epoch, tenant_key_id, wrapped = by_purpose["tenant"][-1]
        tenant_key = self._root.unwrap(wrapped, self._label(tenant_key_id, tenant_epoch))
        data_keys = tuple(
            DataKey(key_id, tenant_id, epoch, unwrap(tenant_key, wrapped, self._label(key_id, epoch)))
            for epoch, key_id, wrapped in by_purpose["data"]
        )
        token_epoch, token_key_id, wrapped = by_purpose["token"][-1]
        return TenantKeys(
            tenant_id, data_keys, unwrap(tenant_key, wrapped, self._label(token_key_id, token_epoch))
        )

    def _rows(self, tenant_ids: Sequence[str]) -> dict[str, list[Row[Any]]]:
        rows: dict[str, list[Row[Any]]] = {}
        query = select(wrapped_keys).order_by(wrapped_keys.c.epoch)
        with self._engine.connect() as connection:
            for start in range(0, len(tenant_ids), AT_ONCE):
                some = wrapped_keys.c.tenant_id.in_(tenant_ids[start : start + AT_ONCE])
                for row in connection.execute(query.where(some)):
                    rows.setdefault(row.tenant_id, []).append(row)
        return rows

    def _label(self, key_id: str, epoch: int) -> str:
        return f"{self.lake_id}/{key_id}/{epoch}"

    def _create(self, tenant_ids: Sequence[str]) -> None:
        values = [row for id_ in tenant_ids for row in self._new_keys(id_)]
        try:
            with self._engine.begin() as connection:
                connection.execute(wrapped_keys.insert(), values)
        except IntegrityError:
            # Another process made keys of one of them in the same moment; ours were never used.
            if len(tenant_ids) > 1:
                for id_ in tenant_ids:
                    self._create([id_])

    def _new_keys(self, tenant_id: str) -> list[dict[str, Any]]:
        tenant_key = os.urandom(KEY_BYTES)
        values = []
        for purpose in ("tenant", "data", "token"):
            key_id = f"{tenant_id}.{purpose}.1"
            label = self._label(key_id, 1)
            if purpose == "tenant":
                wrapped = self._root.wrap(tenant_key, label)
            else:
                wrapped = wrap(tenant_key, os.urandom(KEY_BYTES), label)
            row = {"key_id": key_id, "tenant_id": tenant_id, "purpose": purpose, "epoch": 1}
            values.append(row | {"wrapped": wrapped, "created_at": now()})
        return values


def open_keyring(engine: Engine, root_key_file: Path, lake_root: Path) -> KeyRing:
    """The key ring of the lake in `lake_root`; a new lake gets an identity and a root key.

    Fails closed: raises ControlStateError where lake and control database do not belong
    together, RootKeyError where the key file is missing, readable by others or of another lake.
    """
    metadata.create_all(engine)
    with engine.connect() as connection:
        identity = connection.execute(select(lake_identity)).one_or_none()
    marker = lake_root / MARKER
    marked = _read_marker(marker)
    if identity is None:
        if marked is not None:
            raise ControlStateError(
                f"the lake in {lake_root} belongs to a control database that is not here: this one is empty. "
                "To mend it: restore the control database from backup, or point LAKEWARD_CONTROL to it"
            )
        return _new_lake(engine, root_key_file, marker)
    if marked is not None and marked != identity.lake_id:
        raise ControlStateError(
            f"the lake in {lake_root} and this control database are of two different lakes. "
            "To mend it: point LAKEWARD_LAKE and LAKEWARD_CONTROL to the same lake"
        )
    root = read_root_key(root_key_file)
    if root.fingerprint != identity.root_key_fingerprint:
        root.unwrap(b"\0" * 28, "of this lake")  # always raises, with the mend
    if marked is None:
        if _has_tables(lake_root):
            raise ControlStateError(
                f"the lake in {lake_root} has tables and lost {MARKER}, which says whose they are. "
                "To mend it: restore that file; where the lake is surely that of this control database, "
                f"its content is {_marker_text(identity.lake_id)}"
            )
        _write_marker(marker, identity.lake_id)
    return KeyRing(engine, root, identity.lake_id)


def refuse_lost_control(control_db: Path, lake_root: Path) -> None:
    """Raise ControlStateError where there is a lake and no control database, before an empty one is made."""
    if not control_db.exists() and ((lake_root / MARKER).exists() or _has_tables(lake_root)):
        raise ControlStateError(
            f"the lake in {lake_root} is there, and its control database {control_db} is not. To mend it: "
            "restore lake and control folder from the same backup, or point LAKEWARD_CONTROL to the right one"
        )


def _has_tables(lake_root: Path) -> bool:
    return any(lake_root.glob("*/*/*/_delta_log"))


def _new_lake(engine: Engine, root_key_file: Path, marker: Path) -> KeyRing:
    if _has_tables(marker.parent):
        raise ControlStateError(
            f"the lake in {marker.parent} has tables, and this control database has never heard of it. "
            "To mend it: restore the control database from backup, or point LAKEWARD_CONTROL to it"
        )
    root = read_root_key(root_key_file) if root_key_file.exists() else create_root_key(root_key_file)
    lake_id = str(uuid.uuid4())
    row = {"one": 1, "lake_id": lake_id, "root_key_fingerprint": root.fingerprint, "created_at": now()}
    try:
        with engine.begin() as connection:
            connection.execute(lake_identity.insert(), row)
    except IntegrityError:
        raise ControlStateError(
            "another process is making this lake right now. To mend it: run this again when that one is done"
        ) from None
    _write_marker(marker, lake_id)
    return KeyRing(engine, root, lake_id)


def _read_marker(marker: Path) -> str | None:
    if not marker.is_file():
        return None
    try:
        return str(json.loads(marker.read_text())["lake_id"])
    except (ValueError, TypeError, KeyError):
        raise ControlStateError(
            f"{marker} does not name a lake. To mend it: restore it from backup; or, where the control "
            "database is surely that of this lake, remove it: it is written anew"
        ) from None


def _marker_text(lake_id: str) -> str:
    return json.dumps({"lake_id": lake_id, "format": 1})


def _write_marker(marker: Path, lake_id: str) -> None:
    marker.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = marker.with_suffix(".tmp")
    draft.write_text(_marker_text(lake_id) + "\n")
    make_durable([draft], marker.parent)
    draft.replace(marker)
    make_durable([marker], marker.parent)
