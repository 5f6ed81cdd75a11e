"""Invented people of many locales. Nobody here exists: mail goes to domains that are reserved for examples,
addresses on networks to the blocks for documentation, cards are test numbers, telephone numbers come from
the ranges that a country keeps for fiction where it has one.
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from faker import Faker
from stdnum import iban, luhn

CARD_PREFIXES = ("411111", "424242", "400005", "555555", "520082", "222300")
MAIL_DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "post.example", "correo.example")
DOCUMENTATION_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
OLDEST = date(1938, 1, 1)

PHONES = {  # locale → (calling code, national forms); # is any digit
    "de_DE": ("49", ("030 23125 ###", "0221 4710 ###", "0171 39200 ##")),
    "fr_FR": ("33", ("01 99 00 ## ##", "06 39 98 ## ##")),
    "es_ES": ("34", ("612 34 ## ##", "912 00 ## ##")),
    "it_IT": ("39", ("06 5550 ####", "347 555 ####")),
    "pl_PL": ("48", ("22 555 ## ##", "501 555 ###")),
    "pt_BR": ("55", ("(11) 5550-####", "(21) 98555-####")),
    "en_GB": ("44", ("020 7946 0###", "07700 900###", "0113 496 0###")),
    "en_US": (
        "1",
        ("(212) 555-01##", "415-555-01##", "305.555.01##", "(617) 555-01##", "702-555-01##", "20655501##"),
    ),
    "en_IN": ("91", ("022 5550 ####", "98205 5####")),
    "ja_JP": ("81", ("03-5550-####", "090-5550-####")),
}
# Faker keeps the Italian towns in a set, whose order is another in each process.
ITALIAN_TOWNS = (
    "Roma", "Milano", "Napoli", "Torino", "Palermo", "Genova", "Bologna", "Firenze", "Bari", "Catania",
    "Verona", "Reggio nell'Emilia", "Cinisello Balsamo", "San Donà di Piave", "Forlì", "L'Aquila", "Carrara",
)  # fmt: skip
KEEPS_TRUNK_ZERO = "it_IT"
WITHOUT_IBAN = {"pt_BR", "en_US", "en_IN", "ja_JP"}


@dataclass(frozen=True)
class Person:
    """One invented person. `country` is the ISO 3166 code; `iban` is empty where the country has none."""

    first_name: str
    last_name: str
    email: str
    phone: str
    street: str
    city: str
    postal_code: str
    country: str
    birth_date: date
    gender: str
    iban: str
    card_number: str

    @property
    def full_name(self) -> str:
        """Given name, then family name."""
        return f"{self.first_name} {self.last_name}"


class People:
    """A seeded source of people. Telephone numbers of the locale `home` are written the national way."""

    def __init__(self, seed: int, home: str) -> None:
        self._random = random.Random(seed)
        self._home = home
        self._fakers: dict[str, Faker] = {}
        for offset, locale in enumerate(PHONES):
            self._fakers[locale] = Faker(locale)
            self._fakers[locale].seed_instance(seed + offset)

    def person(self, locale: str) -> Person:
        """The next person of that locale (a key of PHONES)."""
        fake = self._fakers[locale]
        gender = self._random.choices(("female", "male", "other"), (49, 49, 2))[0]
        if locale == "ja_JP":
            first, last = fake.romanized_name().split()
            street = f"{fake.town()}{fake.chome()}{fake.ban()}{fake.gou()}"
        else:
            first = fake.first_name_female() if gender == "female" else fake.first_name_male()
            last = fake.last_name()
            street = fake.street_address().replace("\n", ", ").strip()
        return Person(
            first_name=first,
            last_name=last,
            email=self.email(first, last),
            phone=self.phone(locale),
            street=street,
            city=self._random.choice(ITALIAN_TOWNS) if locale == "it_IT" else fake.city(),
            postal_code=fake.postcode(),
            country=fake.current_country_code(),
            birth_date=OLDEST + timedelta(days=self._random.randrange(25_000)),
            gender=gender,
            iban="" if locale in WITHOUT_IBAN else self._iban(fake),
            card_number=self.card(),
        )

    def email(self, first: str, last: str) -> str:
        """An address that carries the name, as most do."""
        shape = self._random.choice(("{0}.{1}", "{0}{1}", "{2}.{1}", "{0}_{1}{3}"))
        given, family = _ascii(first), _ascii(last)
        local = shape.format(given, family, given[:1], self._random.randrange(60, 99))
        return f"{local}@{self._random.choice(MAIL_DOMAINS)}"

    def phone(self, locale: str) -> str:
        """A number as people write it: national at home, with the calling code from elsewhere."""
        code, shapes = PHONES[locale]
        digits = "".join(
            str(self._random.randrange(10)) if character == "#" else character
            for character in self._random.choice(shapes)
        )
        if locale == self._home:
            return digits
        if digits.startswith("0") and locale != KEEPS_TRUNK_ZERO:
            digits = digits[1:]
        return f"+{code} {digits}"

    def card(self) -> str:
        """Sixteen digits under a test prefix, right by Luhn."""
        body = self._random.choice(CARD_PREFIXES) + f"{self._random.randrange(10**9):09d}"
        return body + luhn.calc_check_digit(body)

    def address(self) -> str:
        """An IP address out of the blocks for documentation, one in five of version 6."""
        if self._random.random() < 0.2:
            return f"2001:db8::{self._random.randrange(1, 0xFFFF):x}:{self._random.randrange(1, 0xFFFF):x}"
        return f"{self._random.choice(DOCUMENTATION_NETWORKS)}.{self._random.randrange(1, 255)}"

    @staticmethod
    def _iban(fake: Faker) -> str:
        while not iban.is_valid(number := fake.iban()):
            pass
        return str(number)


def _ascii(name: str) -> str:
    spelled = name.replace("ß", "ss").replace("ł", "l").replace("Ł", "L").replace("ø", "o")
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode("ascii")
    return "".join(character for character in plain.lower() if character.isalnum())
