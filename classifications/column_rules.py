"""The rules by which header, neighbours and values together say what a column holds, the surest first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from classifications import headers
from classifications.column_evidence import Case
from classifications.gazetteers import is_city, is_common, is_country, is_family, is_given
from classifications.profiles import ColumnProfile
from classifications.recognizers.names import TITLES, first_is_given, like_a_name
from classifications.recognizers.organisation import LEGAL_FORM
from classifications.spans import Span
from classifications.validators import PROOFS, SHAPES

PROVED_ALONE, PROVED_WITH_HEADER = 0.5, 0.2
CARD_ALONE = 0.8  # one number in ten has a right Luhn digit by chance
SHAPED_WITH_HEADER = 0.6
MODEL_ALONE = 0.6
LISTED_ALONE = 0.7
PEOPLE_AMONG_OTHERS = 0.3
FEWEST_FOR_MODEL = 5  # distinct values before the model's or a list's word counts without a header
_FREE_TEXT_LENGTH, _FREE_TEXT_WORDS = 40.0, 6.0
_LIKE_NUMBERS = (headers.IP, headers.PHONE)
_MODEL_CLASSES = ("user.name", "user.contact.address.street")
_GENDER_WORDS = frozenset("m f male female man woman w männlich weiblich homme femme hombre mujer".split())


def judge(case: Case) -> ColumnProfile:
    """The first rule that says something decides."""
    if not case.sample:
        return case.profile(None, 0.0, "no values to look at")
    for rule in _RULES:
        profile = rule(case)
        if profile is not None:
            return profile
    return case.profile(None, 0.0, "neither header nor values speak of a person")


def _by_proof(case: Case) -> ColumnProfile | None:
    """Enough values prove the class by themselves."""
    key = _proved(case)
    if key is None:
        return None
    share = case.hits[key] / len(case.sample)
    reason = f"{case.percent(share)} are valid as {key}"
    if case.said is None or not _related(case.said[0], key):
        return case.profile(key, 0.5 + 0.5 * share, reason)
    data_class, phrase = case.said
    return case.profile(data_class, 0.7 + 0.5 * share, f"{reason}; header '{phrase}' agrees")


def _by_prose(case: Case) -> ColumnProfile | None:
    """Long values of many words are free text, with classes inside."""
    length = sum(map(len, case.sample)) / len(case.sample)
    words = sum(len(value.split()) for value in case.sample) / len(case.sample)
    if length < _FREE_TEXT_LENGTH or words < _FREE_TEXT_WORDS:
        return None
    if "agent" in headers.words_of(case.column):
        return case.profile(None, 0.0, "what a program says of itself, by its header")
    inside: Counter[str] = Counter(key for spans in case.found for key in {span.data_class for span in spans})
    counted = {f"inside:{key}": count for key, count in sorted(inside.items())}
    holding = sum(1 for spans in case.found if spans) / len(case.sample)
    best = max((span.score for spans in case.found for span in spans), default=0.0)
    reason = f"free text; {case.percent(holding)} hold something personal"
    named = sum(
        1 for value, spans in zip(case.sample, case.found, strict=True) if _names_somebody(value, spans)
    )
    evidence = case.evidence | {"free_text": 1, "named": named} | counted
    return ColumnProfile(case.column, None, True, dict(inside), round(best, 3), evidence, reason)


def _by_header(case: Case) -> ColumnProfile | None:
    """The column's name says a class, and the values look like it."""
    if case.said is None or case.said[0] not in SHAPES:
        return None
    data_class, phrase = case.said
    share = case.share(SHAPES[data_class])
    if share < SHAPED_WITH_HEADER:
        return None
    return case.profile(
        data_class, 0.5 + 0.4 * share, f"header '{phrase}'; {case.percent(share)} have its shape"
    )


def _by_bare_name(case: Case) -> ColumnProfile | None:
    """A column called just `name` holds people's names in a table of people."""
    if headers.words_of(case.column) == ("title",) and headers.has_name_neighbour(case.column, case.context):
        return case.profile(headers.ROLE, 0.6, "header 'title' beside names of people")
    if headers.words_of(case.column) in _BARE_LOGINS and case.share(_is_login) >= LISTED_ALONE:
        return case.profile(headers.USERNAME, 0.6, "header says user, and the values look like logins")
    if not headers.is_bare_name(case.column) or not headers.table_holds_people(case.context):
        return None
    share = case.share(SHAPES[headers.NAME])
    if share < SHAPED_WITH_HEADER:
        return None
    reason = f"header 'name' in a table of people; {case.percent(share)} have its shape"
    return case.profile(headers.NAME, 0.4 + 0.4 * share, reason)


def _by_model(case: Case) -> ColumnProfile | None:
    """The header says nothing, and most values read as a person's name or a street."""
    if case.thing or headers.is_bare_name(case.column) or len(case.sample) < FEWEST_FOR_MODEL:
        return None
    for key in _MODEL_CLASSES:
        share = case.hits[key] / len(case.sample)
        if share >= MODEL_ALONE:
            reason = f"{case.percent(share)} read as {key}; the header says nothing"
            return case.profile(key, 0.8 * share, reason)
    return None


