"""`token`: the tenant's keyed token, which joins within the tenant and never across tenants."""

from __future__ import annotations

from pyspark.sql import Column

from transforms.tokens import value_token
from transforms.treatments.cell import Cell


def token(cell: Cell) -> Column:
    """32 hex digits over class and normal form; null for null."""
    return value_token(cell.token_domain, cell.normaliser, cell.canonical)
