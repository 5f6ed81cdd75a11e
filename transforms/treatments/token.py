"""`token`: the tenant's keyed token, which joins within the tenant and never across tenants."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from transforms.tokens import token_column
from transforms.treatments.cell import Cell


def token(cell: Cell) -> Column:
    """32 hex digits over class and normal form; null for null. Needs the cell's normal form in the frame."""
    return token_column(cell.token_domain, F.col(cell.normal_form))
