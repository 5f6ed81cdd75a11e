"""`retention.yaml`: how long things live, by data class, dataset, tenant, tier and region."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import isodate

from policy.contracts import Contract
from policy.load_node import Node, close_match, quoted
from policy.retention import GRACE_DAYS, Clock, Period, Retention, RetentionAction, RetentionRule, Store
from policy.taxonomy import Taxonomy
from policy.tenants import Tenant

PERIOD = re.compile(r"P(?=[0-9])([0-9]{1,4}Y)?([0-9]{1,4}M)?([0-9]{1,4}W)?([0-9]{1,5}D)?")
"""Whole years, months, weeks and days: isodate also takes signs and hours, and drops a year's fraction."""
LONGEST_YEARS = 100
LONGEST_VERSIONS = Period(days=30)
"""After it, Delta lets its log go; of what age an older file is could not be told any more."""
SCOPES = ("class", "dataset", "tenant", "tier", "region")


@dataclass(frozen=True)
class Known:
    """What a rule can name. None where the file had faults: it is then not looked up, so that one fault is
    not told twice.
    """

    taxonomy: Taxonomy
    tenants: Mapping[str, Tenant] | None
    contracts: Sequence[Contract] | None
    tiers: Collection[str] | None

    def of(self, what: str) -> Collection[str] | None:
        """The names of one of `SCOPES`; None where they are not looked up."""
        if what == "class":
            return self.taxonomy.classes
        if what == "dataset":
            return None if self.contracts is None else {contract.dataset for contract in self.contracts}
        if self.tenants is None or (what == "tier" and self.tiers is None):
            return None
        if what == "tenant":
            return self.tenants
        own = {getattr(tenant, what) for tenant in self.tenants.values()}
        return own | set(self.tiers or ()) if what == "tier" else own


def load_retention(root: Node, known: Known) -> Retention:
    """The rules in the order of the file; faults go to the node's list."""
    top = root.fields(["rules"], ["grace_days", "stores"])
    seen: set[tuple[object, ...]] = set()
    rules: list[RetentionRule] = []
    for entry in top["rules"].items() if "rules" in top else []:
        rule = _rule(entry, known)
        if rule is None:
            continue
        same = (rule.action, rule.scope)
        if same in seen:
            entry.fault(f"another rule says when to {rule.action} {rule.scope}", "keep one of the two")
            continue
        seen.add(same)
        rules.append(rule)
    grace = top["grace_days"].integer(0, 3650) if "grace_days" in top else GRACE_DAYS
    stores = {
        Store(name): period
        for name, node in (top["stores"].fields([], list(Store)).items() if "stores" in top else ())
        if (period := _period(node)) is not None
    }
    if Store.VERSIONS in stores and stores[Store.VERSIONS].nominal > LONGEST_VERSIONS.nominal:
        top["stores"].child(Store.VERSIONS).fault(
            f"a table's log does not reach back for more than {LONGEST_VERSIONS}", "write that or less"
        )
    return Retention(tuple(rules), GRACE_DAYS if grace is None else grace, stores)


def _rule(entry: Node, known: Known) -> RetentionRule | None:
    got = entry.fields(["action", "period", "from", "reason"], SCOPES)
    before = len(entry.faults.problems)
    action = got["action"].choice(list(RetentionAction)) if "action" in got else None
    period = _period(got["period"]) if "period" in got else None
    clock = got["from"].choice(list(Clock)) if "from" in got else None
    reason = got["reason"].text() if "reason" in got else None
    scope = [_named(got.get(what), known.of(what), what) for what in SCOPES]
    if action is None or period is None or clock is None or reason is None:
        return None
    rule = RetentionRule(RetentionAction(action), period, Clock(clock), reason, *scope)
    if len(entry.faults.problems) == before:
        _fits(entry, rule, known)
    return rule if len(entry.faults.problems) == before else None


def _period(node: Node) -> Period | None:
    text = node.matching(
        PERIOD, "a period", "write years, months, weeks and days, such as P10Y or P18M or P90D"
    )
    if text is None:
        return None
    parsed = isodate.parse_duration(text, as_timedelta_if_possible=False)
    period = Period(int(parsed.years * 12 + parsed.months), parsed.tdelta.days)
    if not 0 < period.nominal <= Period(12 * LONGEST_YEARS).nominal:
        node.fault(
            f"{text} is no time that something can live", f"write more than 0 and at most P{LONGEST_YEARS}Y"
        )
        return None
    return period


def _named(node: Node | None, known: Collection[str] | None, what: str) -> str | None:
    text = node.text() if node is not None else None
    if node is not None and text is not None and known is not None and text not in known:
        told = "a region of a tenant" if what == "region" else "declared"
        node.fault(f"the {what} {quoted(text)} is not {told}", close_match(text, known))
    return text


def _fits(entry: Node, rule: RetentionRule, known: Known) -> None:
    """A rule that could never hold would be taken for one that does."""
    if rule.tenant is not None and (rule.tier, rule.region) != (None, None):
        entry.fault("a tenant has one tier and one region already", "leave tier and region out, or tenant")
    if rule.data_class is not None and rule.action is RetentionAction.ANONYMISE:
        entry.fault(
            "anonymise is of a whole row, not of one class",
            "write erase, by which the values of the class go and the row stays; or leave class out",
        )
    if known.contracts is not None and rule.dataset is not None:
        _fits_dataset(entry, rule, known.taxonomy, known.contracts)


def _fits_dataset(
    entry: Node, rule: RetentionRule, taxonomy: Taxonomy, contracts: Sequence[Contract]
) -> None:
    own = [c for c in contracts if c.dataset == rule.dataset and c.tenant in (None, rule.tenant or c.tenant)]
    classes = {column.data_class for contract in own for column in contract.columns if column.data_class}
    if not own:
        entry.child("dataset").fault(
            f"{rule.tenant} has no contract for {quoted(rule.dataset)}", "name another tenant or dataset"
        )
    elif rule.data_class and not any(rule.data_class in taxonomy.lineage(key) for key in classes):
        entry.child("class").fault(
            f"no column of {quoted(rule.dataset)} is of the class {quoted(rule.data_class)}",
            close_match(rule.data_class, classes),
        )
