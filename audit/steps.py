"""What the pipeline tells the audit: one step's run, the datasets it read and wrote, its columns and checks.

Nothing here can hold a data value: names are checked to be names, the rest are counts, versions and codes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from audit.clock import stamp
from audit.errors import LineageError
from policy.tenants import DATASET_NAME, REGION_ID, TENANT_ID
from policy.treatments import TreatmentKind

StepName = Literal["ingest", "classify", "protect", "check", "erase", "export"]
Severity = Literal["error", "warn"]

POLICY_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
TEAM = re.compile(r"(team:)?[a-z0-9][a-z0-9_.\-]{0,79}")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+\-]{0,79}")
DATA_CLASS = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
COLUMN_TYPE = re.compile(r"[a-z][\w<>(),: ]*")
CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,79}")
"""An error kind, an assertion's or a count's name: a code, no sentence."""

LONGEST_COLUMN_NAME = 1000


def require_code(text: str, what: str) -> str:
    """`text`, if it is a code and no sentence; else LineageError, which does not repeat it."""
    if not CODE.fullmatch(text):
        raise LineageError(
            f"{what} is not a code. To mend it: use a letter, then letters, digits, '_', '.' or '-' "
            "(80 at most), never a message or a value."
        )
    return text


def _require(holds: bool, what: str, mend: str) -> None:
    if not holds:
        raise LineageError(f"{what}. To mend it: {mend}.")


def _require_column(name: str) -> None:
    # A file without a header row turns its first values into column names; most values are no identifiers.
    _require(
        name.isidentifier() and len(name) <= LONGEST_COLUMN_NAME,
        "a column name is not an identifier",
        "pass the contract's column names (letters, digits, '_'), never a file's own headings",
    )


@dataclass(frozen=True, kw_only=True)
class StepRun:
    """One step for one tenant and dataset in one pipeline run.

    `run_id` is the pipeline's own run id (Dagster's), the same for every tenant of a run.
    `engine_version` is Spark's. Job nodes lie in `<job_namespace>.<tenant_id>`, so that no two
    tenants share one. Raises LineageError where a field is not of its pattern.
    """

    tenant_id: str
    region: str
    step: StepName
    dataset: str
    run_id: str
    policy_digest: str
    key_epoch: int
    contract_version: str
    started_at: datetime
    engine_version: str
    engine_name: str = "spark"
    job_namespace: str = "lakeward"

    def __post_init__(self) -> None:
        _require(
            bool(TENANT_ID.fullmatch(self.tenant_id)),
            "the tenant id is malformed",
            "take it from the policies",
        )
        _require(
            bool(REGION_ID.fullmatch(self.region)), "the region is malformed", "take it from the policies"
        )
        _require(
            bool(DATASET_NAME.fullmatch(self.dataset)),
            "the dataset is malformed",
            "take it from the contract",
        )
        _require(self.step in get_args(StepName), "the step is unknown", f"use one of {get_args(StepName)}")
        _require(
            bool(VERSION.fullmatch(self.run_id)), "the pipeline run id is malformed", "pass Dagster's run id"
        )
        _require(
            bool(POLICY_DIGEST.fullmatch(self.policy_digest)),
            "the policy digest is malformed",
            "pass the policy bundle's digest, `sha256:` and 64 hex digits",
        )
        for version in (self.contract_version, self.engine_version):
            _require(bool(VERSION.fullmatch(version)), "a version is malformed", "pass one such as 1.0.0")
        _require(self.key_epoch >= 0, "the key epoch is negative", "pass the tenant's present epoch")
        stamp(self.started_at)


@dataclass(frozen=True)
class ColumnRef:
    """A column as it lies in a table. `type` is Spark's simple string; `data_class` None: not personal."""

    name: str
    type: str
    data_class: str | None = None

    def __post_init__(self) -> None:
        _require_column(self.name)
        _require(
            bool(COLUMN_TYPE.fullmatch(self.type)), "a column type is malformed", "pass Spark's simple string"
        )
        _require(
            self.data_class is None or bool(DATA_CLASS.fullmatch(self.data_class)),
            "a data class is malformed",
            "take it from the taxonomy",
        )


@dataclass(frozen=True, kw_only=True)
class DatasetRef:
    """One tenant's part of one table, or of the landing folder. The tenant is the step's.

    `version` is Delta's, None where there is none (landing). `owner` is the contract's: a team such
    as `team:sales` or `sales` goes out, anything else (a person's name, a mailbox) stays in the contract.
    `row_count` is of this tenant, read or written by the step; None where it was not counted.
    """

    layer: str
    dataset: str
    region: str
    version: int | None = None
    columns: tuple[ColumnRef, ...] = ()
    owner: str | None = None
    row_count: int | None = None

    def __post_init__(self) -> None:
        _require(
            bool(DATASET_NAME.fullmatch(self.layer)),
            "the layer is malformed",
            "use landing, bronze or silver",
        )
        _require(
            bool(DATASET_NAME.fullmatch(self.dataset)),
            "the dataset is malformed",
            "take it from the contract",
        )
        _require(
            bool(REGION_ID.fullmatch(self.region)), "the region is malformed", "take it from the policies"
        )

    @property
    def name(self) -> str:
        """`silver.orders`: how edges and assertions name the dataset, and its name in the lineage graph."""
        return f"{self.layer}.{self.dataset}"


@dataclass(frozen=True)
class ColumnEdge:
    """Where an output column comes from and what was done on the way.

    `inputs` are pairs of a dataset's `name` (`bronze.orders`) and a column. `output_dataset` is such a
    name too; None means the step's first output. An edge of kind `drop` is counted, but draws no
    lineage, because the output column does not exist.
    """

    output: str
    inputs: tuple[tuple[str, str], ...]
    kind: TreatmentKind
    masking: bool
    output_dataset: str | None = None

    def __post_init__(self) -> None:
        for name in (self.output, *(column for _, column in self.inputs)):
            _require_column(name)


@dataclass(frozen=True)
class Assertion:
    """The result of one check. `dataset` names an input (`silver.orders`); None: the step's first input."""

    name: str
    column: str | None
    success: bool
    severity: Severity = "error"
    dataset: str | None = None

    def __post_init__(self) -> None:
        require_code(self.name, "the name of an assertion")
        if self.column is not None:
            _require_column(self.column)


def masks(kind: TreatmentKind) -> bool:
    """True for every treatment after which the plain value cannot be read there; only `keep` is open."""
    return kind is not TreatmentKind.KEEP
