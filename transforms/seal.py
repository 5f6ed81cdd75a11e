"""Sealing a row or a cell: AES-256-GCM under the tenant's data key, bound to where it belongs."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from transforms.tokens import hmac_column

IV_HEX = 24  # hex digits of a 96-bit nonce (NIST SP 800-38D section 8.2)


def row_aad(layer: str, dataset: str) -> Column:
    """What a sealed row is bound to: a cell moved to another tenant, table or record does not open.

    Needs `tenant_id`, `record_id` and `key_id` in the frame. None of the parts can hold a `|`.
    """
    head = F.lit(f"lakeward/1|{layer}|{dataset}")
    return F.concat_ws("|", head, F.col("tenant_id"), F.col("record_id"), F.col("key_id"))


def seal_row(payload: Column, layer: str, dataset: str) -> Column:
    """`payload` sealed under `key_data`: nonce (12 bytes, random) | ciphertext | tag (16 bytes)."""
    return _encrypt(payload, F.lit(b""), row_aad(layer, dataset))


def unseal_row(layer: str, dataset: str) -> Column:
    """The payload text of column `sealed`; null where it does not open under `key_data`."""
    opened = F.try_aes_decrypt(
        F.col("sealed"), F.col("key_data"), F.lit("GCM"), F.lit("DEFAULT"), row_aad(layer, dataset)
    )
    return opened.cast("string")


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
    synthetic = hmac_column(F.concat(F.lit("seal-cell|"), aad, F.lit("|"), value))
    sealed = _encrypt(value, F.unhex(F.substring(synthetic, 1, IV_HEX)), aad)
    # Spark may break base64 into lines of 76 characters, by a setting of the session.
    return F.concat(F.col("key_id"), F.lit(":"), F.translate(F.base64(sealed), "\r\n", ""))


def _encrypt(text: Column, nonce: Column, aad: Column) -> Column:
    return F.aes_encrypt(text.cast("binary"), F.col("key_data"), F.lit("GCM"), F.lit("DEFAULT"), nonce, aad)
