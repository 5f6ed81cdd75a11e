"""What a treatment gets to know about the column it treats."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

from classifications.detector import Detector
from policy.contracts import LogicalType
from policy.taxonomy import Normaliser, Taxonomy
from transforms.plan import ColumnPlan
from transforms.records import raw, typed


@dataclass(frozen=True)
class Rules:
    """What rows are treated by beside their plan: classes, how prose is read, and the policies' digest."""

    taxonomy: Taxonomy
    detector: Detector
    policy_digest: str


@dataclass(frozen=True)
class Cell:
    """One column of one dataset on its way to silver."""

    plan: ColumnPlan
    dataset: str
    rules: Rules

    @property
    def raw(self) -> Column:
        """The text that arrived; null for empty."""
        return raw(self.plan.column)

    @property
    def typed(self) -> Column:
        """The value in its declared type."""
        return typed(self.plan.column)

    @property
    def canonical(self) -> Column:
        """The value as text, one spelling for equal values: `2020-01-02`, `true`, `12.5`."""
        if self.plan.column.logical_type in (LogicalType.STRING, LogicalType.ARRAY):
            return self.raw
        if self.plan.column.logical_type is LogicalType.TIMESTAMP:
            return F.date_format(self.typed, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
        return self.typed.cast("string")

    @property
    def normaliser(self) -> Normaliser:
        """How the column's class brings spellings together."""
        return self.rules.taxonomy.normaliser_of(self.plan.data_class)

    @property
    def token_domain(self) -> str:
        """The contract's domain; the detected class's where the contract declares none."""
        column = self.plan.column
        return column.token_domain if column.data_class else (self.plan.data_class or "system")
