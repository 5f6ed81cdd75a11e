"""What only looks like a name: a label of a form, or a disease, a coat, a storm, a song called by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import regex

from classifications import headers
from classifications.entities import ENTITIES
from classifications.eponyms import BEHIND, BEHIND_BOTH, EPONYMS, OWNED
from classifications.gazetteers import is_country, is_english, is_family, is_given
from classifications.named_things import is_called, is_quoted_model
from classifications.recognizers.names import TITLES
from classifications.spans import Span

# The level of a plan or the edition of a product, behind its name: `Madison Plus`.
_TIER = regex.compile(
    r"\p{Lu}[\p{L}'’-]+[ ]"
    r"(?:Basic|Plus|Pro|Lite|Premium|Classic|Standard|Deluxe|Edition|Ultra|Mini|Starter)\Z"
)
_BEFORE = regex.compile(
    r"\b(?:[Hh]urricane|[Tt]yphoon|[Cc]yclone|Storm|(?:[Cc]ircle|[Aa]ngle|[Ii]slets|[Ll]oop|[Bb]undle|[Bb]ook"
    r"|[Gg]ospel)[ ]of|[Ss]tage|[Gg]rade|[Tt]ype|[Pp]hase)[ \t]\Z"
)
# A ward of a hospital, a bill and a grant.
_NO_PERSON = regex.compile(
    r"Ward(?:[ ]\d|:)|Bill[ ]of[ ](?:materials|lading|sale|rights|quantities|exchange|health)\b"
    r"|Grant[ ](?:applications?|agreements?|funding|proposals?|programmes?|programs?|access"
    r"|permissions?|rights?)\b"
)
_STORM = regex.compile(r"(?:Hurricane|Typhoon|Cyclone|Storm)[ \t]\p{Lu}")
_ARTICLE = regex.compile(r"\b(?:[Tt]he|[Aa]n?)[ \t]\Z")
# "the Oscar range", "a Stella model"; "the Diego family" and "the Diego case" are somebody's.
_KIND = regex.compile(
    r"[ \t](?!(?:famil(?:y|ies)|household|case|account|file|matter|estate|brothers?|sisters?|twins|kids?"
    r"|children|boys?|girls?|residence|house|home|wedding|funeral|party|appointment|order|contract|loan|claim"
    r"|couple|patient|client|customer|lady|guy|man|woman|name|and|or|of|in|on|at|to|from|for|with|by|as|is"
    r"|was|are|were|has|had|have|who|that|which|will|would|can|could|said|says)\b)\p{Ll}{3}"
)
_WORKS = regex.compile(
    r"(?i)\b(?:songs?|tracks?|albums?|playlists?|lyrics|soundtrack|sheet music|hymns?|films?|movies?"
    r"|episodes?|novels?|now playing|play(?:s|ed)?|stream(?:ing|ed)?|watch(?:ed|ing)?|listen(?:ed|ing)?"
    r"|sang|sings?|cover of|capo|chords?|bpm|chorus|set ?list|encore)\b"
)
# Words with capitals, and short ones, between quotation marks; not a value behind a label in quotes.
_QUOTED = regex.compile(
    r"(?<![\w={\[]|[\"“”']:[ \t]?)[\"“«]"
    r"(?P<title>\p{Lu}[\p{L}.'’-]*(?:,?[ ](?:\p{Lu}[\p{L}.'’-]*|[a-z]{1,4})){0,6}[,.!?]?)"
    r"[\"”»](?![ \t]*:)"
)
_STARTS = regex.compile(r"(?:\A|[.!?][ \t])\Z")
_IN_A_TABLE = regex.compile(r"[ ]{2,}|[ \t]\d")
_SMALL = regex.compile(r"[ \t][\p{Ll}\d]")
_TITLED = regex.compile(rf"\b(?:{TITLES})\.?[ \t]\Z")
# What stands between a label and its value: a sign, dots that lead to it, or the end of the label's own line.
_VALUE_FOLLOWS = regex.compile(
    r"[:=]|[ \t]?\.{3}|(?:[ ]names?)?[ \t]?\.{3}|(?<=^[^\n]{0,40})[ \t]*\n", regex.MULTILINE
)
_LOOK_BACK = 24
_JUDGED = frozenset({"PERSON", "ORGANIZATION", "LOCATION", "NRP"})
_NAMED = _JUDGED | {"COUNTRY", "REGION"}  # things are called after these too: `Turkey red`
_COMPANY = ENTITIES["ORGANIZATION"].data_class
# Companies called after somebody, by names that hardly anybody else bears.
_BRANDS = frozenset(
    "abercrombie & fitch|armani|ben & jerry's|betty crocker|black & decker|bosch|bulgari|burberry|cadbury"
    "|calvin klein|captain morgan|cartier|charles schwab|chrysler|dior|dolce & gabbana|dr pepper|dr. martens"
    "|dr. oetker|dunlop|dyson|elizabeth arden|estée lauder|ferrari|goldman sachs|gucci|guinness"
    "|harley-davidson|heineken|heinz|hewlett-packard|hugo boss|jack daniel's|jack & jones|jack wolfskin"
    "|jim beam|jimmy choo|john deere|johnnie walker|johnson & johnson|jpmorgan chase|karl lagerfeld"
    "|granny smith|laura ashley|ted baker|kate spade|kellogg|lamborghini|levi strauss|levi's"
    "|louis vuitton|marks & spencer|marc jacobs|maserati"
    "|mary kay|mercedes-benz|merrill lynch|michael kors|michelin|moët & chandon|morgan stanley|mr kipling"
    "|nestlé|oscar mayer|peugeot|philips|porsche|prada|procter & gamble|ralph lauren|ray-ban|renault"
    "|rolls-royce|sara lee|siemens|steinway|tommy hilfiger|tupperware|uncle ben's|versace|victoria's secret"
    "|wells fargo|yves saint laurent|zimmer".split("|")
)
_HYPHEN_BEFORE = regex.compile(r"(?<!\w)\p{Lu}\p{L}+-\Z")
_HYPHEN_BEHIND = regex.compile(r"-\p{Lu}\p{L}+")
_POSSESSIVE = regex.compile(r"['’]s?\Z")


def without_things(text: str, spans: Iterable[Span]) -> list[Span]:
    """`spans` without names that are things; a brand taken for a person is a company.

    Near-misses: "Claire's lamp", "the Diego family", "Mr. Foley", `"name": "Roxanne"`, "in Reading".
    """
    titles = [match.span("title") for match in _QUOTED.finditer(text)] if _WORKS.search(text) else []
    found: list[Span] = []
    for span in spans:
        value = text[span.start : span.end]
        titled = _TITLED.search(text, max(0, span.start - _LOOK_BACK), span.start)
        brand = value.lower() in _BRANDS or (titled and f"{titled[0]}{value}".lower() in _BRANDS)
        if span.entity == "PERSON" and brand:
            found.append(replace(span, entity="ORGANIZATION", data_class=_COMPANY))
        elif span.entity in _NAMED and (is_called(text, span) or is_quoted_model(text, span)):
            continue
        elif span.entity not in _JUDGED or not (
            any(start <= span.start and span.end <= end for start, end in titles)
            or _is_label(text, span)
            or _is_word(text, span)
            or (span.entity == "PERSON" and _TIER.fullmatch(value) is not None)
            or _is_called_so(text, span)
            or (_eponym(text, span) in EPONYMS and not _stands_behind(_TITLED, text, span))
        ):
            found.append(span)
    return found


def _eponym(text: str, span: Span) -> str:
    """The name in lower case without "'s", with what hyphens join to it: `kaplan-meier` of `Kaplan`-Meier."""
    before = _HYPHEN_BEFORE.search(text, max(0, span.start - _LOOK_BACK), span.start)
    behind = _HYPHEN_BEHIND.match(text, span.end)
    start = before.start() if before else span.start
    end = behind.end() if behind else span.end
    return str(_POSSESSIVE.sub("", text[start:end].lower()))


def _stands_behind(pattern: regex.Pattern[str], text: str, span: Span) -> bool:
    return pattern.search(text, max(0, span.start - _LOOK_BACK), span.start) is not None


def _is_label(text: str, span: Span) -> bool:
    """A word of forms before a colon or equals sign: `State:`, `Namn =`."""
    if _VALUE_FOLLOWS.match(text, span.end) is None:
        return False
    words = headers.words_of(text[span.start : span.end])
    said = headers.class_by_header(" ".join(words))
    return (said is not None and len(said[1].split()) == len(words)) or headers.is_bare_name(" ".join(words))


def _is_word(text: str, span: Span) -> bool:
    """`Wedding of …`, `Reading is …`: a dictionary's word that begins a sentence, and a town elsewhere."""
    return (
        span.entity == "LOCATION"
        and (
            (_stands_behind(_STARTS, text, span) and _SMALL.match(text, span.end) is not None)
            or _IN_A_TABLE.match(text, span.end) is not None
        )
        and is_english(text[span.start : span.end])
        and not is_country(text[span.start : span.end])
    )


def _is_called_so(text: str, span: Span) -> bool:
    """The words before or behind say what kind of thing it is."""
    if span.entity == "PERSON" and _NO_PERSON.match(text, span.start):
        return True
    if _STORM.match(text, span.start, span.end) or _stands_behind(_BEFORE, text, span):
        return True
    value = text[span.start : span.end]
    if BEHIND.match(text, span.end) or BEHIND_BOTH.match(text, span.end):
        return not is_given(value) or OWNED.match(text, span.end) is None
    return (
        span.entity == "PERSON"
        and is_given(value)
        and not is_family(value)
        and _stands_behind(_ARTICLE, text, span)
        and _KIND.match(text, span.end) is not None
    )
