"""A tenant's whole data for leaving the platform: a Parquet file a dataset, contracts, and a signed manifest.

What is written is the present state of bronze, opened, encrypted to the tenant's key on its way to the disk.
Memory holds one piece of a dataset at a time, whatever its size.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from policy.contracts import Column, Contract, LogicalType
from policy.digest import sha256_of
from retention.age_file import ExportError, Recipient, age_file
from retention.receipt import signed
from tenancy.durable import make_durable
from tenancy.signing import SigningKey
from transforms.batch import Places
from transforms.context import LakeContext
from transforms.delta_log import DeltaLog
from transforms.present import present_rows
from transforms.records import RECORD, parsed, typed
from transforms.seal import opened_row
from transforms.tokens import with_keys

WHOLE = "_record"
"""The column with the record as it arrived, JSON: what no contract declares stands there, too."""
PIECE = 16 << 20
"""About as many sealed bytes come out of Spark at a time."""
ROWS, TEXT = 5_000, 8 << 20
"""A row group has at most so many rows, and about so many characters."""
MANIFEST = "manifest.json"
FORMAT = "lakeward-tenant-export/1"

_TYPES = {
    LogicalType.STRING: pa.string(),
    LogicalType.ARRAY: pa.string(),
    LogicalType.INTEGER: pa.int64(),
    LogicalType.NUMBER: pa.float64(),
    LogicalType.BOOLEAN: pa.bool_(),
    LogicalType.DATE: pa.date32(),
    LogicalType.TIMESTAMP: pa.timestamp("us", tz="UTC"),
}


@dataclass(frozen=True)
class Exported:
    """One dataset's file: rows, bytes and SHA-256 of it as it lies there, encrypted."""

    contract: Contract
    rows: int
    file: str
    size: int
    sha256: str


def new_folder(folder: Path) -> None:
    """Make the export's folder (mode 0700). ExportError where it holds something or cannot be made."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        taken = any(folder.iterdir())
    except OSError:
        raise ExportError(
            "the export's folder cannot be made. To mend it: give a new name in a folder that is there"
        ) from None
    if taken:
        raise ExportError("the export's folder holds something. To mend it: give a new or an empty one")


def export_dataset(
    ctx: LakeContext, tenant: str, contract: Contract, recipient: Recipient, folder: Path
) -> Exported:
    """Write `<dataset>.parquet.age` into the folder. Raises ExportError, OSError, and errors of Spark."""
    path = folder / f"{contract.dataset}.parquet.age"
    with age_file(path, recipient) as stream:
        rows = _write(_opened(ctx, tenant, contract), contract, stream)
    return Exported(contract, rows, path.name, path.stat().st_size, sha256_of(path))


def write_manifest(
    folder: Path, about: Mapping[str, str], made: datetime, told: Sequence[Exported], key: SigningKey
) -> None:
    """`manifest.json`: what there is, by names, numbers and hashes; last, so that with it all is there.

    It is signed as a receipt is, so that `standalone/verify_receipt.py` checks it and every file beside it.
    """
    body = dict(about) | {
        "format": FORMAT, "key_id": key.key_id, "made": made.isoformat(), "whole_record": WHOLE,
        "datasets": [_dataset(one, folder) for one in told],
    }  # fmt: skip
    path = folder / MANIFEST
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        out.write(signed(body, key))
    make_durable([path], folder.parent)


def _dataset(one: Exported, folder: Path) -> dict[str, Any]:
    contract = f"contracts/{one.contract.dataset}.yaml"
    return {
        "dataset": one.contract.dataset, "rows": one.rows, "file": one.file, "bytes": one.size,
        "sha256": one.sha256, "contract": contract, "contract_version": one.contract.version,
        "contract_sha256": sha256_of(folder / contract),
        "columns": [_column(column) for column in one.contract.columns],
    }  # fmt: skip


def _column(column: Column) -> dict[str, str | None]:
    return {"name": column.name, "type": str(column.logical_type), "class": column.data_class}


def write_contracts(policies: Path, tenant: str, contracts: Sequence[Contract], folder: Path) -> None:
    """A copy of each contract's file under `contracts/`, the tenant's own variant where it has one."""
    wanted = {(one.dataset, one.tenant): one for one in contracts}
    target = folder / "contracts"
    target.mkdir(mode=0o700)
    for file in sorted((policies / "datasets").glob("*.yaml")):
        text = file.read_bytes()
        told = yaml.safe_load(text)
        contract = wanted.pop((told.get("id"), told.get("tenant")), None)
        if contract is not None:
            (target / f"{contract.dataset}.yaml").write_bytes(text)
    if wanted:
        raise ExportError(
            f"the policies changed meanwhile: {len(wanted)} contracts of {tenant} are not there any more. "
            "To mend it: run this again"
        )


def _opened(ctx: LakeContext, tenant: str, contract: Contract) -> DataFrame | None:
    """The tenant's present records, a column for each of the contract, and `WHOLE`; None: no table."""
    table = Places.of(ctx.bundle.tenants[tenant].region, contract.dataset).bronze
    part = f"tenant_id={tenant}/"
    if not ctx.lake.exists(table):
        return None
    live = DeltaLog(Path(ctx.lake.path(table))).live() or {}
    pieces = sum(size for path, size in live.items() if path.startswith(part)) // PIECE + 1
    keys = ctx.keys([tenant])
    rows = present_rows(ctx.lake.read(table, [tenant]), contract, keys).repartition(pieces)
    opened = with_keys(rows.drop("key_id"), keys).withColumn(WHOLE, opened_row(table.layer, table.dataset))
    opened = opened.withColumn(RECORD, parsed(F.col(WHOLE), contract))
    return opened.select(*[_plain(column) for column in contract.columns], WHOLE)


def _plain(column: Column) -> SparkColumn:
    """The value in a form that does not depend on a time zone or on Python's calendar."""
    value = typed(column)
    if column.logical_type is LogicalType.TIMESTAMP:
        value = F.unix_micros(value)
    elif column.logical_type is LogicalType.DATE:
        value = F.unix_date(value)
    return value.alias(column.name)


def _write(rows: DataFrame | None, contract: Contract, stream: BinaryIO) -> int:
    fields = [pa.field(column.name, _TYPES[column.logical_type]) for column in contract.columns]
    schema = pa.schema([*fields, pa.field(WHOLE, pa.string())])
    count = 0
    with pq.ParquetWriter(_Counted(stream), schema, compression="zstd") as writer:
        for piece in _pieces(rows.toLocalIterator() if rows is not None else iter(())):
            columns = zip(*piece, strict=True)
            arrays = [
                pa.array(list(own), type=field.type) for own, field in zip(columns, schema, strict=True)
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
            count += len(piece)
    return count


def _pieces(rows: Iterator[Any]) -> Iterator[list[Any]]:
    piece: list[Any] = []
    text = 0
    for row in rows:
        piece.append(row)
        text += len(row[-1])
        if len(piece) >= ROWS or text >= TEXT:
            yield piece
            piece, text = [], 0
    if piece:
        yield piece


class _Counted:
    """A stream that knows how far it is: Parquet asks, and a pipe cannot tell."""

    closed = False

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._at = 0

    def write(self, data: bytes) -> int:
        self._at += len(data)
        return self._stream.write(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        """Closed by who opened it."""
