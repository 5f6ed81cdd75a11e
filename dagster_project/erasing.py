"""Erasure requests of a lake answered: those of the inbox taken down, the pass, its proof, its lineage."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from openlineage.client.event_v2 import RunEvent

from audit.erasures import erasure_events
from audit.facets import LakewardErasureRunFacet
from audit.steps import DatasetRef
from dagster_project.lineage import step_run, table_refs
from dagster_project.settings import Settings
from policy.digest import sha256_of
from retention.erasure import Erasure
from retention.inbox import Taken, take_inbox
from retention.plan import LAYERS
from retention.prove import Verifier
from retention.requests import Request, Role, found_rows, tokens_of_requests
from retention.verify import Mode, Place
from tenancy.control import now
from tenancy.signing import open_signing_key
from transforms.context import LakeContext


@dataclass(frozen=True)
class Asked:
    """Which requests a run is about, and what only its memory may hold.

    None in `request_ids` or `tenant` means any. `values` are raw identifiers by request, for the verifier.
    """

    request_ids: Collection[str] | None = None
    tenant: str | None = None
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    retry: bool = False
    mode: Mode = Mode.TARGETED


def places_of(settings: Settings) -> list[Place]:
    """Every place in which the lake could hold a person, with the name that receipts give it."""
    landing = Place("landing", settings.landing, tenant_level=1, names_withheld=True)
    beside = [
        Place("requests", settings.requests, tenant_level=0, names_withheld=True),
        Place("dagster", settings.dagster_home),
        Place("lineage", settings.lineage_file.parent),
    ]
    own = [Place("lake", settings.lake), Place("control", settings.control), landing]
    outside = [one for one in beside if not one.path.is_relative_to(settings.control)]
    return [*own, *(one for one in outside if one.path.exists())]


def inbox_step(ctx: LakeContext, settings: Settings) -> Taken:
    """Take down what waits in the inbox."""
    return take_inbox(ctx.engine, ctx.bundle, ctx.keyring, settings.requests, settings.request_period)


def erase_step(
    ctx: LakeContext, settings: Settings, asked: Asked, progress: Callable[[str], None] = lambda _: None
) -> list[Request]:
    """Answer open requests; how each stands after that. With being done, a request is told to lineage."""
    key = open_signing_key(settings.signing_key)
    verifier = Verifier(places_of(settings), settings.receipts, key, asked.mode)
    erasure = Erasure(ctx, verifier, settings.exports, progress, partial(_lineage, ctx, settings))
    return erasure.run(asked.request_ids, asked.tenant, asked.values, retry=asked.retry)


def _lineage(ctx: LakeContext, settings: Settings, done: Sequence[Request]) -> list[RunEvent]:
    """The events of all requests; the tables' versions are asked for once."""
    refs = cache(partial(table_refs, ctx))
    return [event for one in done for event in _events_of(ctx, settings, one, refs)]


def _events_of(
    ctx: LakeContext, settings: Settings, request: Request, refs: Callable[..., list[DatasetRef]]
) -> Iterator[RunEvent]:
    """One event pair for each dataset from which rows went."""
    receipt = sha256_of(settings.receipts / (request.receipt or ""))
    named = tokens_of_requests(ctx.engine, [request.request_id])
    tokens = sum(one.role is not Role.MENTION for _, one in named)
    facet = LakewardErasureRunFacet(requestId=request.request_id, tokens=tokens, receiptSha256=receipt)
    rows = found_rows(ctx.engine, request.request_id)
    for dataset in ctx.bundle.datasets:
        own = {layer: rows[f"{layer}.{dataset}"] for layer in LAYERS if rows.get(f"{layer}.{dataset}")}
        contract = ctx.bundle.contract_for(request.tenant, dataset)
        if contract is not None and own:
            step = step_run(ctx, "erase", request.tenant, contract, request.request_id, request.received_at)
            tables = refs(request.tenant, contract, tuple(own))
            counts = {f"rows_erased_{layer}": count for layer, count in own.items()}
            yield from erasure_events(step, tables, counts, facet, now())
