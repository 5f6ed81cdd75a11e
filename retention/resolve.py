"""Which retention rule holds, and why: pure functions over the policies, with a reason for each that lost.

What is ruled on is a tenant's rows of a dataset or, apart from them, the values of one data class in those
rows. Each action has a rule of its own: a row that is anonymised after three years can still go after ten.

Of the rules for one action the most specific holds. A rule is more specific than another if it names all
that the other names and more; a tenant stands for its tier and region, a class for those above it. Where
several are left and none is more specific than another, the one with the shortest period holds
(docs/decisions/0020-retention-rules.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policy.bundle import PolicyBundle
from policy.contracts import Contract
from policy.retention import Clock, RetentionAction, RetentionRule


@dataclass(frozen=True)
class Lost:
    """A rule that is about the same, does not hold, and why; `to` is the rule that it lost to."""

    rule: RetentionRule
    to: RetentionRule
    why: str


@dataclass(frozen=True)
class Ruling:
    """The rule that holds for one action, and those that lost, the nearest to winning first."""

    rule: RetentionRule
    because: str
    lost: tuple[Lost, ...]

    @property
    def action(self) -> RetentionAction:
        """What happens at the end of the period."""
        return self.rule.action


def resolve(
    bundle: PolicyBundle, tenant: str, dataset: str, data_class: str | None = None
) -> tuple[Ruling, ...]:
    """The ruling of each action that has a rule, in the order of `RetentionAction`.

    `data_class` None is about the rows; a class about its values in them. KeyError for a tenant that the
    policies do not know.
    """
    about = [rule for rule in bundle.retention.rules if _about(rule, bundle, tenant, dataset, data_class)]
    rulings = []
    for action in RetentionAction:
        candidates = sorted((rule for rule in about if rule.action is action), key=_soonest)
        if candidates:
            rulings.append(_rule_on(candidates))
    return tuple(rulings)


def classes_of(contract: Contract) -> tuple[str, ...]:
    """The classes of the contract's columns, sorted."""
    return tuple(sorted({column.data_class for column in contract.columns if column.data_class is not None}))


def narrower(one: RetentionRule, other: RetentionRule) -> bool:
    """Whether `one` is more specific than `other`; both have to be about the same rows or values."""
    return _named(one) > _named(other)


def _about(
    rule: RetentionRule, bundle: PolicyBundle, tenant: str, dataset: str, data_class: str | None
) -> bool:
    if data_class is None or rule.data_class is None:
        same_kind = data_class is rule.data_class
    else:
        same_kind = rule.data_class in bundle.taxonomy.lineage(data_class)
    return rule.covers(bundle.tenants[tenant], dataset) and same_kind


def _rule_on(candidates: Sequence[RetentionRule]) -> Ruling:
    """`candidates` are for one action and one thing, the soonest first."""
    left = [one for one in candidates if not any(narrower(other, one) for other in candidates)]
    winner = left[0]
    lost = [_lost(one, winner, left) for one in candidates if one is not winner]
    return Ruling(winner, _because(left, candidates), tuple(lost))


def _because(left: Sequence[RetentionRule], candidates: Sequence[RetentionRule]) -> str:
    if len(candidates) == 1:
        return "no other rule for this action is about it"
    if len(left) == 1:
        return "it is the most specific"
    return f"of {len(left)} rules of which none is more specific, its period ends soonest"


def _lost(rule: RetentionRule, winner: RetentionRule, left: Iterable[RetentionRule]) -> Lost:
    above = [winner, *(one for one in left if one is not winner)]
    for one in above:
        if narrower(one, rule):
            return Lost(rule, one, "less specific")
    if rule.period.nominal > winner.period.nominal:
        return Lost(rule, winner, "neither is more specific, and it lasts longer")
    return Lost(rule, winner, "neither is more specific, and it begins later")


def _named(rule: RetentionRule) -> frozenset[str]:
    """All that a rule names, with what follows from it; comparable among rules about the same."""
    named = {what for what in ("dataset", "tenant", "tier", "region") if getattr(rule, what) is not None}
    if "tenant" in named:
        named |= {"tier", "region"}
    depth = len(rule.data_class.split(".")) if rule.data_class is not None else 0
    return frozenset(named | {f"class {level}" for level in range(depth)})


def _soonest(rule: RetentionRule) -> tuple[object, ...]:
    """Shorter before longer; of equal ones that which counts from the event, which is never after ingest."""
    return (rule.period.nominal, rule.clock is Clock.INGESTED, rule.scope, str(rule.period), rule.reason)
