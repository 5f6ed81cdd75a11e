"""What retention did, rule by rule and table by table: the evidence, and what a killed run left to finish.

An effect hangs on its change in `transforms.erased`: written down before the commit, and true where that
change is done. It is finished when silver is up to date again, the table's past has left the disk, and a
receipt says that nothing of it was found.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    select,
    update,
)

from audit.ledger import Fact, Ledger
from audit.ledger_entry import as_code, statement_digest
from retention.expired_ids import Ids, forget_ids, note_ids
from retention.receipt import Proof
from tenancy.control import now
from transforms import lake
from transforms.erased import erasure_changes
from transforms.purge import Purged

metadata = MetaData()

retention_effects = Table(
    "retention_effects",
    metadata,
    # The change's number; no foreign key, because that table belongs to another part of the database.
    Column("seq", Integer, primary_key=True),
    Column("rule", String(300), primary_key=True),  # as `RetentionRule` is written
    Column("what", String(600), nullable=False),  # `rows`, or the classes whose values went
    Column("rows", Integer, nullable=False),
    Column("files", Integer, nullable=False),
    Column("bytes_rewritten", Integer, nullable=False),
    Column("bytes_removed", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("matters", String(600), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("receipt", String(80)),  # the file that proves it; with finished_at
)

retention_purges = Table(
    "retention_purges",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("table_name", String(120), nullable=False),  # us/bronze/orders
    Column("files", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("log_files", Integer, nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("purged_at", DateTime(timezone=True), nullable=False),
)

ROWS = "rows"
"""What a rule is about that is not about the values of a class."""


@dataclass(frozen=True)
class Effect:
    """What one rule did to a tenant's part of a table.

    `rows` went, or lost values. They lay in `files`; of the bytes of those, `bytes_removed` went with whole
    files and `bytes_rewritten` are those of the others, as the plan reckons them. `held` more were due and
    stayed for the sake of holds, with their `matters`. `finished_at` is None as long as older versions of the
    table may still be on the disk, or nobody looked; `receipt` is the file that says that they are not.
    """

    tenant: str
    region: str
    layer: str
    dataset: str
    rule: str
    what: str
    rows: int
    files: int = 0
    bytes_rewritten: int = 0
    bytes_removed: int = 0
    held: int = 0
    matters: str = ""
    run_id: str = ""
    finished_at: datetime | None = None
    seq: int = 0
    receipt: str | None = None

    @property
    def verb(self) -> str:
        """`erased`, or `emptied` where the rows stayed."""
        stays = self.layer == "bronze" and (self.what != ROWS or self.rule.startswith("anonymise"))
        return "emptied" if stays else "erased"


def note_effects(engine: Engine, effects: Sequence[Effect], ids: Mapping[int, Ids], run_id: str) -> None:
    """Write down what changes will do, and to which rows, by their numbers, before the commit."""
    rows = [
        {"seq": one.seq, "rule": one.rule, "what": one.what[:600], "rows": one.rows, "files": one.files,
         "bytes_rewritten": one.bytes_rewritten, "bytes_removed": one.bytes_removed, "held": one.held,
         "matters": one.matters[:600], "run_id": run_id}
        for one in effects
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(retention_effects.insert(), rows)
        for seq, own in ids.items():
            note_ids(connection, seq, own)


def unfinished(engine: Engine, region: str, dataset: str) -> list[Effect]:
    """The effects on a dataset's tables whose follow-up is not done. Needs the dataset's lease."""
    here = (erasure_changes.c.region == region) & (erasure_changes.c.dataset == dataset)
    return _read(engine, here & retention_effects.c.finished_at.is_(None))


def conclude(engine: Engine, tenant: str, effects: Collection[Effect], proof: Proof, run_id: str) -> None:
    """Take down what the verifier said of a tenant's effects. Nothing left: they are finished.

    What was sought for is forgotten then. The ledger is told of the run and its receipt, whatever that says.
    """
    seqs, ledger = sorted({one.seq for one in effects}), Ledger(engine)
    with engine.begin() as connection:
        if proof.complete:
            done = update(retention_effects).where(retention_effects.c.seq.in_(seqs))
            connection.execute(done.values(finished_at=now(), receipt=proof.receipt))
            forget_ids(connection, seqs)
            ledger.append(map(_fact, effects), connection)
        ledger.append([_proof_fact(tenant, effects, proof, run_id)], connection)


def effects_of(engine: Engine, seqs: Collection[int]) -> list[Effect]:
    """The effects of these changes, as they stand."""
    return _read(engine, retention_effects.c.seq.in_(seqs))


def all_effects(engine: Engine, tenants: Collection[str] | None = None) -> list[Effect]:
    """All that retention ever did, of these tenants where they are given, oldest first."""
    return _read(engine, erasure_changes.c.tenant_id.in_(tenants) if tenants is not None else True)


def note_purge(engine: Engine, table: lake.Table, purged: Purged, run_id: str) -> None:
    """Write down what left the disk of a table's past."""
    row = {"table_name": table.name, "files": purged.files, "bytes": purged.bytes}
    row |= {"log_files": purged.log_files, "run_id": run_id, "purged_at": now()}
    ledger = Ledger(engine)
    with engine.begin() as connection:
        done = connection.execute(retention_purges.insert(), row)
        number = int(done.inserted_primary_key[0])  # type: ignore[index]
        body = {"table": table.name} | {name: row[name] for name in ("files", "bytes", "log_files", "run_id")}
        ledger.append([Fact("retention", f"purge/{number}", body, region=table.region)], connection)


def _read(engine: Engine, which: Any) -> list[Effect]:
    place = (erasure_changes.c.tenant_id, erasure_changes.c.region, erasure_changes.c.layer)
    query = (
        select(retention_effects, *place, erasure_changes.c.dataset)
        .join(erasure_changes, erasure_changes.c.seq == retention_effects.c.seq)
        .where(erasure_changes.c.state == "done", which)
        .order_by(retention_effects.c.seq, retention_effects.c.rule)
    )
    with engine.connect() as connection:
        return [_effect(row) for row in connection.execute(query)]


def _fact(effect: Effect) -> Fact:
    what = statement_digest(rule=effect.rule, what=effect.what)
    body = {
        "layer": effect.layer, "dataset": effect.dataset, "rule": as_code(effect.rule.replace(" ", "_")),
        "what": as_code(effect.what.replace(" ", "_")), "verb": effect.verb, "rows": effect.rows,
        "files": effect.files, "bytes_rewritten": effect.bytes_rewritten,
        "bytes_removed": effect.bytes_removed, "held": effect.held, "run_id": effect.run_id,
    }  # fmt: skip
    return Fact("retention", f"effect/{effect.seq}/{what[:16]}", body, effect.tenant, effect.region)


def _proof_fact(tenant: str, effects: Collection[Effect], proof: Proof, run_id: str) -> Fact:
    body = {
        "run_id": run_id, "receipt": proof.receipt, "receipt_sha256": proof.receipt_sha256,
        "verified": proof.complete, "effects": len(effects),
    }  # fmt: skip
    return Fact("retention", f"receipt/{proof.receipt}", body, tenant)


def _effect(row: Row[Any]) -> Effect:
    finished = row.finished_at
    return Effect(
        row.tenant_id, row.region, row.layer, row.dataset, row.rule, row.what, row.rows, row.files,
        row.bytes_rewritten, row.bytes_removed, row.held, row.matters, row.run_id,
        finished.replace(tzinfo=UTC) if finished is not None else None, row.seq, row.receipt,
    )  # fmt: skip
