"""What the verifier says of rows that expired: one search a run, and a signed receipt for each tenant.

A row is looked for by its sealed cell, also one that stayed without values: by the cell that held them. A
record of which bronze has no row any more is looked for by its id, in silver too.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from policy.digest import sha256_of
from policy.retention import Store
from retention.effects import Effect
from retention.expire import Expired
from retention.expired_ids import Ids, living_of, noted_ids
from retention.exports import all_exports
from retention.plan import LAYERS
from retention.prove import OUT_OF_REACH, empty_log
from retention.receipt import (
    ExpiredRows,
    Facts,
    OutOfReach,
    Proof,
    RemovedFile,
    SoughtRows,
    TableChange,
    write_receipt,
)
from retention.verify import Hit, Known, Place, RowIds, Verdict, Verification, verify_rows
from retention.verify_result import ID_BYTES
from tenancy.control import now
from tenancy.signing import SigningKey
from transforms.context import LakeContext
from transforms.lake import Table

KIND = "retention"
TRIES = 3
PLAIN = ("landing", "requests")
"""Places where others put plain files, which carry no id of a row."""
NOT_LOOKED_AT = OutOfReach(
    "landing zone and inbox of requests",
    "files there are plain and carry no id of a row; disposal and the period of the store landing take them",
)
KEEP = {"control/control.db#expired_ids": "what is looked for; it goes when nothing of it is found"}
SCRATCH = Known("scratch files of a running process, under a key that dies with it")
ARCHIVED = "sealed landing files; those that brought what expired went, but for those that a hold keeps"
EXPORTED = "exports that await their recipients, encrypted to their keys"
_Ids = np.dtype(f"S{ID_BYTES}")


@dataclass(frozen=True)
class ExpiryVerifier:
    """Searches every place for what expired; a `retention.expire.Prover`.

    Args:
        places: Where none of it should be found; `lake` and `control` among them. Those in `PLAIN` are passed
            by.
        receipts: The folder of receipts.
        signing_key: The key that signs them.
        progress: Called as `progress(files done, files known)`.
    """

    places: Sequence[Place]
    receipts: Path
    signing_key: SigningKey
    progress: Callable[[int, int], None] = field(default=lambda _done, _known: None)

    def __call__(self, ctx: LakeContext, told: Expired) -> Mapping[str, Proof]:
        """One search for the rows of all tenants whose effects wait for it; a receipt for each of them."""
        waiting: dict[str, list[Effect]] = {}
        for one in told.unproved:
            waiting.setdefault(one.tenant, []).append(one)
        sought: dict[str, Ids] = {}
        found: dict[str, Verification] = {}
        asked = _sought(ctx, waiting)
        for _ in range(TRIES):
            sought |= asked
            found |= self._search(ctx, asked)
            # A record can have come in again while its old rows were looked for.
            hit = _sought(ctx, {tenant: waiting[tenant] for tenant in asked if found[tenant].hits})
            asked = {tenant: ids for tenant, ids in hit.items() if ids != sought[tenant]}
            if not asked:
                break
        return {
            tenant: self._receipt(ctx, told, effects, sought[tenant], found[tenant])
            for tenant, effects in waiting.items()
        }

    def _search(self, ctx: LakeContext, sought: Mapping[str, Ids]) -> dict[str, Verification]:
        empty_log(ctx.engine)
        return verify_rows(
            [one for one in self.places if one.name not in PLAIN],
            {tenant: RowIds(ids.cells + ids.records) for tenant, ids in sought.items()},
            keep=KEEP,
            known=_known(ctx),
            progress=self.progress,
        )

    def _receipt(
        self, ctx: LakeContext, told: Expired, effects: Sequence[Effect], sought: Ids, found: Verification
    ) -> Proof:
        removed = list(_removed(told, effects[0].tenant))
        whole = _with_files(found, removed)
        facts = _facts(ctx, told, effects, sought, removed)
        path = write_receipt(self.receipts, facts, whole, self.signing_key)
        return Proof(whole.verdict is Verdict.VERIFIED, path.name, _words(whole), sha256_of(path))


def _sought(ctx: LakeContext, waiting: Mapping[str, Sequence[Effect]]) -> dict[str, Ids]:
    """By tenant: the cells, and the records of which bronze has no row: the others live, or came in again."""
    noted = {whose: noted_ids(ctx.engine, {one.seq for one in own}) for whose, own in waiting.items()}
    records = {tenant: np.unique(np.frombuffer(ids.records, _Ids)) for tenant, ids in noted.items()}
    touched = {(one.region, one.dataset, tenant) for tenant, effects in waiting.items() for one in effects}
    for (region, dataset), group in groupby(sorted(touched), key=lambda one: one[:2]):
        bronze = Table(region, "bronze", dataset)
        asked = {tenant: records[tenant].tobytes() for *_, tenant in group if len(records[tenant])}
        if asked and ctx.lake.exists(bronze):
            for tenant, living in living_of(asked, ctx.lake.read(bronze, list(asked))).items():
                records[tenant] = np.setdiff1d(records[tenant], np.frombuffer(living, _Ids))
    return {
        tenant: Ids(np.unique(np.frombuffer(ids.cells, _Ids)).tobytes(), records[tenant].tobytes())
        for tenant, ids in noted.items()
    }


def _known(ctx: LakeContext) -> dict[str, Known]:
    """What nobody here can open, and until when it is there."""
    period = ctx.bundle.retention.stores.get(Store.ARCHIVE)
    ends = [one.expires for one in all_exports(ctx.engine) if one.kept_here and one.gone is None]
    exported = max((end for end in ends if end is not None), default=None)
    return {
        "lake/*/archive/*": Known(ARCHIVED, period.end(now()) if period is not None else None),
        "control/exports/*": Known(EXPORTED, exported if None not in ends else None),
        "control/spark/*": SCRATCH,
    }


def _removed(told: Expired, tenant: str) -> Iterator[RemovedFile]:
    """The tenant's data files that were live before this run and are gone."""
    for name, purged in told.purged.items():
        for one in purged.named:
            if one.path.startswith(f"tenant_id={tenant}/"):
                yield RemovedFile("lake", f"{name}/{one.path}", one.size, one.sha256)


