"""Everything that is promised: the policies folder, parsed once, with its digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from policy.contracts import Column, Contract
from policy.detection import DetectionPolicy
from policy.retention import Retention
from policy.taxonomy import Taxonomy
from policy.tenants import Platform, Tenant
from policy.tiers import Tier
from policy.treatments import KEEP, REDACT, Treatment


@dataclass(frozen=True)
class TreatmentRule:
    """A treatment for a data class, or for one column; None in `tenant` or `dataset` means any."""

    treatment: Treatment
    data_class: str | None = None
    column: str | None = None
    dataset: str | None = None
    tenant: str | None = None


@dataclass(frozen=True)
class UndecidedLimit:
    """How many findings of personal classes may wait for a verdict in one dataset of one tenant.

    Those of confidence `from_confidence` (0 to 1) or more count. None in `tenant` or `dataset` means any.
    """

    at_most: int
    from_confidence: float = 0.0
    dataset: str | None = None
    tenant: str | None = None


class _Scoped(Protocol):
    @property
    def tenant(self) -> str | None: ...

    @property
    def dataset(self) -> str | None: ...


_Rule = TypeVar("_Rule", bound=_Scoped)


@dataclass(frozen=True)
class PolicyBundle:
    """The whole policies folder. `digest` is `sha256:` and 64 hex digits over every file in it.

    `files` are the SHA-256 digests, in hex, of the files one by one, by path.
    """

    digest: str
    taxonomy: Taxonomy
    tenants: Mapping[str, Tenant]
    contracts: tuple[Contract, ...]
    rules: tuple[TreatmentRule, ...]
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    retention: Retention = field(default_factory=Retention)
    files: Mapping[str, str] = field(default_factory=dict)
    undecided: tuple[UndecidedLimit, ...] = ()
    platform: Platform = field(default_factory=Platform)
    detection: DetectionPolicy = field(default_factory=DetectionPolicy)

    def tier_of(self, tenant: str) -> Tier:
        """The limits of the tenant's tier; none where no tiers are declared."""
        name = self.tenants[tenant].tier
        return self.tiers.get(name, Tier(name))

    @property
    def regions(self) -> tuple[str, ...]:
        """All regions that a tenant lives in, sorted."""
        return tuple(sorted({tenant.region for tenant in self.tenants.values()}))

    @property
    def datasets(self) -> tuple[str, ...]:
        """All dataset names, sorted."""
        return tuple(sorted({contract.dataset for contract in self.contracts}))

    def contract_for(self, tenant: str, dataset: str) -> Contract | None:
        """The tenant's own variant, else the contract for all, else None."""
        found: Contract | None = None
        for contract in self.contracts:
            if contract.dataset == dataset and contract.tenant in (tenant, None):
                if contract.tenant == tenant:
                    return contract
                found = contract
        return found

    def treatment_for(self, tenant: str, dataset: str, column: Column) -> Treatment:
        """What the policy says of a declared column, before any finding.

        A rule that names the column beats the contract's own treatment, which beats a rule
        for the data class; among class rules the nearest class wins, then a rule for tenant
        and dataset, for the tenant, for the dataset, for all. A free-text column without a
        rule is redacted; a column with neither class nor rule is kept.
        """
        named = self.rule_for_column(tenant, dataset, column.name)
        if named is not None:
            return named.treatment
        if column.treatment is not None:
            return column.treatment
        if column.data_class is not None:
            found = self.treatment_for_class(tenant, dataset, column.data_class)
            if found is not None:
                return found
        return REDACT if column.free_text else KEEP

    def rule_for_column(self, tenant: str, dataset: str, name: str) -> TreatmentRule | None:
        """The override that names the column and wins there; None where none names it."""
        return _nearest((rule for rule in self.rules if rule.column == name), tenant, dataset)

    def treatment_for_class(self, tenant: str, dataset: str, data_class: str) -> Treatment | None:
        """The rule for a data class or its nearest ancestor that has one; None where none has."""
        for key in self.taxonomy.lineage(data_class):
            found = _nearest((rule for rule in self.rules if rule.data_class == key), tenant, dataset)
            if found is not None:
                return found.treatment
        return None

    def undecided_limit(self, tenant: str, dataset: str) -> UndecidedLimit | None:
        """How many findings may wait there: the limit for tenant and dataset, else the tenant's, else the
        dataset's, else the one for all; None where none is set.
        """
        return _nearest(self.undecided, tenant, dataset)


def _nearest(rules: Iterable[_Rule], tenant: str, dataset: str) -> _Rule | None:
    """The rule of the narrowest scope that holds there."""
    best: tuple[int, _Rule] | None = None
    for rule in rules:
        if rule.tenant not in (tenant, None) or rule.dataset not in (dataset, None):
            continue
        weight = 2 * (rule.tenant is not None) + (rule.dataset is not None)
        if best is None or weight > best[0]:
            best = (weight, rule)
    return best[1] if best else None
