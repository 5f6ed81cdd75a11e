"""The look at silver: is it what contract, plan and bronze say, and can nothing personal be read in it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from classifications.residual import residual_spans
from transforms.context import LakeContext
from transforms.deliveries import high_waters
from transforms.expectations import broken_promises
from transforms.frozen import without_frozen
from transforms.lake import Table
from transforms.parts import part_digests, strangers
from transforms.protect import digest_for, last_protections, plan_for
from transforms.restrictions import frozen_tokens, with_frozen
from transforms.silver_passes import Columns, Plan, Records, compare_records, is_sound, read_columns
from transforms.standings import Verdict

SILVER_CHECKS = (
    "contract_holds",
    "keys_unique",
    "no_residual_personal_data",
    "tenant_isolation",
    "counts_reconcile",
)


class SilverLook:
    """One dataset's silver in a region, beside its bronze."""

    layer = "silver"
    names = SILVER_CHECKS

    def __init__(self, ctx: LakeContext, region: str, dataset: str) -> None:
        self.ctx, self.region, self.dataset = ctx, region, dataset
        self._silver, self._bronze = Table(region, "silver", dataset), Table(region, "bronze", dataset)
        self._rows: dict[str, int] = {}
        self._plans: dict[str, Plan] = {}

    def marks(self, tenants: Sequence[str]) -> Mapping[str, Sequence[object]]:
        """See `transforms.checks.Look`. Tenants that are protected up to their newest rows of bronze.

        Where bronze is ahead, the run that brought its rows protects and checks them.
        """
        if not self.ctx.lake.exists(self._silver):
            return {}
        silver, bronze = (part_digests(Path(self.ctx.lake.path(t))) for t in (self._silver, self._bronze))
        self._strangers = strangers(silver, self.ctx.bundle, self.region)
        marks, frozen = {}, frozen_tokens(self.ctx.engine, tenants)
        known = last_protections(self.ctx.engine, self.dataset)
        newest = high_waters(self.ctx.engine, self.dataset)
        for contract, group in self.ctx.by_contract(self.dataset, tenants):
            for tenant in group:
                last = known.get(tenant)
                if last is None or last.batch_seq != newest.get(tenant, 0):
                    continue
                self._rows[tenant], self._plans[tenant] = last.rows, plan_for(self.ctx, tenant, contract)
                marks[tenant] = (
                    silver.get(tenant),
                    bronze.get(tenant),
                    self._strangers,
                    with_frozen(frozen, tenant, digest_for(self.ctx, tenant, contract, self._plans[tenant])),
                    self.ctx.bundle.digest,
                    self.ctx.detector_of(tenant).version,
                )
        return marks

    def measure(self, tenants: Sequence[str]) -> Mapping[str, Sequence[Verdict]]:
        """See `transforms.checks.Look`."""
        verdicts: dict[str, list[Verdict]] = {}
        for contract, group in self.ctx.by_contract(self.dataset, tenants):
            silver, bronze = (self.ctx.lake.read(table, group) for table in (self._silver, self._bronze))
            plans = {tenant: self._plans[tenant] for tenant in group}
            rows = {tenant: self._rows[tenant] for tenant in group}
            bronze = without_frozen(self.ctx, bronze, contract, group)
            sound = is_sound(bronze, silver, contract, plans, rows)
            columns = read_columns(silver, plans, rows, sound=sound)
            records = (
                {tenant: Records(count, count) for tenant, count in rows.items()}
                if sound
                else compare_records(bronze, silver, contract)
            )
            broken = broken_promises({tenant: one.broken for tenant, one in columns.items()})
            clean = self._clean(columns)
            for tenant in group:
                own = columns[tenant]
                verdicts[tenant] = [
                    _contract(own, broken[tenant]),
                    self._residual(tenant, own, clean=tenant in clean),
                    *self._records(records.get(tenant, Records())),
                ]
                verdicts[tenant].sort(key=lambda one: SILVER_CHECKS.index(one.name))
        return verdicts

    def _records(self, found: Records) -> list[Verdict]:
        apart = not found.orphans + self._strangers
        told = f"{found.orphans} records are not in the tenant's bronze; {self._strangers} foreign partitions"
        equal = found.present == found.rows
        counts = (
            f"{found.present} records present in bronze {'=' if equal else 'but'} {found.rows} rows in silver"
        )
        return [
            Verdict("keys_unique", not found.doubled, f"{found.doubled} records stand more than once"),
            Verdict("tenant_isolation", apart, told),
            Verdict("counts_reconcile", equal, counts),
        ]

    def _clean(self, columns: Mapping[str, Columns]) -> set[str]:
        """The tenants in whose values together the detector finds nothing: so in none of their columns.

        Tenants whose texts are read alike are looked at together.
        """
        clean: set[str] = set()
        for detector, group in self.ctx.by_detector(list(columns)):
            values = {v for tenant in group for some in columns[tenant].values.values() for v in some}
            if not residual_spans(sorted(values), detector):
                clean.update(group)
        return clean

    def _residual(self, tenant: str, own: Columns, *, clean: bool) -> Verdict:
        detector = self.ctx.detector_of(tenant)
        found = {} if clean else {n: residual_spans(some, detector) for n, some in own.values.items()}
        readable = [f"{name} ({', '.join(spans)})" for name, spans in found.items() if spans]
        looked = sum(map(len, own.values.values()))
        detail = f"{looked} distinct readable values of {len(own.values)} text columns looked at"
        detail += f"; readable: {'; '.join(readable)}" if readable else ""
        return Verdict("no_residual_personal_data", not readable, detail)


def _contract(own: Columns, broken: Sequence[str]) -> Verdict:
    detail = f"{len(own.broken) - len(broken)} of {len(own.broken)} promises hold"
    told = "; ".join(f"{about} ({own.broken[about]} rows not)" for about in broken)
    return Verdict("contract_holds", not broken, f"{detail}; broken: {told}" if broken else detail)
