"""The groups of a file's rows, counted in bounded memory: eight bytes a row and combination."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from classifications.catalogue import ColumnRecord
from classifications.risks import Combination, asked, combination, combinations
from classifications.table_files import batches, table_name

Hashes = npt.NDArray[np.uint64]
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # an odd number (2^64 / golden ratio) keeps sums of hashes apart


def file_risks(path: Path, records: Sequence[ColumnRecord]) -> list[Combination]:
    """The combinations of the file's telling columns, `records` being what its columns hold.

    A row without a value in any of a combination's columns is in no group. Empty where fewer than two columns
    are telling. Raises LakewardError where the file cannot be read.
    """
    columns = asked({record.column: record.data_class for record in records if record.personal})
    if not columns:
        return []
    sets = combinations(columns)
    rows: list[list[Hashes]] = [[] for _ in sets]
    for batch in batches(path):
        for kept, hashes in zip(rows, _hashed(batch, columns), strict=True):
            kept.append(hashes)
    told = [
        combination(table_name(path), names, np.unique(np.concatenate(kept), return_counts=True)[1].tolist())
        for names, kept in zip(sets, rows, strict=True)
        if kept
    ]
    return [one for one in told if one is not None]


def _hashed(batch: pa.RecordBatch, columns: Sequence[str]) -> Iterator[Hashes]:
    """For each combination a hash of each row that has a value in it."""
    rows = np.zeros(batch.num_rows, dtype=np.uint64)
    filled = np.zeros(batch.num_rows, dtype=bool)
    for number, name in enumerate(columns):
        if name in batch.schema.names:
            values = pc.fill_null(pc.utf8_trim_whitespace(batch.column(name)), "")
            filled = filled | np.asarray(pc.not_equal(values, ""))
            rows = rows * _FACTOR + pd.util.hash_array(
                values.to_numpy(zero_copy_only=False), categorize=False
            )
        if number:
            yield rows[filled]
