"""What waits for a steward's verdict, and taking one down; needs the control database only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from classifications.detector import Detector
from classifications.findings import FindingStatus
from classifications.ledger import FindingsLedger
from classifications.offices import check_form, check_impersonal, check_office
from classifications.reviews import Review
from classifications.verdicts import Decision, Verdict
from dagster_project.undecided import restate_undecided
from policy import PolicyBundle
from policy.contracts import Contract
from policy.errors import LakewardError
from tenancy.control import now
from transforms.plan import ColumnPlan, plan_now


class VerdictRefused(LakewardError):
    """A verdict about what is not there, or that cannot be; nothing was recorded."""


@dataclass(frozen=True)
class Asked:
    """One verdict as a steward gives it.

    `tenant` None is every tenant with such a finding. `data_class` is the class that is judged; None is the
    only one that waits on the column. `new_class` goes with `reclassify` alone. `actor` is a name of office.
    """

    tenant: str | None
    dataset: str
    column: str
    data_class: str | None
    decision: Decision
    actor: str
    reason: str
    new_class: str | None = None


@dataclass(frozen=True)
class Decided:
    """A verdict that was recorded, and the column's treatment under the plans before and after it."""

    verdict: Verdict
    before: str
    after: str

    @property
    def effect(self) -> str:
        """What the next run does about it, in words."""
        if self.before == self.after:
            return f"nothing: it stays {self.after}"
        return f"{self.before} → {self.after}: silver is made anew"


def all_reviews(
    engine: Engine, bundle: PolicyBundle, tenant: str | None = None, dataset: str | None = None
) -> list[Review]:
    """The reviews of every column that the policies know, in order; of one tenant or dataset where given."""
    ledger = FindingsLedger(engine)
    return [
        review
        for own, name in ledger.judged_datasets()
        if tenant in (None, own) and dataset in (None, name)
        if (contract := _contract(bundle, own, name)) is not None
        for review in ledger.reviews(own, name)
        if any(column.name == review.finding.column for column in contract.columns)
    ]


def treatments_now(engine: Engine, bundle: PolicyBundle, tenant: str, dataset: str) -> dict[str, ColumnPlan]:
    """By column: what policy, findings and verdicts come to now. Empty where there is no contract."""
    contract = _contract(bundle, tenant, dataset)
    plans = () if contract is None else plan_now(engine, bundle, tenant, contract)
    return {plan.column.name: plan for plan in plans}


def personal_columns(
    engine: Engine, bundle: PolicyBundle, tenant: str
) -> Iterator[tuple[str, str, ColumnPlan]]:
    """Dataset, data class (or `free text`) and plan of each personal column of a tenant, in order."""
    for dataset in bundle.datasets:
        for plan in treatments_now(engine, bundle, tenant, dataset).values():
            key = plan.data_class or ("free text" if plan.column.free_text else None)
            if key is not None:
                yield dataset, key, plan


def decide(engine: Engine, bundle: PolicyBundle, asked: Sequence[Asked]) -> list[Decided]:
    """Record all of these verdicts, or none; with what each changes at the next run.

    Raises VerdictRefused for what is not there, WordsRefused for words that must not be kept.
    """
    for actor in {one.actor for one in asked}:
        check_office(actor)
    for reason in {one.reason for one in asked}:
        check_form(reason)
    verdicts = [verdict for one in asked for verdict in _verdicts(engine, bundle, one)]
    check_impersonal(sorted({one.reason for one in asked}), Detector.default())
    places = sorted({(one.tenant_id, one.dataset) for one in verdicts})
    before = {place: treatments_now(engine, bundle, *place) for place in places}
    FindingsLedger(engine).record_verdicts(verdicts)
    for dataset in {dataset for _, dataset in places}:
        restate_undecided(engine, bundle, dataset, all_reviews(engine, bundle, dataset=dataset))
    after = {place: treatments_now(engine, bundle, *place) for place in places}
    return [
        Decided(
            one,
            str(before[one.tenant_id, one.dataset][one.column].treatment),
            str(after[one.tenant_id, one.dataset][one.column].treatment),
        )
        for one in verdicts
    ]


def _verdicts(engine: Engine, bundle: PolicyBundle, asked: Asked) -> list[Verdict]:
    _known(bundle, asked)
    reviews = [
        one
        for one in all_reviews(engine, bundle, asked.tenant, asked.dataset)
        if one.finding.column == asked.column and asked.data_class in (None, one.finding.data_class)
    ]
    if asked.data_class is None:
        reviews = [one for one in reviews if one.waiting]
    place = f"{asked.tenant or 'any tenant'}/{asked.dataset}/{asked.column}"
    classes = sorted({one.finding.data_class for one in reviews})
    if not classes:
        raise VerdictRefused(
            f"nothing of this kind waits in {place}. To mend it: take column and class from lakeward review"
        )
    if len(classes) > 1:
        raise VerdictRefused(f"several findings wait in {place}. To mend it: say which: {', '.join(classes)}")
    return [_verdict(one, asked) for one in reviews]


def _verdict(review: Review, asked: Asked) -> Verdict:
    finding = review.finding
    if asked.decision in (Decision.REJECT, Decision.RECLASSIFY) and finding.status in (
        FindingStatus.DECLARED,
        FindingStatus.NOT_SEEN,
    ):
        raise VerdictRefused(
            f"the contract of {finding.dataset} declares {finding.column} so, which a verdict does not "
            "take back. To mend it: change the contract"
        )
    return Verdict(
        finding.tenant_id, finding.dataset, finding.column, finding.data_class, asked.decision, asked.actor,
        asked.reason.strip(), now(), asked.new_class,
    )  # fmt: skip


def _known(bundle: PolicyBundle, asked: Asked) -> None:
    if asked.tenant is not None and asked.tenant not in bundle.tenants:
        raise VerdictRefused(f"no tenant of that id. To mend it: one of {', '.join(sorted(bundle.tenants))}")
    tenants = list(bundle.tenants) if asked.tenant is None else [asked.tenant]
    contracts = [one for tenant in tenants if (one := bundle.contract_for(tenant, asked.dataset)) is not None]
    if not contracts:
        own = sorted({name for name in bundle.datasets for t in tenants if bundle.contract_for(t, name)})
        raise VerdictRefused(f"no dataset of that name. To mend it: one of {', '.join(own)}")
    columns = sorted({column.name for contract in contracts for column in contract.columns})
    if asked.column not in columns:
        raise VerdictRefused(
            f"{asked.dataset} has no column of that name. To mend it: one of {', '.join(columns)}"
        )
    for key in (asked.data_class, asked.new_class):
        if key is not None and key not in bundle.taxonomy:
            raise VerdictRefused(
                "no data class of that key. To mend it: take one from lakeward review classes"
            )


def _contract(bundle: PolicyBundle, tenant: str, dataset: str) -> Contract | None:
    return bundle.contract_for(tenant, dataset) if tenant in bundle.tenants else None
