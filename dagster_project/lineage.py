"""What each step tells OpenLineage: one START and one COMPLETE or FAIL a tenant, put into the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from openlineage.client.event_v2 import RunEvent

from audit.events import abort_event, complete_event, fail_event, start_event
from audit.half_told import half_told
from audit.outbox import Outbox
from audit.steps import Assertion, ColumnEdge, ColumnRef, DatasetRef, StepName, StepRun, masks
from policy.contracts import Contract
from policy.treatments import TreatmentKind
from tenancy.control import now
from transforms.context import LakeContext
from transforms.errors import error_kind
from transforms.lake import Table
from transforms.plan import ColumnPlan

BRONZE_COLUMNS = (
    ColumnRef("tenant_id", "string"), ColumnRef("record_id", "string"), ColumnRef("subject_token", "string"),
    ColumnRef("occurred_at", "timestamp"), ColumnRef("ingested_at", "timestamp"),
    ColumnRef("batch_id", "string"),
    ColumnRef("position", "bigint"), ColumnRef("policy_digest", "string"), ColumnRef("key_id", "string"),
    ColumnRef("sealed", "binary"),
)  # fmt: skip
SURROGATES = ("tenant_id", "record_id", "subject_token", "occurred_at")


@dataclass
class StepLineage:
    """The lineage of one step over many tenants of a dataset.

    A context manager: at its end all ends are stored, in one transaction; if it breaks, what has none has
    failed. Ends are told after the last change: they name the versions that the first of them found.
    """

    ctx: LakeContext
    step: StepName
    dataset: str
    _runs: dict[str, StepRun] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)
    _cut_off: list[StepRun] = field(default_factory=list)
    _ends: list[RunEvent] = field(default_factory=list)
    _versions: dict[Table, int | None] = field(default_factory=dict)
    _outbox: Outbox = field(init=False)

    def __post_init__(self) -> None:
        """Open the outbox once: it looks for its tables each time."""
        self._outbox = Outbox(self.ctx.engine)

    def __enter__(self) -> Self:
        """Nothing is told yet."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        """Store the ends, with FAIL for every tenant whose end was not told."""
        if error is not None:
            for tenant in sorted(self._open):
                self.fail(tenant, error_kind(error))
        self._outbox.append(self._ends)

    def start(self, due: Iterable[str], among: Iterable[str] = ()) -> None:
        """Say that the step begins for the tenants that are due, before any table changes.

        Those of `among` for whom a dead run had begun it are taken as due too: it may have done the
        work and died before it told so.
        """
        begun, cut_off = now(), half_told(self.ctx.engine, self.ctx.dead_runs)
        self._cut_off = [one for one in cut_off if (one.step, one.dataset) == (self.step, self.dataset)]
        tenants = sorted({*due, *({one.tenant_id for one in self._cut_off} & set(among))})
        self._open |= set(tenants)
        runs = {tenant: self._run(tenant, begun) for tenant in tenants}
        self._runs |= runs
        self._versions.clear()
        events = [start_event(run, self._inputs(run), self._outputs(run)) for run in runs.values()]
        self._outbox.append(events)
        self._versions.clear()  # from here on tables change

    @property
    def started(self) -> tuple[str, ...]:
        """The tenants that the step began for."""
        return tuple(self._runs)

    def complete(
        self,
        tenant: str,
        counts: Mapping[str, int],
        edges: Sequence[ColumnEdge] = (),
        columns: tuple[ColumnRef, ...] | None = None,
        assertions: Sequence[Assertion] = (),
    ) -> None:
        """Say that the step is done for a tenant. `columns` are the output's, where the step knows better."""
        run = self._runs[tenant]
        rows = counts.get("rows_out")
        event = complete_event(
            run, self._inputs(run), self._outputs(run, rows, columns), edges, assertions, counts, at=now()
        )
        self._end(tenant, event)

    def fail(self, tenant: str, kind: str) -> None:
        """Say that the step failed for a tenant, and by what kind of error."""
        run = self._runs[tenant]
        self._end(tenant, fail_event(run, self._inputs(run), self._outputs(run), kind, at=now()))

    def _end(self, tenant: str, event: RunEvent) -> None:
        """Keep the end; with it, what dead runs had begun for the tenant comes to its own."""
        aborted = [abort_event(one, at=now()) for one in self._cut_off if one.tenant_id == tenant]
        self._ends += [event, *aborted]
        self._open.discard(tenant)

    def _run(self, tenant: str, begun: datetime) -> StepRun:
        return step_run(self.ctx, self.step, tenant, self._contract(tenant), self.ctx.run_id, begun)

    def _contract(self, tenant: str) -> Contract:
        contract = self.ctx.bundle.contract_for(tenant, self.dataset)
        if contract is None:
            raise KeyError(f"{tenant} has no contract for {self.dataset}")
        return contract

    def _inputs(self, run: StepRun) -> list[DatasetRef]:
        contract = self._contract(run.tenant_id)
        if self.step == "ingest":
            return [self._ref(run, "landing", contract_columns(contract))]
        if self.step == "check":
            return [self._ref(run, "silver", ())]
        return [self._ref(run, "bronze", BRONZE_COLUMNS)]

    def _outputs(
        self, run: StepRun, rows: int | None = None, columns: tuple[ColumnRef, ...] | None = None
    ) -> list[DatasetRef]:
        layer = {"ingest": "bronze", "classify": "classifications", "protect": "silver", "check": "checks"}[
            self.step
        ]
        known = BRONZE_COLUMNS if layer == "bronze" else ()
        return [self._ref(run, layer, known if columns is None else columns, rows)]

    def _ref(
        self, run: StepRun, layer: str, columns: tuple[ColumnRef, ...], rows: int | None = None
    ) -> DatasetRef:
        version = self._version(Table(run.region, layer, self.dataset))
        owner = self._contract(run.tenant_id).owner
        return DatasetRef(
            layer=layer, dataset=self.dataset, region=run.region, version=version, columns=columns,
            owner=owner, row_count=rows,
        )  # fmt: skip

    def _version(self, table: Table) -> int | None:
        # Asked once for all tenants: the answer is the same, and Delta takes milliseconds for it.
        if table.layer not in ("bronze", "silver"):
            return None
        if table not in self._versions:
            self._versions[table] = self.ctx.lake.version(table)
        return self._versions[table]


