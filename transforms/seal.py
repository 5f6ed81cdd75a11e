"""Sealing a row or a cell: AES-256-GCM under the tenant's data key, bound to where it belongs."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from transforms.tokens import text_token

IV_HEX = 24  # hex digits of a 96-bit nonce (NIST SP 800-38D section 8.2)


def row_aad(layer: str, dataset: str) -> Column:
    """What a sealed row is bound to: a cell moved to another tenant, table or record does not open.

    Needs `tenant_id`, `record_id` and `key_id` in the frame. None of the parts can hold a `|`.
    """
    head = F.lit(f"lakeward/1|{layer}|{dataset}")
    return F.concat_ws("|", head, F.col("tenant_id"), F.col("record_id"), F.col("key_id"))


def seal_row(payload: Column, layer: str, dataset: str) -> Column:
    """`payload` sealed under `key_data`: nonce (12 bytes, random) | ciphertext | tag (16 bytes)."""
    return F.call_function("lakeward.seal", payload, F.col("key_data"), row_aad(layer, dataset))


def unseal_row(layer: str, dataset: str) -> Column:
    """The payload text of column `sealed`; null where it does not open under `key_data`."""
    return F.call_function("lakeward.unseal", F.col("sealed"), F.col("key_data"), row_aad(layer, dataset))


def opened_row(layer: str, dataset: str) -> Column:
    """As `unseal_row`; a row that does not open stops the job."""
    closed = F.raise_error(
        F.lit("a sealed row does not open: its key, tenant, dataset or record was changed")
    )
    return F.coalesce(unseal_row(layer, dataset), closed)


def seal_cell(value: Column, dataset: str, column: str) -> Column:
    """A reversible silver cell: `key_id:base64(nonce | ciphertext | tag)`; null for null.

    The nonce is the HMAC of associated data and value (a synthetic IV in the manner of
    RFC 5297), so that the same files, keys and policies give the same silver rows. It is bound
    to the record, so equal values in two records do not look alike.
    """
    aad = F.concat_ws("|", row_aad("silver", dataset), F.lit(column))
    synthetic = text_token(F.concat(F.lit("seal-cell|"), aad, F.lit("|"), value))
    nonce = F.unhex(F.substring(synthetic, 1, IV_HEX))
    sealed = F.call_function("lakeward.seal_with", value, F.col("key_data"), aad, nonce)
    # Spark may break base64 into lines of 76 characters, by a setting of the session.
    return F.concat(F.col("key_id"), F.lit(":"), F.translate(F.base64(sealed), "\r\n", ""))
