"""Does this whole value look like one of its class? Checksums where they exist, shapes elsewhere."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

import phonenumbers
from stdnum import iban, luhn

from classifications import headers
from classifications.recognizers.domains import is_mail_host
from classifications.recognizers.national_id import NATIONAL_IDS

_EMAIL = re.compile(r"\A[^\s@,;<>]{1,64}@[^\s@,;<>]{1,253}\Z")
_NAME = re.compile(r"\A[^\W\d_][^\W\d_.'’\- ]*(?:[.'’,]?[ \-]?[^\W\d_]+\.?){0,7}\Z")
_PLACE = re.compile(r"\A[^\W\d_][^\d_@#:/\\]{0,60}\Z")
_DATE = re.compile(
    r"\A(?:(?:18|19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:(?:18|19|20)\d{2}|\d{2})"
    r"|\d{1,2}[ -][^\W\d_]{3,9}\.?,?[ -](?:(?:18|19|20)\d{2}|\d{2})"
    r"|[^\W\d_]{3,9}\.? \d{1,2},? (?:18|19|20)\d{2}"
    r"|(?:18|19|20)\d{6})(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)?)?\Z"
)
_YEAR = re.compile(r"\A(?:19|20)\d{2}\Z")
_POSTAL = re.compile(r"\A(?=.*\d)[A-Za-z0-9][A-Za-z0-9 -]{1,9}\Z")
_PHONE = re.compile(r"\A\+?[\d\s().\-/x]{5,24}\Z")
_SSN = re.compile(r"\A(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\Z")
_ID_SHAPE = re.compile(r"\A(?=.*\d)[A-Za-z0-9][A-Za-z0-9 ./-]{4,24}\Z")
_STREET = re.compile(r"\A(?=.*[^\W\d_]{2})[^@]{4,120}\Z")
_GENDERS = frozenset(
    "m f d x male female diverse other nonbinary non-binary man woman w mannlich männlich weiblich divers"
    " homme femme hombre mujer mr mrs ms mx dr miss herr frau mme mlle unknown".split()
)
_WORKFLOW = frozenset(
    "active inactive pending open closed done draft new archived deleted enabled disabled failed success"
    " running completed cancelled canceled shipped delivered paid unpaid approved rejected aktiv inaktiv"
    " offen erledigt".split()
)
_SHORTEST_PASSWORD = 4
_OLDEST = 125
_CARD_PREFIX = re.compile(r"\A(?:4|5[1-5]|2[2-7]|3[47]|30[0-5]|3[689]|6|35)")


def is_email(value: str) -> bool:
    """An address with one `@` and a host that mail can go to."""
    return _EMAIL.match(value) is not None and is_mail_host(value.rpartition("@")[2])


def is_card(value: str) -> bool:
    """12 to 19 digits, grouped or not, with a known issuer's prefix and a right Luhn digit (ISO/IEC 7812)."""
    digits = re.sub(r"[ -]", "", value)
    return (
        digits.isascii()
        and digits.isdigit()
        and 12 <= len(digits) <= 19
        and len(set(digits)) > 1
        and _CARD_PREFIX.match(digits) is not None
        and bool(luhn.is_valid(digits))
    )


def is_iban(value: str) -> bool:
    """An IBAN with right check digits (ISO 13616)."""
    return bool(iban.is_valid(value, check_country=False))


def is_ip(value: str) -> bool:
    """An IPv4 or IPv6 address; a plain number is none."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def is_national_id(value: str) -> bool:
    """A number that its own country's checksum proves, or an American SSN as it is written."""
    return _SSN.match(value) is not None or any(
        kind.certain and re.fullmatch(kind.shape, value.upper()) and kind.is_valid(value.upper())
        for kind in NATIONAL_IDS
    )


def is_ssn(value: str) -> bool:
    """An American social security number as it is written, of the ranges that are given out."""
    return _SSN.match(value) is not None


