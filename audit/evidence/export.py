"""A bundle from beginning to end: gathered into a folder, described, signed, packed, told to the ledger."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine

from audit.clock import utc_now
from audit.errors import EvidenceError
from audit.evidence.crate import write_crate
from audit.evidence.gather import Gathered, gather, write_heads
from audit.evidence.others import Others, others_of
from audit.evidence.packing import Packed, pack, sign_manifest
from audit.evidence.policies import CURRENT, OLDER, CopiedPolicies, copy_policies
from audit.evidence.processing import processing_record, write_processing
from audit.evidence.provenance import write_provenance
from audit.evidence.reading import Scope, count_of, digests_in_force, entries_of, proved, tenants_of
from audit.evidence.receipts import CopiedReceipts, copy_receipts
from audit.evidence.report import Told, write_report
from audit.evidence.story import COLUMNS, Story
from audit.kept_policies import OlderPolicies, older_policies
from audit.ledger import Fact, Ledger, SignedHead
from audit.ledger_entry import instant
from audit.standalone.verify_bundle import KEY
from policy.bundle import PolicyBundle
from tenancy.durable import publish
from tenancy.signing import SigningKey


@dataclass(frozen=True)
class Sources:
    """What a bundle is made from: the control database, policies of now and then, receipts, keys."""

    engine: Engine
    ledger: Ledger
    bundle: PolicyBundle
    policies: Path
    kept_policies: Path
    receipts: Path
    key: SigningKey
    public_key: Path
    lake_id: str
    clock: Callable[[], datetime] = utc_now


@dataclass
class Evidence:
    """A bundle as it was made, and what is in it."""

    export_id: str
    path: Path
    head: SignedHead
    packed: Packed
    counts: dict[str, Any] = field(default_factory=dict)


def export_evidence(sources: Sources, scope: Scope, out: Path) -> Evidence:
    """Write the tenant's bundle to a new file and enter the export in the ledger.

    Raises EvidenceError where the tenant or period is none, the file's name is taken or cannot be written,
    and LedgerError where the ledger is not what it was.
    """
    _refuse(sources, scope, out)
    export_id = uuid4().hex
    head = sources.ledger.sign_head(sources.key)
    with TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as place:
        folder = Path(place) / "bundle"
        folder.mkdir(mode=0o700)
        counts = _write(sources, scope, head, folder, export_id)
        draft = Path(place) / "bundle.zip"
        packed = pack(folder, draft, sources.key)
        # Before it gets its name: no bundle is about that the ledger does not know.
        sources.ledger.append([_fact(sources, scope, export_id, packed, head)])
        try:
            publish(draft, out)
        except FileExistsError:
            raise _taken() from None
    return Evidence(export_id, out, head, packed, counts)


def _fact(sources: Sources, scope: Scope, export_id: str, packed: Packed, head: SignedHead) -> Fact:
    body = {
        "export_id": export_id, "export": "evidence", "state": "made", "sha256": packed.sha256,
        "bytes": packed.size, "manifest_sha256": packed.manifest_sha256, "head_size": head.size,
        "from": _time(scope.begin), "to": _time(scope.end),
    }  # fmt: skip
    region = sources.bundle.tenants[scope.tenant].region
    return Fact("export", f"{export_id}/made", body, scope.tenant, region)


def _refuse(sources: Sources, scope: Scope, out: Path) -> None:
    if scope.tenant not in sources.bundle.tenants:
        known = ", ".join(sorted(sources.bundle.tenants))
        raise EvidenceError(f"no tenant of that id. To mend it: one of {known}")
    if scope.begin is not None and scope.end is not None and scope.begin >= scope.end:
        raise EvidenceError("the period ends before it begins. To mend it: give --from before --to")
    if out.exists():
        raise _taken()
    if not out.parent.is_dir() or not os.access(out.parent, os.W_OK):
        raise EvidenceError(
            "the folder of the file is not there, or cannot be written. To mend it: make it, or name another"
        )


def _taken() -> EvidenceError:
    return EvidenceError("a file of that name is there. To mend it: give a new name; none is written over")


def _write(sources: Sources, scope: Scope, head: SignedHead, folder: Path, export_id: str) -> dict[str, Any]:
    """Everything but the zip; the counts that the manifest tells."""
    older = _older(sources, scope, head.size)
    bundles = [sources.bundle, *(one.bundle for one in older if one.bundle is not None)]
    others = others_of(scope.tenant, bundles, tenants_of(sources.engine))
    story = Story()
    region = sources.bundle.tenants[scope.tenant].region
    entries = entries_of(sources.ledger, scope, region, head.size)
    found = proved(sources.engine, entries, head.size)
    gathered = gather(found, others, folder, COLUMNS, story.take)
    heads = write_heads(sources.ledger, head, folder)
    receipts = copy_receipts(sources.receipts, story.receipts, others, folder)
    policies = copy_policies(sources.policies, scope.tenant, others, folder / CURRENT)
    told = [_copied(one, scope.tenant, others, folder) for one in older]
    (folder / KEY).write_bytes(sources.public_key.read_bytes())
    _write_json(folder / "policy" / "versions.json", _versions(story, sources.bundle, policies, told))
    _write_json(folder / "journey.json", story.journey.document())
    record = processing_record(scope.tenant, sources.bundle, story.journey)
    write_processing(folder, record)
    write_provenance(folder / "prov.json", scope, story.journey)
    own = count_of(sources.engine, scope.tenant, head.size)
    counts = _counts(gathered, receipts, policies, told, own, head) | {"heads": heads}
    made = instant(sources.clock())
    about = {
        "export_id": export_id, "tenant": scope.tenant, "lake_id": sources.lake_id, "made": made,
        "from": _time(scope.begin), "to": _time(scope.end),
        "head": {"log": head.log, "size": head.size, "root": head.root}, "counts": counts,
    }  # fmt: skip
    _write_json(folder / "summary.json", about)
    write_report(folder, Told(about, story, sources.bundle, record, policies, told, sources.key.key_id))
    _add_texts(folder)
    write_crate(folder, f"Evidence of the processing of {scope.tenant}'s data", made)
    sign_manifest(folder, about, sources.key)
    return counts


def _older(sources: Sources, scope: Scope, size: int) -> list[OlderPolicies]:
    """The policies of the time, but those of today."""
    digests = digests_in_force(sources.ledger, scope, size)
    return [older_policies(sources.kept_policies, one) for one in digests if one != sources.bundle.digest]


def _copied(one: OlderPolicies, tenant: str, others: Others, folder: Path) -> dict[str, Any]:
    """What `versions.json` tells of older policies; where a copy is kept, it goes into the bundle."""
    if one.folder is None:
        return {"digest": one.digest, "copy": one.state}
    place = f"{OLDER}/{one.folder.name}"
    copied = copy_policies(one.folder, tenant, others, folder / place)
    return {"digest": one.digest, "copy": one.state, "folder": place, "files": copied.files,
            "left_out": copied.left_out}  # fmt: skip


def _counts(
    gathered: Gathered,
    receipts: CopiedReceipts,
    policies: CopiedPolicies,
    older: list[dict[str, Any]],
    own: int,
    head: SignedHead,
) -> dict[str, Any]:
    written, withheld = sum(gathered.entries.values()), sum(gathered.withheld.values())
    kept = sum(gathered.own.values())
    return {
        "entries": written,
        "by_kind": dict(sorted(gathered.entries.items())),
        "receipts": len(receipts.copied),
        "left_out": {
            "entries_of_others": head.size - own - (written + withheld - kept),
            "entries_outside_the_period": own - kept,
            "entries_that_name_others": withheld,
            "entries_that_name_others_by_kind": dict(sorted(gathered.withheld.items())),
            "receipts_missing": receipts.missing,
            "receipts_that_name_others": receipts.withheld,
            "lists_of_searched_files_that_name_others": receipts.lists_withheld,
            "policy_files_of_others": policies.left_out + sum(one.get("left_out", 0) for one in older),
            "older_policies_not_kept": sum("folder" not in one for one in older),
        },
    }


def _versions(
    story: Story, bundle: PolicyBundle, policies: CopiedPolicies, older: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "in_force": [{"from": at, "digest": digest} for at, digest in story.policies],
        "told_by_steps": [
            {"digest": digest, "first": first, "last": last}
            for digest, (first, last) in story.journey.policies.items()
        ],
        "current": {"digest": bundle.digest, "files": policies.files, "left_out": policies.left_out},
        "older": older,
        "note": "Older policies are those that runs of the period worked under. A file's SHA-256 is of the "
        "whole file; the ledger's entry of the policies names the same.",
    }


def _write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _add_texts(folder: Path) -> None:
    (folder / "README.txt").write_bytes(files("audit.evidence").joinpath("README.txt").read_bytes())
    script = files("audit.standalone").joinpath("verify_bundle.py").read_bytes()
    (folder / "verify.py").write_bytes(script)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else instant(moment)
