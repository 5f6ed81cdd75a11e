"""Codes in plain words, for who reads a report and not a policy."""

from __future__ import annotations

CLASSES = {
    "user": "personal data of other kinds",
    "user.name": "names",
    "user.name.first": "first names",
    "user.name.last": "family names",
    "user.unique_id": "identification numbers",
    "user.account.username": "user names",
    "user.contact": "contact details",
    "user.contact.email": "e-mail addresses",
    "user.contact.phone_number": "telephone numbers",
    "user.contact.organization": "organisations",
    "user.contact.address": "postal addresses",
    "user.contact.address.street": "streets",
    "user.contact.address.city": "towns",
    "user.contact.address.state": "states and provinces",
    "user.contact.address.country": "countries",
    "user.contact.address.postal_code": "postal codes",
    "user.demographic.date_of_birth": "dates of birth",
    "user.demographic.gender": "gender",
    "user.device": "device identifiers",
    "user.device.ip_address": "internet addresses (IP)",
    "user.financial": "payment data",
    "user.financial.bank_account": "bank accounts",
    "user.financial.credit_card": "payment cards",
    "user.government_id": "identity documents",
    "user.content": "free text",
    "user.content.self_image": "photographs of persons",
    "user.job_title": "job titles",
    "user.privacy_preferences": "privacy choices",
    "user.health_and_medical": "health data",
}
TREATMENTS = {
    "keep": "readable",
    "generalise": "made coarser",
    "mask": "partly hidden",
    "token": "pseudonym",
    "seal": "encrypted",
    "redact": "free text, persons blanked",
    "drop": "removed",
}
UNTOLD = "not told"
EXPLAINED = {
    UNTOLD: "No message of this period says what was done to it.",
    "readable": "The value stands there as it was delivered. The policy says that it may.",
    "made coarser": "Only a part remains, such as the year of a date or the first digits of a postal code.",
    "partly hidden": "Only a few characters remain, such as the last four of a card.",
    "pseudonym": "A code made with the tenant's secret key. Equal values have equal codes, so that tables "
    "can be joined; without the key nobody can tell the value.",
    "encrypted": "Only who holds the tenant's key can open it.",
    "free text, persons blanked": "Prose in which what was recognised as personal was replaced by "
    "a mark. What no recogniser sees stays.",
    "removed": "The value does not reach the analysts' tables at all.",
}
# From the most open to the strictest.
COLOURS = {
    UNTOLD: "#ffffff",
    "readable": "#f4c27a",
    "made coarser": "#f7e3a1",
    "partly hidden": "#f7e3a1",
    "free text, persons blanked": "#dccbee",
    "pseudonym": "#b9d9f2",
    "encrypted": "#c5e3c6",
    "removed": "#d9d9d9",
}
STATES = {
    "received": "waiting",
    "planned": "waiting",
    "held": "held back by a legal hold",
    "erasing": "being erased",
    "verifying": "being verified",
    "done": "done",
    "failed": "failed, to be tried again",
}


def class_words(key: str) -> str:
    """`e-mail addresses` for `user.contact.email`; of a class without words of its own, its last part."""
    return CLASSES.get(key) or key.rpartition(".")[2].replace("_", " ")


def treatment_words(kind: str | None) -> str:
    """`pseudonym` for `token`; `not told` where no lineage says it, which is not the same as readable."""
    return TREATMENTS.get((kind or "").partition(" ")[0], UNTOLD)


def day(stamp: str) -> str:
    """The date of an RFC 3339 time."""
    return stamp[:10]
