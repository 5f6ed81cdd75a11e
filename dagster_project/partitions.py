"""Tenants as one set of partitions, kept in step with the policies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import dagster as dg

TENANTS = dg.DynamicPartitionsDefinition(name="tenants")
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
PARTITION = "dagster/partition"
TENANT = "lakeward/tenant"
"""On a run of one tenant: whose it is, for filters and alerts."""
AFTER = "lakeward/after"
"""On the run of a tenant that failed among others: the run in which it did."""
FOLLOWS = "lakeward/follows"
FOLLOWS_UP = {FOLLOWS: "itself"}
"""The tag of a run whose own process also makes the runs of those who failed in it."""
CHECK = "lakeward/check"
CHECK_ALL = {CHECK: "all"}
"""The tag of a run whose checks read every row again, whatever was checked before."""


def changes(present: Sequence[str], wanted: Iterable[str]) -> tuple[list[str], list[str]]:
    """Tenants to add and to delete, each sorted, so that `present` becomes `wanted`."""
    return sorted(set(wanted) - set(present)), sorted(set(present) - set(wanted))


def sync_tenants(instance: dg.DagsterInstance, wanted: Iterable[str]) -> list[str]:
    """Make Dagster's tenants those of the policies; all of them in Dagster's order."""
    added, deleted = changes(instance.get_dynamic_partitions("tenants"), wanted)
    for tenant in deleted:
        instance.delete_dynamic_partition("tenants", tenant)
    instance.add_dynamic_partitions("tenants", added)
    return list(instance.get_dynamic_partitions("tenants"))


def span(order: Sequence[str], tenants: Iterable[str]) -> dict[str, str]:
    """The run tags of one tenant, or of the shortest range of `order` that holds all `tenants`.

    A tenant that lies between two others is run too; with no new file that changes nothing.
    """
    places = sorted({order.index(tenant) for tenant in tenants})
    first, last = order[places[0]], order[places[-1]]
    return {PARTITION: first, TENANT: first} if first == last else {RANGE_START: first, RANGE_END: last}


def tenants_of(run: dg.DagsterRun | dg.RunRequest) -> tuple[str, ...] | None:
    """First and last tenant of a run, one where it is of one; None where it is of no partition."""
    if PARTITION in run.tags:
        return (run.tags[PARTITION],)
    if RANGE_START in run.tags:  # the UI gives one tenant as a range too
        return tuple(dict.fromkeys((run.tags[RANGE_START], run.tags[RANGE_END])))
    return None
