"""The token of a value: the same person joins within a tenant, never across tenants."""

from __future__ import annotations

import hmac

TOKEN_LENGTH = 32
"""Hex digits of a token: the first 128 bits of the HMAC, as RFC 2104 section 5 allows."""


def token(token_key: bytes, domain: str, normalised: str) -> str:
    """HMAC-SHA-256 under the tenant's token key over `domain | normalised`, 32 hex digits.

    `domain` is `Column.token_domain`; `normalised` comes from `tenancy.normalise.normalise`.
    """
    message = f"{domain}|{normalised}".encode()
    return hmac.digest(token_key, message, "sha256").hex()[:TOKEN_LENGTH]
