"""Validation texts with known personal values: `python -m benchmarks.detection_texts OUT.jsonl`.

A seeded generator, apart from every text that detection was tuned on: messages, forms, HTML, JSON, clinical
and financial notes, words that are names only sometimes, lower and upper case, and clean text. Its people
come in halves from locales of Faker whose names are in none of Lakeward's word lists (`gazetteers.HELD_OUT`)
and from other ones. Templates are in detection_templates.py.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from faker import Faker

from benchmarks.detection_templates import TEMPLATES
from benchmarks.gazetteers import HELD_OUT

SEED = 20260
FOR_EACH = 12
"""Texts for each template."""
KNOWN = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "pl_PL", "nl_NL")
# The slot's name → the type in the gold file; slots that are not here hold nothing personal.
TYPES = {
    "name": "PERSON", "first": "PERSON", "last": "PERSON", "street": "STREET_ADDRESS", "city": "CITY",
    "postal": "ZIP_CODE", "country": "COUNTRY", "state": "STATE", "email": "EMAIL_ADDRESS",
    "spelled_email": "EMAIL_ADDRESS", "phone": "PHONE_NUMBER", "dob": "DOB", "age": "AGE", "ssn": "US_SSN",
    "card": "CREDIT_CARD", "iban": "IBAN", "ip": "IP_ADDRESS", "company": "ORGANIZATION", "user": "USERNAME",
    "password": "PASSWORD", "passport": "PASSPORT", "record": "MEDICAL_RECORD", "account": "BANK_ACCOUNT",
    "licence": "US_DRIVER_LICENSE",
}  # fmt: skip
_SLOT = re.compile(r"\{(\w+?)(\d?)\}|<<(.+?)\|(\w+)>>")


class Filler:
    """Values for the slots of one text: the same slot with the same digit holds the same value."""

    def __init__(self, fake: Faker, rng: random.Random) -> None:
        self.fake, self.rng = fake, rng

    def value(self, slot: str) -> str:
        """A new value for `slot`."""
        own: dict[str, Callable[[], str]] = {
            "name": lambda: f"{self.fake.first_name()} {self.fake.last_name()}",
            "first": self.fake.first_name,
            "last": self.fake.last_name,
            "street": lambda: self.fake.street_address().replace("\n", " "),
            "city": self.fake.city,
            "postal": self.fake.postcode,
            "country": US.country,
            "state": US.state,
            "email": self.fake.ascii_safe_email,
            "spelled_email": self.spelled_email,
            "phone": self.phone,
            "dob": lambda: US.date_of_birth().strftime(
                self.rng.choice(["%d/%m/%Y", "%Y-%m-%d", "%B %d, %Y"])
            ),
            "age": lambda: str(self.rng.randint(19, 94)),
            "ssn": US.ssn,
            "card": self.card,
            "iban": US.iban,
            "ip": US.ipv4,
            "company": self.fake.company,
            "user": self.fake.user_name,
            "password": lambda: US.password(10),
            "passport": lambda: US.bothify("?########").upper(),
            "record": lambda: US.numerify("#######"),
            "account": lambda: US.numerify("########"),
            "licence": lambda: US.bothify("?#######").upper(),
            "date": US.date,
            "time": lambda: US.date_time().isoformat(sep=" "),
            "number": lambda: US.numerify("########"),
            "amount": lambda: f"{self.rng.randint(1, 9000)}.{self.rng.randint(10, 99)}",
            "uuid": US.uuid4,
        }
        return own[slot]()

    def phone(self) -> str:
        """As the locale writes it, in Arabic digits."""
        return self.fake.phone_number()

    def card(self) -> str:
        """A number with a right check digit, half of them grouped by four."""
        digits = US.credit_card_number("visa16")
        return " ".join(re.findall("....", digits)) if self.rng.random() < 0.5 else digits

    def spelled_email(self) -> str:
        """`ann dot lee at host dot com` and other ways to hide an address."""
        local, _, host = self.fake.ascii_safe_email().partition("@")
        at, dot = self.rng.choice([(" at ", " dot "), (" [at] ", " [dot] "), ("(at)", "(dot)"), (" @ ", ".")])
        return local + at + host.replace(".", dot)


US = Faker("en_US")


def labelled_texts(seed: int) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Distinct texts without end, each with the places of its personal values; the same ones for a seed."""
    rng = random.Random(seed)
    Faker.seed(seed)
    fakers = [Faker(locale) for locale in (*sorted(HELD_OUT), *KNOWN)]
    kinds = [(kind, template) for kind, templates in TEMPLATES.items() for template in templates]
    filled = [(kind, template) for kind, template in kinds if _SLOT.search(template) and "<<" not in template]
    seen: set[str] = set()
    while True:
        kind, template = rng.choice(filled)
        text, spans = fill(template, Filler(rng.choice(fakers), rng), case=kind)
        if text not in seen:
            seen.add(text)
            yield text, [(int(str(span["start"])), int(str(span["end"]))) for span in spans]


def main(target: Path) -> None:
    """Write FOR_EACH texts of each template; the same ones at every call."""
    rng = random.Random(SEED)
    Faker.seed(SEED)
    fakers = [Faker(locale) for locale in (*sorted(HELD_OUT), *KNOWN)]
    with target.open("w", encoding="utf-8") as out:
        for kind, templates in TEMPLATES.items():
            for number, template in enumerate(templates):
                for turn in range(FOR_EACH if _SLOT.search(template) and "<<" not in template else 1):
                    fake = fakers[(number + turn) % len(fakers)]
                    text, spans = fill(template, Filler(fake, rng), case=kind)
                    record = {"id": f"{kind}-{number}-{turn}", "text": text, "spans": spans}
                    out.write(json.dumps(record, ensure_ascii=False) + "\n")


def fill(template: str, filler: Filler, case: str) -> tuple[str, list[dict[str, object]]]:
    """The text and the spans of its personal values."""
    known: dict[str, str] = {}
    parts: list[str] = []
    spans: list[dict[str, object]] = []
    at = end = 0
    for match in _SLOT.finditer(template):
        slot, key = match[1], match[0]
        if slot is None:
            known[key] = match[3]
        elif key not in known or not match[2]:
            known[key] = filler.value(slot)
        value = known[key]
        before = plain(template[end : match.start()])
        parts += [before, value]
        at += len(before)
        type_ = match[4] if slot is None else TYPES.get(slot)
        if type_ is not None:
            spans.append({"start": at, "end": at + len(value), "type": type_})
        at += len(value)
        end = match.end()
    text = "".join([*parts, plain(template[end:])])
    changed = {"lower": text.lower(), "upper": text.upper()}.get(case, text)
    return (changed if len(changed) == len(text) else text), spans


def plain(text: str) -> str:
    """`{{` stands for a brace."""
    return text.replace("{{", "{").replace("}}", "}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