def is_written_phone(value: str) -> bool:
    """A number with a plus sign or two groups that libphonenumber finds valid; bare digits are not."""
    if _PHONE.match(value) is None or _DATE.match(value) or _SSN.match(value) or is_ip(value):
        return False
    if not value.lstrip().startswith(("+", "(")) and len(re.findall(r"\d+", value)) < 3:
        return False
    return any(
        _valid_phone(value, region)
        for region in (None, "US", "GB", "DE", "FR", "ES", "IT", "NL", "BR", "IN", "JP")
    )


def _valid_phone(value: str, region: str | None) -> bool:
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(value, region)))
    except phonenumbers.NumberParseException:
        return False


def is_phone_shaped(value: str) -> bool:
    """Five to fifteen digits with the usual signs between: enough where the header says phone."""
    return (
        _PHONE.match(value) is not None and 5 <= sum(map(str.isdigit, value)) <= 15 and not _DATE.match(value)
    )


def is_name_shaped(value: str) -> bool:
    """One to eight words of letters, short, the first a capital or a script without capitals."""
    return len(value) <= 60 and _NAME.match(value) is not None


def is_date(value: str) -> bool:
    """A calendar date, with no time of day other than midnight."""
    return _DATE.match(value) is not None


def _has_letters(value: str) -> bool:
    return any(map(str.isalpha, value))


PROOFS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        headers.EMAIL: is_email,
        headers.BANK: is_iban,
        headers.CARD: is_card,
        headers.IP: is_ip,
        headers.NATIONAL_ID: is_national_id,
        headers.PHONE: is_written_phone,
    }
)
"""Classes that a value proves by itself."""

SHAPES: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        headers.PHONE: is_phone_shaped,
        headers.FAX: is_phone_shaped,
        headers.NAME: is_name_shaped,
        headers.FIRST: is_name_shaped,
        headers.LAST: is_name_shaped,
        headers.STREET: lambda value: _STREET.match(value) is not None and not is_date(value),
        headers.CITY: lambda value: _PLACE.match(value) is not None,
        headers.STATE: lambda value: _PLACE.match(value) is not None and value.lower() not in _WORKFLOW,
        headers.COUNTRY: lambda value: _PLACE.match(value) is not None,
        headers.POSTAL: lambda value: _POSTAL.match(value) is not None,
        headers.BIRTH: lambda value: is_date(value) or _YEAR.match(value) is not None,
        headers.GENDER: lambda value: value.lower().rstrip(".") in _GENDERS,
        headers.NATIONAL_ID: lambda value: _ID_SHAPE.match(value) is not None,
        headers.PASSPORT: lambda value: _ID_SHAPE.match(value) is not None,
        headers.CARD: lambda value: 12 <= sum(map(str.isdigit, value)) <= 19,
        headers.BANK: lambda value: _ID_SHAPE.match(value) is not None and sum(map(str.isdigit, value)) >= 5,
        headers.URL: lambda value: (
            re.match(r"(?i)\A(?:https?://|www\.)?[^\s/]+\.[a-z]{2,}", value) is not None
        ),
        headers.USERNAME: lambda value: re.match(r"\A[^\s]{2,64}\Z", value) is not None,
        headers.PASSWORD: lambda value: len(value) >= _SHORTEST_PASSWORD,
        headers.AGE: lambda value: value.isdigit() and 0 < int(value) <= _OLDEST,
        headers.LICENCE: lambda value: _ID_SHAPE.match(value) is not None,
        headers.RECORD: lambda value: _ID_SHAPE.match(value) is not None,
        headers.DEVICE: lambda value: _ID_SHAPE.match(value) is not None or ":" in value,
        headers.PLATE: lambda value: _ID_SHAPE.match(value) is not None,
        headers.HEALTH: _has_letters,
        headers.RELIGION: _has_letters,
        headers.ETHNICITY: _has_letters,
        headers.MARITAL: _has_letters,
        headers.SALARY: lambda value: any(map(str.isdigit, value)),
        headers.ROLE: lambda value: _PLACE.match(value) is not None,
    }
)
"""What a value of the class at least looks like: believed only where the column's name says the class too."""