def step_run(
    ctx: LakeContext, step: StepName, tenant: str, contract: Contract, run_id: str, started: datetime
) -> StepRun:
    """A step for one tenant's dataset, under the policies and keys of now."""
    return StepRun(
        tenant_id=tenant,
        region=ctx.bundle.tenants[tenant].region,
        step=step,
        dataset=contract.dataset,
        run_id=run_id,
        policy_digest=ctx.bundle.digest,
        key_epoch=ctx.keyring.tenant_keys(tenant).current.epoch,
        contract_version=contract.version,
        started_at=started,
        engine_version=ctx.spark.version,
    )


def table_refs(ctx: LakeContext, tenant: str, contract: Contract, layers: Iterable[str]) -> list[DatasetRef]:
    """The dataset's tables of these layers, each in its version of now."""
    region, dataset = ctx.bundle.tenants[tenant].region, contract.dataset
    return [
        DatasetRef(
            layer=layer,
            dataset=dataset,
            region=region,
            version=ctx.lake.version(Table(region, layer, dataset)),
            owner=contract.owner,
        )
        for layer in layers
    ]


def contract_columns(contract: Contract) -> tuple[ColumnRef, ...]:
    """The columns of a landing file as its contract declares them."""
    return tuple(
        ColumnRef(column.name, str(column.logical_type), column.data_class) for column in contract.columns
    )


def ingest_edges(contract: Contract) -> list[ColumnEdge]:
    """Every landing column goes into `sealed`; key, subject and time columns also into their surrogates."""
    source = f"landing.{contract.dataset}"
    every = tuple((source, column.name) for column in contract.columns)
    edges = [ColumnEdge("sealed", every, TreatmentKind.SEAL, masking=True)]
    keys = tuple((source, name) for name in contract.primary_key) or every
    edges.append(ColumnEdge("record_id", keys, TreatmentKind.TOKEN, masking=True))
    if contract.subject_column is not None:
        subject = ((source, contract.subject_column),)
        edges.append(ColumnEdge("subject_token", subject, TreatmentKind.TOKEN, masking=True))
    if contract.time_column is not None:
        edges.append(
            ColumnEdge("occurred_at", ((source, contract.time_column),), TreatmentKind.KEEP, masking=False)
        )
    return edges


def protect_edges(contract: Contract, plan: Sequence[ColumnPlan]) -> list[ColumnEdge]:
    """Every silver column comes out of bronze's `sealed` by its treatment; surrogates are carried over."""
    source = f"bronze.{contract.dataset}"
    edges = [ColumnEdge(name, ((source, name),), TreatmentKind.KEEP, masking=False) for name in SURROGATES]
    for column in plan:
        kind = column.treatment.kind
        edges.append(ColumnEdge(column.column.name, ((source, "sealed"),), kind, masking=masks(kind)))
    return edges


def silver_columns(plan: Sequence[ColumnPlan]) -> tuple[ColumnRef, ...]:
    """The columns of silver with the class that each value still tells or stands for."""
    surrogates = [column for column in BRONZE_COLUMNS if column.name in SURROGATES]
    treated = [ColumnRef(one.column.name, one.silver_type, one.data_class) for one in plan]
    return (*surrogates, ColumnRef("policy_digest", "string"), *treated)
