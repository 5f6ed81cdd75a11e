"""How a column in a tenant's file gets its name in silver."""

from __future__ import annotations

import re

PATH_SEGMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_ .-]{0,62}")
PATH_RULE = "begin with a letter or underscore; go on with letters, digits, blanks, _ . - up to 63 characters"

RESERVED_NAMES = frozenset(
    {"tenant_id", "record_id", "subject_token", "occurred_at", "policy_digest", "emptied"}
)
"""Columns that silver has of its own."""


def silver_name(*segments: str) -> str:
    """`("Customer", "e-mail")` becomes `customer_e_mail`.

    Segments are joined by `_`; blanks, dots and hyphens become `_`; the whole is in lower case, because
    Spark and Delta tell column names apart without regard to case.
    """
    return re.sub(r"[ .\-]", "_", "_".join(segments)).lower()