def _by_company(case: Case) -> ColumnProfile | None:
    """A recipient whose values are no people's names is a company: not personal, and not judged further."""
    if case.said is None or case.said[0] not in {headers.NAME, headers.ORGANISATION}:
        return None
    people = case.share(_is_a_person)
    if case.said[0] == headers.NAME and (case.said[1] not in _RECIPIENTS or people >= PEOPLE_AMONG_OTHERS):
        return None
    return case.companies(f"header '{case.said[1]}' names companies; {case.percent(people)} read as people")


def _by_legal_form(case: Case) -> ColumnProfile | None:
    """Most values end in the legal form of a company."""
    share = case.share(lambda value: _LEGAL_FORM.search(value) is not None)
    if share < LISTED_ALONE:
        return None
    return case.companies(f"{case.percent(share)} end in the legal form of a company")


def _by_list(case: Case) -> ColumnProfile | None:
    """The header says nothing, and word lists know most of the values."""
    if case.thing or case.said is not None or len(case.sample) < 2:
        return None
    lower = [value.lower().rstrip(".") for value in case.sample]
    if len(lower) <= 6 and all(value in _GENDER_WORDS for value in lower):
        return case.profile(headers.GENDER, 0.6, f"all {len(lower)} distinct values are words for a sex")
    if len(case.sample) < FEWEST_FOR_MODEL or headers.is_bare_name(case.column):
        return None
    lists: list[tuple[str, Callable[[str], bool]]] = [(headers.FIRST, is_given), (headers.LAST, is_family)]
    if case.near_people:
        lists += [(headers.COUNTRY, is_country), (headers.CITY, is_city)]
    named = [value for value in case.sample if not is_common(value)]
    shares = [(sum(map(known, named)) / len(case.sample), key) for key, known in lists]
    share, key = max(shares, key=lambda each: each[0])
    if share < LISTED_ALONE:
        return None
    return case.profile(
        key, 0.7 * share, f"{case.percent(share)} are on a list of {key}; the header says nothing"
    )


def _by_people(case: Case) -> ColumnProfile | None:
    """The header says nothing; companies or other words stand between people's full names."""
    share = case.share(_is_a_person)
    if (
        case.thing
        or case.said is not None
        or len(case.sample) < FEWEST_FOR_MODEL
        or share < PEOPLE_AMONG_OTHERS
    ):
        return None
    return case.profile(headers.NAME, 0.5, f"{case.percent(share)} are full names that lists know")


def _by_rare(case: Case) -> ColumnProfile | None:
    """A column clean but for a few values, which are found wherever they stand."""
    if not case.rare:
        return None
    key, count = min(case.rare.items(), key=lambda item: (-item[1], item[0]))
    of_all = f"{count:,} of {case.values.distinct:,} distinct values"
    reason = f"{of_all} are or hold {key}, the others nothing personal"
    return case.profile(key, 0.6 if key != headers.NAME else 0.4, reason)


def _names_somebody(value: str, spans: Sequence[Span]) -> bool:
    """More than the model's word for it: several words, or a given name that a list knows."""
    names = [value[span.start : span.end] for span in spans if span.entity == "PERSON"]
    return any(first_is_given(name) or (" " in name and like_a_name(name)) for name in names)


def _is_login(value: str) -> bool:
    return _LOGIN.fullmatch(value) is not None


def _is_a_person(value: str) -> bool:
    value = _TITLED.sub("", value)
    return 2 <= len(value.split()) <= 4 and is_given(value.split(maxsplit=1)[0]) and like_a_name(value)


def _proved(case: Case) -> str | None:
    """The class that the values prove, the most frequent first; the header lowers what is asked.

    Where the header names a thing, a version number is no IP address and an order number no phone.
    """
    for key in sorted({*PROOFS, *case.own}, key=lambda name: (-case.hits[name], name)):
        if case.thing and key in _LIKE_NUMBERS:
            continue
        if key == headers.CARD and headers.names_a_barcode(case.column):
            continue
        alone = CARD_ALONE if key == headers.CARD else PROVED_ALONE
        asked = PROVED_WITH_HEADER if case.said is not None and _related(case.said[0], key) else alone
        if case.hits[key] >= max(1, len(case.sample) * asked):
            return key
    return None


def _related(said: str, key: str) -> bool:
    return said == key or (said, key) == (headers.FAX, headers.PHONE)


_LEGAL_FORM = re.compile(rf"\S[ ,]+{LEGAL_FORM}\.?\Z")
_TITLED = re.compile(rf"\A(?:(?:{TITLES})\.? (?:(?:&|and) )?)+")
_LOGIN = re.compile(r"(?=.*[a-z])[a-z0-9][a-z0-9._@-]{2,40}")
_BARE_LOGINS = {("user",), ("login",), ("uid",), ("userid",)}
_RECIPIENTS = frozenset(
    "ship name|recipient|recipient name|customer name|kundenname|owner name|consignee|consignor|buyer"
    "|buyer name|seller|seller name|counterparty|counterparty name|payee|payer|beneficiary|vendor name"
    "|supplier name".split("|")
)
_RULES = (
    _by_proof,
    _by_prose,
    _by_company,
    _by_legal_form,
    _by_header,
    _by_bare_name,
    _by_list,
    _by_model,
    _by_people,
    _by_rare,
)
