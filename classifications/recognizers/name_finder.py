"""Names, places, organisations and groups, as the language model finds them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import regex
from presidio_analyzer import RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts
from presidio_analyzer.predefined_recognizers import SpacyRecognizer

from classifications import headers
from classifications.gazetteers import (
    CALENDAR,
    SHORT_CALENDAR,
    is_city,
    is_common,
    is_country,
    is_english,
    is_family,
    is_given,
)

# Labels of forms and units of money, which a model for prose takes for names.
_NO_NAMES = frozenset(
    "tel phone mobile fax email e-mail mail name address apt suite zip url id iban dob ssn ref re attn cc"
    " invoice order ticket account password username eur usd gbp chf jpy inr brl nan null none true false"
    " n/a md rn phd mba ba bsc msc bp hr htn dm2 mri ct ecg ekg icu er mrn nhs nhs no pt atm asap faq pin sms pdf csv"
    " json xml html http https sql api url uri ui ux ok todo etc cpu gpu ram usb vat hr it ceo cfo cto vp kpi roi"
    " iphone ipad android windows linux ubuntu chrome firefox safari excel python java driver holder passport patient"
    " customer client dob sex gender state city country street road phone"
    " sehr geehrte geehrter damen herren und un saludo cordialement mit freundlichen grüßen"
    " dni nif nie bsb tfn cpf cnpj pesel ifsc rut curp kyc vat eircode steuer-id"
    " loc tid bid qid prn npo spo2 nad wnl dea npi bic bsn chi".split()
)
_SIGNS = re.compile(r"[()\[\]#`@*/]")
_CAMEL = regex.compile(
    r"\p{Ll}\p{Lu}(?<!\b(?:Mc|Mac|De|Di|Du|La|Le|Lo|Da|Del|Van|Von|Fitz|St|O['’]|d['’])\p{Lu})"
)
_LABEL_BEFORE = re.compile(r"([A-Za-z][\w ]{1,30})[\"']?[ \t]?[:=][ \t]{0,4}[\"']?\Z")
_STARTS = re.compile(r"(?:^|[.!?\n]\s*)\Z")
_ARTICLES = (
    " the ",
    " a ",
    " an ",
    " this ",
    " that ",
    " these ",
    " your ",
    " my ",
    " our ",
    " all ",
    " is coming",
    " it ",
)
_NUMBER_BEHIND = re.compile(
    r"(?:[ \t]?(?:no\.?|number|id|code|#))?[ \t]?[:=#][ \t]?[A-Z]{0,6}-?\d|[ \t](?:number|no\.?|code|id)\b|[ \t][\dA-F]{2}:"
)
_MODEL = regex.compile(r"\p{Lu}-?\d")
_BEGINS = re.compile(r"(?:^|[.!?:>|]\s*|\n\s*|[ \t]{2})\Z")
_LEADER = re.compile(r"[ \t]?\.{3}|[ \t]?:[ \t]+[A-Z]{0,4}\d")
_LETTERED = re.compile(r"[ ](?:[A-Z]|\d{1,4})\b")
_BEFORE_A_FIRM = re.compile(r"\b(?:[Tt]he|[Ff]or|[Bb]y|[Aa]t|[Ff]rom|[Ww]ith|support)\s\Z")
_DEPARTMENTS = frozenset(
    "department management team desk office support sales marketing accounting committee board staff".split()
)
_SHORT = 6
_CODE = re.compile(r"_|\d{4,}|[0-9a-f]{8}-|[<>{}=|\\]")


class NameFinder(SpacyRecognizer):
    """Presidio's view of the spaCy model, without form labels, currency codes and numbers."""

    def __init__(self, entities: list[str]) -> None:
        super().__init__(supported_entities=entities)

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """The model's entities that can be names: at least one letter, and not a known label."""
        results: list[RecognizerResult] = super().analyze(text, entities, nlp_artifacts)
        return [
            result
            for result in results
            if (result.entity_type == "NRP" or can_be_a_name(text[result.start : result.end]))
            and not _is_labelled(text, result)
            and not _is_verb(text, result)
            and not _is_numbered(text, result)
            and not _is_term(text[result.start : result.end], result.entity_type)
            and not _is_ordinary(text, result)
            and not _is_leader(text, result)
        ]


def can_be_a_name(found: str) -> bool:
    """False for form labels, currency codes, everyday words, what has too few letters, and what has no
    capital unless lists know it: `kiran khan`, `japan`.
    """
    bare = found.strip(" .:#\n'’\"“”()")
    letters = sum(map(str.isalpha, bare))
    if letters < 2 or sum(map(str.isdigit, bare)) > letters or bare.count("(") != bare.count(")"):
        return False
    if not any(c.isupper() or (c.isalpha() and not c.islower()) for c in bare) and not _is_known(bare):
        return False
    if _CODE.search(bare) or bare.lower() in _NO_NAMES:
        return False
    words = [word for word in bare.lower().split() if not word.replace("/", "").isdigit()]
    return not all(word in _NO_NAMES or (is_common(word) and not is_given(word)) for word in words)


