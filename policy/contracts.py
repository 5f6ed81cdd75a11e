"""What a dataset looks like: a data contract, parsed from Open Data Contract Standard YAML."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from policy.treatments import Treatment


class LogicalType(StrEnum):
    """The ODCS logical types that a leaf column can have."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    ARRAY = "array"  # carried as JSON text


class LoadMode(StrEnum):
    """How a later file meets an earlier one."""

    APPEND = "append"  # events: a key that is there already is not changed
    MERGE = "merge"  # the later version of a key wins
    SNAPSHOT = "snapshot"  # the latest file is the tenant's whole truth


class Disposal(StrEnum):
    """What becomes of a landing file after a verified ingest."""

    DELETE = "delete"
    KEEP = "keep"
    ARCHIVE_SEALED = "archive-sealed"


@dataclass(frozen=True)
class Constraints:
    """Bounds on a single value; None means unbounded. Lengths are in code points."""

    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One leaf of a dataset.

    `path` is where the value stands in a record (`("customer", "email")` in nested JSON);
    `name` is its column in silver (`customer_email`). `token_domain` keeps customer 5 and
    employee 5 apart: the data class, with `/namespace` where the contract gives one.
    """

    path: tuple[str, ...]
    name: str
    logical_type: LogicalType
    required: bool = False
    data_class: str | None = None
    namespace: str | None = None
    free_text: bool = False
    treatment: Treatment | None = None
    constraints: Constraints = Constraints()
    description: str = ""

    @property
    def token_domain(self) -> str:
        """What the token function gets as class."""
        return token_domain(self.data_class or "system", self.namespace)

    @property
    def text_in_silver(self) -> bool:
        """Whether silver holds this column as text, for every tenant and under every treatment.

        So it is where the contract gives the column a class, free text or a treatment of its own; a
        changed rule in treatments.yaml then never changes the type of a table's column. Any other
        column has its logical type in silver, which for texts and arrays is text as well.
        """
        if self.data_class is not None or self.free_text or self.treatment is not None:
            return True
        return self.logical_type in (LogicalType.STRING, LogicalType.ARRAY)


def token_domain(data_class: str, namespace: str | None) -> str:
    """`user.unique_id/customer`, or the bare class where there is no namespace."""
    return f"{data_class}/{namespace}" if namespace else data_class


@dataclass(frozen=True)
class Contract:
    """One version of one dataset's contract.

    `tenant` is set on a variant that holds for that tenant alone; None holds for all others.
    `contact` is the owner's channels as the standard's `support` names them; empty where it names none.
    `primary_key` and the `*_column` fields name columns by `Column.name`.
    """

    dataset: str
    tenant: str | None
    version: str
    owner: str
    load_mode: LoadMode
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    subject_column: str | None = None
    time_column: str | None = None
    version_column: str | None = None
    tenant_column: str | None = None
    disposal: Disposal = Disposal.DELETE
    description: str = ""
    contact: str = ""

    @property
    def fields(self) -> frozenset[str]:
        """The names that a record of this contract has at its top."""
        return frozenset(column.path[0] for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
