"""The look at bronze and quarantine: is all there that landed, and does it open under its tenant's key?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from transforms.batch import Places
from transforms.context import LakeContext
from transforms.deliveries import row_sums
from transforms.erased import erased_sums, settle_changes
from transforms.parts import part_digests, strangers
from transforms.samples import in_sample
from transforms.seal import unseal_row
from transforms.standings import Standings, Verdict
from transforms.tokens import with_keys

BRONZE_CHECKS = ("counts_reconcile", "tenant_isolation")


class BronzeLook:
    """One dataset's bronze and quarantine in a region. `afresh` opens every row, not a sample of them.

    Of a tenant whose last check failed every row is opened too: the row that failed may be in no sample.
    """

    layer = "bronze"
    names = BRONZE_CHECKS

    def __init__(self, ctx: LakeContext, region: str, dataset: str, *, afresh: bool) -> None:
        self.ctx, self.region, self.dataset, self._afresh = ctx, region, dataset, afresh
        self._places = Places.of(region, dataset)

    def marks(self, tenants: Sequence[str]) -> Mapping[str, Sequence[object]]:
        """See `transforms.checks.Look`. Tenants of which something landed, or has a file in bronze."""
        if not self.ctx.lake.exists(self._places.bronze):
            return {}
        bronze, held = (
            part_digests(Path(self.ctx.lake.path(table)))
            for table in (self._places.bronze, self._places.quarantine)
        )
        settle_changes(self.ctx.engine, self.ctx.lake, self.region, self.dataset)
        self._sums = row_sums(self.ctx.engine, self.region, self.dataset)
        self._erased: Counter[str] = Counter()
        for (tenant, _, _), rows in erased_sums(self.ctx.engine, self.dataset).items():
            self._erased[tenant] += rows
        self._strangers = strangers(bronze, self.ctx.bundle, self.region)
        last = Standings(self.ctx.engine).all(self.layer, self.dataset)
        self._failed = {one.tenant for one in last if one.name in self.names and not one.success}
        due = [tenant for tenant in tenants if tenant in bronze or tenant in self._sums]
        keys = self.ctx.keyring.keys_of(due)
        return {
            tenant: (
                bronze.get(tenant),
                held.get(tenant),
                self._sums.get(tenant),
                self._erased[tenant],
                self._strangers,
                keys[tenant].current.key_id,
            )
            for tenant in due
        }

    def measure(self, tenants: Sequence[str]) -> Mapping[str, Sequence[Verdict]]:
        """See `transforms.checks.Look`. One pass over both tables."""
        sealed = self._sealed("bronze", tenants)
        if self.ctx.lake.exists(self._places.quarantine):
            sealed = sealed.unionByName(self._sealed("quarantine", tenants))
        held = F.col("layer") == "quarantine"
        counted = sealed.groupBy("tenant_id").agg(
            F.count_if(~held).alias("bronze"),
            F.count_if(held).alias("quarantined"),
            F.count_if("opened").alias("opened"),
            F.count_if(F.col("opened") & F.col("shut")).alias("shut"),
        )
        found = {row.tenant_id: row.asDict() for row in counted.collect()}
        nothing = dict.fromkeys(("bronze", "quarantined", "opened", "shut"), 0)
        return {tenant: self._verdicts(tenant, found.get(tenant, nothing)) for tenant in tenants}

    def _sealed(self, layer: str, tenants: Sequence[str]) -> DataFrame:
        table = self._places.bronze if layer == "bronze" else self._places.quarantine
        rows = with_keys(self.ctx.lake.read(table, tenants).drop("key_id"), self.ctx.keys(tenants))
        opened = self._opened(tenants) if layer == "bronze" else F.lit(True)
        shut = F.when(opened, unseal_row(layer, self.dataset).isNull())
        return rows.select(
            "tenant_id", F.lit(layer).alias("layer"), opened.alias("opened"), shut.alias("shut")
        )

    def _opened(self, tenants: Sequence[str]) -> Column:
        if self._afresh:
            return F.lit(True)
        sampled = self._sums.keys() - self._failed
        return in_sample({tenant: self._sums[tenant][1] if tenant in sampled else 0 for tenant in tenants})

    def _verdicts(self, tenant: str, found: Mapping[str, int]) -> list[Verdict]:
        landed = self._sums[tenant][0] if tenant in self._sums else 0
        erased = self._erased[tenant]
        whole = landed == found["bronze"] + found["quarantined"] + erased
        counts = "{bronze} in bronze + {quarantined} in quarantine".format_map(found)
        counts += f" + {erased} erased" if erased else ""
        shut = "{shut} of {opened} rows looked into do not open under the tenant's key".format_map(found)
        apart = not found["shut"] + self._strangers
        return [
            Verdict("counts_reconcile", whole, f"{landed} landed {'=' if whole else 'but'} {counts}"),
            Verdict("tenant_isolation", apart, f"{shut}; {self._strangers} foreign partitions"),
        ]
