"""How long things live: rules with a scope, a period and what happens at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from isodate import Duration

from policy.tenants import Tenant

GRACE_DAYS = 30
"""How many days a row may be due before it counts as overdue, where the policies do not say."""


class Clock(StrEnum):
    """The moment that a period is counted from."""

    OCCURRED = "occurred_at"  # when it happened, by the contract's time column
    INGESTED = "ingested_at"  # when it came into the lake


class RetentionAction(StrEnum):
    """What happens at a period's end."""

    ERASE = "erase"  # the row goes; of a rule for a data class: its values go, and the row stays
    ANONYMISE = "anonymise"  # tokens and quasi-identifiers go, the row stays
    REVIEW = "review"  # a steward decides


@dataclass(frozen=True)
class Period:
    """An ISO 8601 period of whole months and days: years are twelve months, weeks seven days."""

    months: int = 0
    days: int = 0

    def __str__(self) -> str:
        years, months = divmod(self.months, 12)
        parts = ((years, "Y"), (months, "M"), (self.days, "D"))
        return "P" + "".join(f"{amount}{unit}" for amount, unit in parts if amount)

    def end(self, begin: datetime) -> datetime:
        """The moment at which a period ends that begins at `begin`.

        Months first, where a day that a month lacks becomes its last one, then days.
        """
        end: datetime = begin + Duration(months=self.months, days=self.days)
        return end

    def start(self, end: datetime) -> datetime:
        """The moment at which a period begins that ends at `end`; for what is not judged one by one."""
        begin: datetime = end - Duration(months=self.months, days=self.days)
        return begin

    @property
    def nominal(self) -> int:
        """What periods are compared by: a month is 1/4800 of the 146,097 days of 400 years."""
        return self.months * 146_097 + self.days * 4_800


@dataclass(frozen=True)
class RetentionRule:
    """One rule. None in a scope's field means any; a rule for a tenant names neither tier nor region.

    A rule for a data class is about that class's values in a row, any other about the row.
    """

    action: RetentionAction
    period: Period
    clock: Clock
    reason: str
    data_class: str | None = None
    dataset: str | None = None
    tenant: str | None = None
    tier: str | None = None
    region: str | None = None

    @property
    def scope(self) -> str:
        """`dataset orders, tier premium`, or `everything`."""
        named = (
            ("class", self.data_class), ("dataset", self.dataset), ("tenant", self.tenant),
            ("tier", self.tier), ("region", self.region),
        )  # fmt: skip
        return ", ".join(f"{what} {name}" for what, name in named if name is not None) or "everything"

    def covers(self, tenant: Tenant, dataset: str) -> bool:
        """Whether the scope takes in the tenant's dataset. Which of its values, the class says."""
        asked = {"dataset": dataset, "tenant": tenant.id, "tier": tenant.tier, "region": tenant.region}
        return all(getattr(self, name) in (None, value) for name, value in asked.items())

    def __str__(self) -> str:
        return f"{self.action} {self.period} after {self.clock} ({self.scope})"


class Store(StrEnum):
    """What holds something besides the tables; each can have one period, for all tenants."""

    ARCHIVE = "archive"  # sealed landing files, from when their rows were in
    LANDING = "landing"  # landing files that are in the lake or refused, from when that was settled
    FINDINGS = "findings"  # findings and verdicts that are superseded, or about what is no longer declared
    LINEAGE = "lineage"  # events that every sink has, and those in the file, from when they were made
    REQUESTS = "requests"  # erasure requests that are done, from when they were
    RECEIPTS = "receipts"  # receipts whose request is gone or that had none, from when they were verified
    EXPORTS = "exports"  # records of exports, from when the archive went, or expired where it was handed over
    HOLDS = "holds"  # legal holds, from when they were lifted or ended by themselves
    RESTRICTIONS = "restrictions"  # restrictions that were lifted, from when they were
    SUPPRESSIONS = "suppressions"  # entries of the suppression list that consent lifted, from when it did
    VERSIONS = "versions"  # older versions of the tables, from when the oldest was written; by maintenance
    DAGSTER_RUNS = "dagster_runs"  # Dagster's records of runs that ended, from when they did


@dataclass(frozen=True)
class Retention:
    """All rules, and how many days a row may be due before it counts as overdue.

    `stores`: how long each of them keeps what it holds; one that is not named keeps it for ever.
    """

    rules: tuple[RetentionRule, ...] = ()
    grace_days: int = GRACE_DAYS
    stores: Mapping[Store, Period] = field(default_factory=lambda: MappingProxyType({}))
