"""`token`: the tenant's keyed token, which joins within the tenant and never across tenants."""

from __future__ import annotations

from pyspark.sql import Column

from transforms.tokens import normalise_column, token_column
from transforms.treatments.cell import Cell


def token(cell: Cell) -> Column:
    """32 hex digits over class and normalised value; null for null."""
    return token_column(cell.token_domain, normalise_column(cell.normaliser, cell.canonical))
