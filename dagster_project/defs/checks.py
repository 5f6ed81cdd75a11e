"""The checks of a layer as asset checks: one Spark pass for all of them and all tenants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import dagster as dg

from dagster_project.annotations import resolved
from dagster_project.checks_data import BRONZE_CHECKS, SILVER_CHECKS, CheckResult, check_bronze, check_silver
from dagster_project.defs.outcomes import tenant_table
from dagster_project.failures import plainly
from dagster_project.partitions import RANGE_START
from dagster_project.resources import HouseResource
from transforms.context import LakeContext

Check = Callable[[LakeContext, str, Sequence[str]], list[CheckResult]]

DESCRIPTIONS = {
    "contract_holds": "Every column is there with its type, and what the contract requires is filled",
    "counts_reconcile": "Rows landed = rows sealed + rows quarantined; present state of bronze = silver",
    "keys_unique": "No record stands twice",
    "no_residual_personal_data": "The detector finds nothing personal in columns that were treated",
    "tenant_isolation": "Every row lies in its tenant's partition and region, and opens under its key alone",
}


def bronze_checks(dataset: str) -> dg.AssetChecksDefinition:
    """The checks of `bronze/<dataset>`."""
    return _layer_checks("bronze", dataset, BRONZE_CHECKS, check_bronze)


def silver_checks(dataset: str) -> dg.AssetChecksDefinition:
    """The checks of `silver/<dataset>`."""
    return _layer_checks("silver", dataset, SILVER_CHECKS, check_silver)


def _layer_checks(layer: str, dataset: str, names: Sequence[str], check: Check) -> dg.AssetChecksDefinition:
    key = dg.AssetKey([layer, dataset])
    specs = [dg.AssetCheckSpec(n, asset=key, blocking=True, description=DESCRIPTIONS[n]) for n in names]

    @dg.multi_asset_check(name=f"{layer}_{dataset}_checks", specs=specs, can_subset=True)
    @resolved
    def checks(context: dg.AssetCheckExecutionContext, house: HouseResource) -> Iterator[dg.AssetCheckResult]:
        results, stop = _results(house, layer, dataset, _tenants(context), check)
        for wanted in sorted(context.selected_asset_check_keys):
            yield _verdict(wanted, [one for one in results if one.name == wanted.name], stop=stop)

    return checks


@plainly
def _results(
    house: HouseResource, layer: str, dataset: str, asked: Sequence[str] | None, check: Check
) -> tuple[list[CheckResult], bool]:
    """The results, who failed being held back; and whether no tenant is left to go on with."""
    tenants = house.free(dataset, asked)
    results = check(house.context(), dataset, tenants)
    for result in results:
        if not result.success:
            house.hold(dataset, result.tenant, f"{layer}: {result.name}")
    return results, bool(tenants) and not house.free(dataset, tenants)


def _tenants(context: dg.AssetCheckExecutionContext) -> list[str] | None:
    """The run's tenants; None (all) where a check is run on its own."""
    tags = context.run.tags
    return list(context.partition_keys) if RANGE_START in tags or "dagster/partition" in tags else None


def _verdict(key: dg.AssetCheckKey, results: Sequence[CheckResult], *, stop: bool) -> dg.AssetCheckResult:
    """A failing check holds its tenants back. As an ERROR it would stop all: only where none is left."""
    failing = [result.tenant for result in results if not result.success]
    rows = [(one.tenant, "passed" if one.success else "FAILED", one.detail) for one in results]
    return dg.AssetCheckResult(
        passed=not failing,
        asset_key=key.asset_key,
        check_name=key.name,
        severity=dg.AssetCheckSeverity.ERROR if stop else dg.AssetCheckSeverity.WARN,
        metadata={
            "tenants": tenant_table(["result", "detail"], rows),
            "held_back": ", ".join(failing) or "none",
        },
    )