def _is_known(small: str) -> bool:
    """A country, or one or two words, none an everyday one, that lists know as a name."""
    if is_country(small):
        return not is_common(small) and not is_given(small)
    words = small.removesuffix("'s").removesuffix("’s").split()
    if len(words) > 2 or any(is_common(word) or not word.isalpha() for word in words):
        return False
    first, last = words[0], words[-1]
    if any(map(is_english, words)):
        return len(words) == 2 and is_given(first) and is_family(last)
    return (is_given(first) and (len(words) == 2 or not is_city(first))) or (
        len(words) == 2 and is_family(last)
    )


def _is_verb(text: str, result: RecognizerResult) -> bool:
    """`Chase the delivery`, `Spring is coming`: an everyday word that begins a sentence as what it is."""
    word = text[result.start : result.end]
    if not (is_common(word) or is_english(word)) or result.entity_type == "NRP":
        return False
    behind = text[result.end : result.end + 12].lower()
    return _STARTS.search(text[: result.start]) is not None and behind.startswith(_ARTICLES)


def _is_numbered(text: str, result: RecognizerResult) -> bool:
    """`MAC 00:1A:…`, `DEA: …`: letters that say what the number behind them is."""
    found = text[result.start : result.end]
    return (
        found.isupper()
        and len(found) <= _SHORT
        and _NUMBER_BEHIND.match(text, result.end, result.end + 40) is not None
    )


def _is_term(found: str, entity: str) -> bool:
    """Taken for a person or a place: a name of code (`MatrixArray`) or a type (`Martin D-28`), an abbreviation, a dictionary's word."""
    if entity not in {"PERSON", "LOCATION"}:
        return False
    if (
        _SIGNS.search(found)
        or _CAMEL.search(found)
        or (entity == "PERSON" and (_MODEL.search(found) or found[0].isdigit()))
    ):
        return True
    known = is_given(found) or is_family(found) or is_city(found) or is_country(found)
    if known:
        return False
    if " " in found:
        return entity == "PERSON" and is_of_a_dictionary([word.strip(".,'’-") for word in found.split()])
    return (is_english(found) and entity == "PERSON") or (found.isupper() and len(found) > 1)


def _is_ordinary(text: str, result: RecognizerResult) -> bool:
    """Taken for a company, a group or a place: words of a dictionary (`Carrier needs …`, `BLOCK CAPITALS`),
    a department, a date, a version, `Appendix B`. The words around a company say that it is one
    (`recognizers/organisation.py`) where its own do not.
    """
    found, before = text[result.start : result.end], text[: result.start]
    if result.entity_type == "NRP":
        return any(map(str.isdigit, found)) or text[result.end : result.end + 1] in {":", "="}
    if result.entity_type == "LOCATION":
        return is_english(found) and _LETTERED.match(text, result.end) is not None
    return result.entity_type == "ORGANIZATION" and _is_no_firm(found, before)


def _is_no_firm(found: str, before: str) -> bool:
    words = found.lower().removeprefix("the ").split()
    if any(word in CALENDAR or word in SHORT_CALENDAR for word in words) and any(map(str.isdigit, found)):
        return True
    if words[-1] in _DEPARTMENTS or "  " in found:
        return all(is_english(word) or word in _DEPARTMENTS for word in words)
    if not is_of_a_dictionary(words):
        return False
    if len(words) == 1:
        return _BEGINS.search(before) is not None
    return not found.startswith("The ") and _BEFORE_A_FIRM.search(before) is None


def is_of_a_dictionary(words: Sequence[str]) -> bool:
    """Whether all are English words, and none of them a name on a list."""
    return all(is_english(word) and not is_given(word) and not is_family(word) for word in words if word)


def _is_leader(text: str, result: RecognizerResult) -> bool:
    """A label that no list knows: dots lead to its value, or the value behind its colon has digits."""
    found = text[result.start : result.end]
    if any(is_given(word) or is_family(word) for word in found.split()):
        return False
    return _LEADER.match(text, result.end) is not None and _BEGINS.search(text[: result.start]) is not None


def _is_labelled(text: str, result: RecognizerResult) -> bool:
    """A thing's name behind its label: `Product name: Chai`."""
    before = _LABEL_BEFORE.search(text, max(0, result.start - 40), result.start)
    return (
        before is not None and headers.names_a_thing(before[1]) and headers.class_by_header(before[1]) is None
    )
