"""What each recognizer's entity means in the taxonomy, and which of two overlapping ones wins."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Entity:
    """`data_class` is a fideslang key; of two overlapping spans the one with the lower `rank` wins.

    `group` is the plain word that a steward reads; `threshold` the least score that counts.
    """

    data_class: str
    group: str
    rank: int
    threshold: float = 0.35


# Ranks: 0 has a checksum or an unmistakable shape, 1 a grammar of its own, 2 a plausible shape,
# 3 comes from the statistical model, which gives way and keeps only what the others leave over.
ENTITIES = MappingProxyType(
    {
        "EMAIL_ADDRESS": Entity("user.contact.email", "email", 0),
        "IBAN_CODE": Entity("user.financial.bank_account", "bank_account", 0),
        "CREDIT_CARD": Entity("user.financial.credit_card", "card", 0),
        "US_SSN": Entity("user.government_id.national_identification_number", "ssn", 0, 0.4),
        "NATIONAL_ID": Entity("user.government_id.national_identification_number", "national_id", 0, 0.5),
        "IP_ADDRESS": Entity("user.device.ip_address", "ip", 0, 0.5),
        "BIRTH_DATE": Entity("user.demographic.date_of_birth", "birth_date", 1),
        "URL": Entity("user.contact.url", "other", 1),
        "STREET_ADDRESS": Entity("user.contact.address.street", "street", 1, 0.5),
        "PHONE_NUMBER": Entity("user.contact.phone_number", "phone", 1),
        "PASSWORD": Entity("user.authorization.password", "password", 1),
        "PASSPORT": Entity("user.government_id.passport_number", "national_id", 1),
        "DRIVER_LICENSE": Entity("user.government_id.drivers_license_number", "national_id", 1),
        "MEDICAL_RECORD": Entity("user.health_and_medical.record_id", "health", 1),
        "BANK_ACCOUNT": Entity("user.financial.bank_account", "bank_account", 1),
        "UNIQUE_ID": Entity("user.unique_id", "other", 1),
        "INSURANCE_ID": Entity("user.health_and_medical.insurance_beneficiary_id", "health", 1),
        "LICENSE_PLATE": Entity("user.government_id.vehicle_registration", "national_id", 1),
        "DEVICE_ID": Entity("user.device.device_id", "other", 1),
        "MAC_ADDRESS": Entity("user.device.device_id", "other", 0),
        "USERNAME": Entity("user.account.username", "username", 2),
        "GENDER": Entity("user.demographic.gender", "gender", 2),
        "POSTAL_CODE": Entity("user.contact.address.postal_code", "postal", 2),
        "AGE": Entity("user.demographic.age_range", "other", 2),
        "TITLE": Entity("user.demographic", "other", 2),
        "PERSON": Entity("user.name", "name", 3),
        "LOCATION": Entity("user.location", "city", 3),
        "REGION": Entity("user.location", "region", 3),
        "COUNTRY": Entity("user.location", "country", 3),
        "ORGANIZATION": Entity("user.contact.organization", "organisation", 3),
        "NRP": Entity("user.demographic.race_ethnicity", "other", 3),
    }
)

STRONG_CLASSES = frozenset(entity.data_class for entity in ENTITIES.values() if entity.rank == 0) | {
    "user.contact.phone_number"
}
"""Classes whose values carry their own proof: a checksum, a numbering plan or an unmistakable shape."""

PROVEN_RANK = max(entity.rank for entity in ENTITIES.values() if entity.data_class in STRONG_CLASSES)
"""What ranks behind it can take nothing from an entity of STRONG_CLASSES."""


def is_own(name: str) -> bool:
    """Whether an entity is one of a policy's recognizers: those are named after their data class."""
    return name not in ENTITIES


def entity_of(name: str) -> Entity:
    """What a recognizer's entity means. One of a policy goes first."""
    return ENTITIES.get(name) or Entity(name, "other", 0)
