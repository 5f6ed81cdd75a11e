"""What leaves on request, encrypted to the recipient's key; written down, and told to lineage."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from isodate import parse_duration

from audit.events import complete_event, start_event
from audit.outbox import Outbox
from audit.steps import DatasetRef
from dagster_project.house import control_state
from dagster_project.lineage import step_run, table_refs
from dagster_project.settings import Settings
from policy.contracts import Contract
from retention.age_file import Recipient, age_file, refuse_taken
from retention.dossier import Dossier, gather
from retention.exports import Export, archive_of, record_export, remove_expired, remove_export
from retention.look import contracts_of
from retention.subject_archive import Cover, write_archive
from retention.tenant_export import Exported, export_dataset, new_folder, write_contracts, write_manifest
from tenancy.control import now
from tenancy.signing import open_signing_key
from transforms.context import LakeContext


@dataclass(frozen=True)
class SubjectAsked:
    """Whose records are wanted and for whom.

    `tokens` are the person's by domain; `out` None: the lake's own folder; `datasets` none: all; `expires` an
    ISO 8601 period.
    """

    tenant: str
    tokens: Mapping[str, str]
    recipient: Recipient
    out: Path | None = None
    datasets: Collection[str] = ()
    expires: str = "P30D"


@dataclass(frozen=True)
class Made:
    """An export with its file, and what is in it."""

    export: Export
    path: Path
    dossier: Dossier


def export_subject(ctx: LakeContext, settings: Settings, asked: SubjectAsked) -> Made:
    """Write the person's records, encrypted. Raises ExportError before anything is read where it cannot."""
    folder = settings.exports
    if asked.out is not None:
        refuse_taken(asked.out)
    dossier = gather(ctx, asked.tenant, asked.tokens, asked.datasets)
    made = record_export(
        ctx.engine, asked.tenant, "subject", dossier.tokens,
        kept_here=asked.out is None, expires=now() + parse_duration(asked.expires),
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = asked.out or archive_of(folder, made.export_id)
    try:
        with age_file(path, asked.recipient) as stream:
            write_archive(stream, _cover(ctx, made), dossier)
    except BaseException:
        remove_export(ctx.engine, folder, made.export_id)
        raise
    for part in dossier.parts:
        if part.records:
            layers = sorted({one.layer for one in part.records})
            tell_export(ctx, made, part.contract, layers, len(part.records))
    return Made(made, path, dossier)


def export_tenant(
    ctx: LakeContext, settings: Settings, tenant: str, recipient: Recipient, folder: Path
) -> list[Exported]:
    """Write all of a tenant's present data into a new folder, encrypted; what was written, by dataset.

    Where it breaks, the folder goes again. Raises ExportError where the folder is taken, SigningKeyError
    where the key that signs the manifest is lost.
    """
    key = open_signing_key(settings.signing_key)
    new_folder(folder)
    made = record_export(ctx.engine, tenant, "tenant")
    contracts = contracts_of(ctx, tenant)
    try:
        write_contracts(settings.policies, tenant, contracts, folder)
        told = [export_dataset(ctx, tenant, one, recipient, folder) for one in contracts]
        about = {
            "tenant": tenant, "export": made.export_id, "lake_id": ctx.keyring.lake_id,
            "policy_digest": ctx.bundle.digest, "encrypted_to": str(recipient),
        }  # fmt: skip
        write_manifest(folder, about, made.created, told, key)
    except BaseException:
        remove_export(ctx.engine, settings.exports, made.export_id)
        shutil.rmtree(folder)
        raise
    for one in told:
        if one.rows:
            tell_export(ctx, made, one.contract, ["bronze"], one.rows)
    return told


def expire_step(settings: Settings) -> int:
    """Remove the archives whose time is over; how many files. Needs no Spark."""
    with control_state(settings) as engine:
        return remove_expired(engine, settings.exports, now())


def tell_export(
    ctx: LakeContext, made: Export, contract: Contract, layers: Collection[str], rows: int
) -> None:
    """One event pair of lineage: which tables of the tenant, how many rows; whose, it does not say."""
    step = step_run(ctx, "export", made.tenant, contract, made.export_id, made.created)
    sources = table_refs(ctx, made.tenant, contract, layers)
    target = DatasetRef(
        layer=f"{made.kind}_export", dataset=contract.dataset, region=step.region, row_count=rows
    )
    ended = complete_event(step, sources, [target], counts={"rows_exported": rows}, at=now())
    Outbox(ctx.engine).append([start_event(step, sources, [target]), ended])


def _cover(ctx: LakeContext, made: Export) -> Cover:
    return Cover(made.export_id, made.tenant, made.created, made.expires or made.created, ctx.bundle.digest)