def _with_files(found: Verification, removed: Sequence[RemovedFile]) -> Verification:
    """A file that was removed and lies there still holds what expired, whatever else is in it."""
    gone = {(one.place, one.path) for one in removed}
    back = [one for one in found.searched if (one.place, one.path) in gone]
    hits = [Hit(one.place, one.path, "a file that was removed", 0, "file", 1) for one in back]
    return replace(found, hits=tuple(sorted([*found.hits, *hits])))


def _facts(
    ctx: LakeContext, told: Expired, effects: Sequence[Effect], sought: Ids, removed: Sequence[RemovedFile]
) -> Facts:
    touched = {f"{one.region}/{layer}/{one.dataset}" for one in effects for layer in LAYERS}
    digest = hashlib.sha256(np.sort(np.frombuffer(sought.cells + sought.records, _Ids)).tobytes())
    return Facts(
        lake_id=ctx.keyring.lake_id,
        tenant=effects[0].tenant,
        request_id=f"{KIND}-{uuid.uuid4().hex}",
        kind=KIND,
        tokens=[],
        received=told.at,
        due=None,
        policy_digest=ctx.bundle.digest,
        tables=[TableChange(name, *told.versions[name]) for name in sorted(touched & set(told.versions))],
        removed=removed,
        out_of_reach=(*OUT_OF_REACH, NOT_LOOKED_AT),
        expired=[_expired(one) for one in effects],
        sought=SoughtRows(
            ctx.run_id, len(sought.cells) // ID_BYTES, len(sought.records) // ID_BYTES, digest.hexdigest()
        ),
    )


def _expired(one: Effect) -> ExpiredRows:
    return ExpiredRows(
        f"{one.region}/{one.layer}/{one.dataset}", one.rule, one.what, one.verb, one.rows, one.files,
        one.bytes_rewritten, one.bytes_removed, one.held,
    )  # fmt: skip


def _words(found: Verification) -> str:
    """What is not as it should be, in words that tell no value; empty where all is."""
    if found.verdict is Verdict.VERIFIED:
        return ""
    return (
        f"the verifier found what expired in {len(found.hits)} places, and could not search {found.gaps}. "
        "To mend it: remove what the receipt lists as found, then run retention again"
    )
