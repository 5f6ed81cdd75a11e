"""The treatment that a class is given where no policy has been written yet."""

from __future__ import annotations

from types import MappingProxyType

from policy.taxonomy import Taxonomy

TREATMENTS = MappingProxyType(
    {
        "user": "token",
        "user.contact.address": "seal",
        "user.contact.address.city": "token",
        "user.contact.address.state": "keep",
        "user.contact.address.country": "keep",
        "user.contact.address.postal_code": "{generalise: {to: prefix, size: 3}}",
        "user.demographic": "redact",
        "user.demographic.date_of_birth": "{generalise: {to: year}}",
        "user.demographic.gender": "keep",
        "user.financial": "seal",
        "user.financial.credit_card": "{mask: {show_last: 4}}",
        "user.government_id": "seal",
        "user.health_and_medical": "drop",
        "user.biometric": "drop",
        "user.authorization": "drop",
        "user.content": "redact",
        "user.job_title": "keep",
        "user.contact.organization": "keep",
    }
)
"""Class → treatment, as treatments.yaml has it; a class without a line takes its
nearest ancestor's.

A start for a policy, not one.
"""


def treatment_of(data_class: str, taxonomy: Taxonomy) -> str:
    """The suggested treatment's name."""
    written = next((TREATMENTS[key] for key in taxonomy.lineage(data_class) if key in TREATMENTS), "token")
    return written.strip("{").partition(":")[0]
