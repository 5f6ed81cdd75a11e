"""What a Parquet file's footer says of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from policy.contracts import Contract
from transforms.errors import UnreadableFile
from transforms.headers import contract_names
from transforms.line_meter import MAX_RECORD


@dataclass(frozen=True)
class Footer:
    """A Parquet file's columns under the contract's names, its whole schema as text, and its rows."""

    columns: tuple[str, ...]
    schema: str
    rows: int


def read_footer(path: Path, contract: Contract) -> Footer:
    """The footer. Raises UnreadableFile where it is damaged, or says what Spark cannot read."""
    try:
        with pq.ParquetFile(path) as file:
            metadata, schema = file.metadata, file.schema_arrow.remove_metadata()
    except (OSError, ValueError):
        raise UnreadableFile("broken_parquet") from None
    if any(getattr(field.type, "unit", "") == "ns" for field in schema):
        raise UnreadableFile("nanoseconds")
    columns = contract_names(schema.names, contract)
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        if group.total_byte_size > MAX_RECORD * max(group.num_rows, 1):
            raise UnreadableFile("record_too_long")
    return Footer(columns, str(schema), metadata.num_rows)
