"""Which columns of a record can name a person, and the tokens of their values, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame
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


def column_token(name: str) -> str:
    """Under which name `with_tokens` puts a column's token beside the row."""
    return f"__token_{name}"


def with_tokens(frame: DataFrame, columns: Sequence[Column], taxonomy: Taxonomy) -> DataFrame:
    """`frame` with the token of each of these columns, as silver and `subject_token` have it.

    Needs `__record` and the key columns of `transforms.tokens`.
    """
    tokens = {
        column_token(column.name): value_token(
            column.token_domain, _normaliser(column, taxonomy), _text(column)
        )
        for column in columns
    }
    return frame.withColumns(tokens)


def _text(column: Column) -> SparkColumn:
    return raw(column) if column.logical_type in (LogicalType.STRING, LogicalType.ARRAY) else _typed(column)


def _typed(column: Column) -> SparkColumn:
    if column.logical_type is LogicalType.TIMESTAMP:
        return F.date_format(typed(column), "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
    return typed(column).cast("string")


def _normaliser(column: Column, taxonomy: Taxonomy) -> Normaliser:
    return taxonomy[column.data_class].normaliser if column.data_class else Normaliser.TEXT
