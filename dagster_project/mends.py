"""What somebody who is woken at night does about a tenant that failed, by what it failed with."""

from __future__ import annotations

from transforms.errors import DISK_FULL, RECOGNIZER_FAILED

PLAYBOOK = "docs/failed-tenant.md"

_RESTORE = "restore lake and control folder from one backup"
_ANEW = "find what wrote to the tenant's part of silver, then have that part made anew"
_MEMORY = "give Spark more memory (LAKEWARD_DRIVER_MEMORY) and run it again"
_CHECKS = {
    ("bronze", "counts_reconcile"): f"keep the landing files; {_RESTORE}",
    (
        "bronze",
        "tenant_isolation",
    ): f"{_RESTORE}: the rows, or the keys that sealed them, are not this lake's",
    ("findings", "reviews_waiting"): "decide what waits, by lakeward review or the links of the check; "
    "or raise the limit (undecided in treatments.yaml)",
    ("findings", "recognizers_work"): "repair the named recognizer, or take it out of detection.yaml; until "
    "then findings lack what it would find",
    ("silver", "contract_holds"): _ANEW,
    ("silver", "counts_reconcile"): _ANEW,
    ("silver", "keys_unique"): _ANEW,
    ("silver", "no_residual_personal_data"): "give the named columns a data class or a stricter treatment",
    ("silver", "tenant_isolation"): _ANEW,
}
KINDS = {
    RECOGNIZER_FAILED: "repair the named recognizer, or take it out of detection.yaml",
    DISK_FULL: "free space on the lake's disk; the next run goes on",
    "USER_RAISED_EXCEPTION": f"{_RESTORE}: a sealed row does not open",
    "FAILED_READ_FILE": "copy the tenant's damaged file back from a backup",
    "OutOfMemoryError": _MEMORY,
    "Py4JNetworkError": f"{_MEMORY}: its process ended",
    "ConnectionRefusedError": f"{_MEMORY}: its process ended",
    "PermissionError": "give the pipeline's user access to landing zone, lake and control folder",
}


def mend_of_check(layer: str, name: str) -> str:
    """What to do where a check of a layer fails for a tenant."""
    return _CHECKS[layer, name]


def mend_of_kind(kind: str) -> str:
    """What to do where a step failed for a tenant with this kind of error. Spark's kinds have parts."""
    known = KINDS.get(kind.partition(".")[0])
    return known or "run it again, which repeats only what is not done; if it fails again, report this kind"
