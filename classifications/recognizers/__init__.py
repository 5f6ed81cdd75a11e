"""The recognizers: Presidio's own where they serve, ours where they do not. One a file."""

from __future__ import annotations

from typing import Any

from presidio_analyzer import EntityRecognizer, Pattern
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    IbanRecognizer,
)

from classifications.recognizers.address_block import AddressBlockRecognizer
from classifications.recognizers.age import AgeRecognizer
from classifications.recognizers.announced_name import AnnouncedNameRecognizer
from classifications.recognizers.birth_date import BirthDateRecognizer
from classifications.recognizers.email import OfflineEmailRecognizer
from classifications.recognizers.handle import HandleRecognizer
from classifications.recognizers.ip_address import NetworkAddressRecognizer
from classifications.recognizers.job_title import JobTitleRecognizer
from classifications.recognizers.labelled_card import LabelledCardRecognizer
from classifications.recognizers.labelled_phone import LabelledPhoneRecognizer
from classifications.recognizers.labelled_value import LabelledValueRecognizer
from classifications.recognizers.listed_name import ListedNameRecognizer
from classifications.recognizers.mac_address import DeviceAddressRecognizer
from classifications.recognizers.name_finder import NameFinder
from classifications.recognizers.national_id import NationalIdRecognizer, national_id_recognizers
from classifications.recognizers.nationality import NationalityRecognizer
from classifications.recognizers.obfuscated_email import ObfuscatedEmailRecognizer
from classifications.recognizers.organisation import OrganisationRecognizer
from classifications.recognizers.phone import RegionalPhoneRecognizer
from classifications.recognizers.place import PlaceRecognizer
from classifications.recognizers.postal_code import PostalCodeRecognizer
from classifications.recognizers.spoken_digits import SpokenDigitsRecognizer
from classifications.recognizers.spoken_label import SpokenLabelRecognizer
from classifications.recognizers.street_address import StreetAddressRecognizer
from classifications.recognizers.table_cell import TableCellRecognizer
from classifications.recognizers.title import TitleRecognizer
from classifications.recognizers.url import OfflineUrlRecognizer
from classifications.recognizers.us_ssn import SocialSecurityRecognizer

_SMALL_IBAN = Pattern(
    "IBAN in small letters",
    r"(?<![a-z0-9])([a-z]{2}[0-9]{2}(?:[ -]?[a-z0-9]{4}){2,7})((?:[ -]?[a-z0-9]{1,3})?)(?![a-z0-9])",
    0.5,
)
NER_ENTITIES = ["PERSON", "LOCATION", "ORGANIZATION", "NRP"]

_SOME_DIGITS = (
    AddressBlockRecognizer,
    BirthDateRecognizer,
    DeviceAddressRecognizer,
    PostalCodeRecognizer,
    StreetAddressRecognizer,
)
_MANY_DIGITS = (
    CreditCardRecognizer,
    IbanRecognizer,
    LabelledCardRecognizer,
    LabelledPhoneRecognizer,
    RegionalPhoneRecognizer,
    SocialSecurityRecognizer,
)


def digits_needed(recognizer: EntityRecognizer) -> int:
    """The least number of digits in a text in which the recognizer can find anything: 0, 1 or 6."""
    if isinstance(recognizer, NationalIdRecognizer):
        return 1 if recognizer.kind.few_digits else 6
    if isinstance(recognizer, _MANY_DIGITS):
        return 6
    return 1 if isinstance(recognizer, _SOME_DIGITS) else 0


def words_needed(recognizer: EntityRecognizer) -> tuple[str, ...]:
    """Pieces of text in lower case without one of which, in a text or its context, nothing it finds counts."""
    if isinstance(recognizer, NationalIdRecognizer) and not recognizer.kind.certain:
        return tuple(word.lower() for word in recognizer.kind.context)
    return ()


def build_recognizers(regions: tuple[str, ...]) -> list[EntityRecognizer]:
    """All recognizers, new; `regions` are the ISO 3166 codes whose phone numbers are read."""
    return [
        OfflineEmailRecognizer(),
        ObfuscatedEmailRecognizer(),
        RegionalPhoneRecognizer(regions),
        LabelledPhoneRecognizer(),
        CreditCardRecognizer(),
        LabelledCardRecognizer(),
        _iban_recognizer(),
        NetworkAddressRecognizer(),
        OfflineUrlRecognizer(),
        SocialSecurityRecognizer(),
        *national_id_recognizers(),
        StreetAddressRecognizer(),
        PostalCodeRecognizer(),
        BirthDateRecognizer(),
        AgeRecognizer(),
        TitleRecognizer(),
        DeviceAddressRecognizer(),
        LabelledValueRecognizer(),
        TableCellRecognizer(),
        SpokenLabelRecognizer(),
        SpokenDigitsRecognizer(),
        HandleRecognizer(),
        AddressBlockRecognizer(),
        AnnouncedNameRecognizer(),
        ListedNameRecognizer(),
        PlaceRecognizer(),
        OrganisationRecognizer(),
        NationalityRecognizer(),
        JobTitleRecognizer(),
        NameFinder(NER_ENTITIES),
    ]


def _iban_recognizer() -> IbanRecognizer:
    """Presidio's, which reads small letters too."""
    patterns: Any = [*IbanRecognizer.PATTERNS, _SMALL_IBAN]  # annotated as texts there
    return IbanRecognizer(patterns=patterns)
