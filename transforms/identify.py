"""Which columns of a record can name a person, and the tokens of their values, in memory."""

from __future__ import annotations

from pyspark.sql import Column as SparkColumn
from pyspark.sql import functions as F

from policy.contracts import Column, Contract, LogicalType
from policy.taxonomy import Normaliser, Taxonomy
from transforms.records import raw, typed
from transforms.tokens import value_token


def identifying_columns(contract: Contract, taxonomy: Taxonomy) -> list[Column]:
    """The columns of a personal class that hold one value; prose names nobody as a whole."""
    return [
        column
        for column in contract.columns
        if column.data_class is not None and taxonomy[column.data_class].personal and not column.free_text
    ]


def token_of(column: Column, taxonomy: Taxonomy) -> SparkColumn:
    """The token of a column's value, as silver and `subject_token` have it.

    Needs `__record` and the key columns of `transforms.tokens`.
    """
    return value_token(column.token_domain, normaliser_of(column, taxonomy), _text(column))


def _text(column: Column) -> SparkColumn:
    return raw(column) if column.logical_type in (LogicalType.STRING, LogicalType.ARRAY) else _typed(column)


def _typed(column: Column) -> SparkColumn:
    if column.logical_type is LogicalType.TIMESTAMP:
        return F.date_format(typed(column), "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
    return typed(column).cast("string")


def normaliser_of(column: Column, taxonomy: Taxonomy) -> Normaliser:
    """How the column's class brings spellings together before they become a token."""
    return taxonomy[column.data_class].normaliser if column.data_class else Normaliser.TEXT
