"""Whether Spark can read a Parquet file at all, asked where a batch failed: text is looked through before."""

from __future__ import annotations

import shutil
from pathlib import Path

from pyspark.errors import AnalysisException
from pyspark.sql import functions as F

from policy.contracts import Contract
from transforms.arrivals import Arrival
from transforms.context import LakeContext
from transforms.errors import SPARK_ERRORS, error_kind
from transforms.readers import read_staged
from transforms.staging import stage

READ_FAILED = "FAILED_READ_FILE"
"""Spark's condition for pages that it cannot take apart; a schema that it refuses is an AnalysisException."""


def fault_in(ctx: LakeContext, arrival: Arrival, contract: Contract, folder: Path) -> str | None:
    """The kind of error with which the file fails when it is read whole, by itself, and nothing is written.

    None where it does not, or fails for a reason that is not its own, such as a Java process that died.
    `folder` is where its link lies meanwhile.
    """
    if arrival.shape.format != "parquet":
        return None
    try:
        records = read_staged(ctx.spark, stage(folder, [arrival]), contract)
        records.agg(F.bit_xor(F.xxhash64("payload"))).collect()
    except SPARK_ERRORS as error:
        kind = error_kind(error)
        own = isinstance(error, AnalysisException) or kind.startswith(READ_FAILED)
        return kind if own else None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return None
