"""What somebody who is woken at night does about a tenant that failed, by what it failed with."""

from __future__ import annotations

from transforms.errors import DISK_FULL

PLAYBOOK = "docs/failed-tenant.md"

_CHECKS = {
    "contract_holds": "find what wrote to the tenant's silver table; a changed policy makes it anew",
    "counts_reconcile": "keep the landing files; restore lake and control folder from one backup",
    "keys_unique": "find what wrote to the tenant's silver table; a changed policy makes it anew",
    "no_residual_personal_data": "give the named columns a data class or a stricter treatment",
    "tenant_isolation": "find what wrote to the tenant's partition, and restore it from a backup",
}
_KINDS = {
    DISK_FULL: "free space on the lake's disk; the next run goes on",
    "USER_RAISED_EXCEPTION": "a sealed row does not open: restore tables and keys from one backup",
    "PermissionError": "give the pipeline's user access to landing zone, lake and control folder",
    "FAILED_READ_FILE": "a file of the tenant's partition cannot be read: restore it from a backup",
}


def mend_of_check(name: str) -> str:
    """What to do where a check of a layer fails for a tenant."""
    return _CHECKS[name]


def mend_of_kind(kind: str) -> str:
    """What to do where a step failed for a tenant with this kind of error. Spark's kinds have parts."""
    known = _KINDS.get(kind.partition(".")[0])
    return known or "run it again, which repeats only what is not done; if it fails again, report this kind"
