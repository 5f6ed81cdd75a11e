"""The present state of bronze: of all versions of a record, the one that counts now."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from policy.contracts import Contract, LoadMode
from transforms.records import RECORD, parsed, typed
from transforms.seal import unseal_row
from transforms.tokens import with_keys, without_keys

ARRIVAL = ("batch_id", "position")
PAYLOAD = "__payload"


def present_rows(bronze: DataFrame, contract: Contract, keys: DataFrame) -> DataFrame:
    """One bronze row a record, by the contract's load mode. Rows stay sealed on their way through.

    `append`: the first arrival of a key, because an event does not change. `merge`: the highest
    version, then the latest arrival. `snapshot`: the rows of the tenant's latest file.

    Runs a job over surrogate columns first: where no record has two rows, the sealed rows need not
    be brought together, which costs as much as opening them.
    """
    bronze = latest_rows(bronze, contract)
    if not has_repeats(bronze):
        return bronze
    columns = [name for name in bronze.columns if name not in ("tenant_id", "record_id")]
    row = F.struct(*columns)
    arrival = F.struct(*ARRIVAL)
    if contract.load_mode is LoadMode.APPEND:
        chosen = F.min_by(row, arrival)
    elif contract.version_column is None:
        chosen = F.max_by(row, arrival)
    else:
        bronze = _with_version(bronze, contract, keys)
        chosen = F.max_by(row, F.struct(F.col("__version").isNotNull(), "__version", *ARRIVAL))
    grouped = bronze.groupBy("tenant_id", "record_id").agg(chosen.alias("row"))
    return grouped.select("tenant_id", "record_id", "row.*")


def latest_rows(bronze: DataFrame, contract: Contract) -> DataFrame:
    """Of a `snapshot` dataset, the rows of each tenant's latest file; of any other, all."""
    if contract.load_mode is not LoadMode.SNAPSHOT:
        return bronze
    newest = bronze.groupBy("tenant_id").agg(F.max("batch_id").alias("batch_id"))
    return bronze.join(F.broadcast(newest), ["tenant_id", "batch_id"]).select(*bronze.columns)


def has_repeats(bronze: DataFrame) -> bool:
    """Whether two rows are of one record; two records that share a 64-bit hash count as one."""
    record = F.xxhash64("tenant_id", "record_id").alias("record")
    repeats = bronze.groupBy(record).count().where(F.col("count") > 1)
    return not repeats.isEmpty()


def count_present(bronze: DataFrame, contract: Contract) -> dict[str, int]:
    """How many records each tenant's present state has, told from surrogate columns alone."""
    bronze = latest_rows(bronze, contract)
    counted = bronze.groupBy("tenant_id").agg(F.count_distinct("record_id").alias("records")).collect()
    return {row.tenant_id: row.records for row in counted}


def unsealed(rows: DataFrame, contract: Contract, keys: DataFrame) -> DataFrame:
    """`rows` with their key columns and struct `__record`, in memory only.

    A row that does not open stops the job: better no silver than silver with holes.
    """
    # key_id names the data key that the row was sealed under; the key table has the current one.
    keyed = with_keys(rows.drop("key_id"), keys)
    payload = F.col(PAYLOAD)
    closed = F.raise_error(
        F.lit("a sealed row does not open: its key, tenant, dataset or record was changed")
    )
    # Named twice, so that it is computed in a projection of its own: within `from_json` it is interpreted.
    opened = F.when(payload.isNotNull(), payload).otherwise(closed)
    keyed = keyed.withColumn(PAYLOAD, unseal_row("bronze", contract.dataset))
    return keyed.withColumn(RECORD, parsed(opened, contract)).drop(PAYLOAD)


def _with_version(bronze: DataFrame, contract: Contract, keys: DataFrame) -> DataFrame:
    version = typed(contract.column(contract.version_column or ""))
    opened = unsealed(bronze, contract, keys).withColumn("__version", version)
    return without_keys(opened).drop(RECORD)
