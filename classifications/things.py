"""What only looks like a name: a label of a form, or a disease, a coat, a storm, a song called by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import regex

from classifications import headers
from classifications.entities import ENTITIES
from classifications.gazetteers import is_english, is_family, is_given
from classifications.named_things import is_called, is_quoted_model
from classifications.recognizers.names import TITLES
from classifications.spans import Span

# What physicians, scientists and cooks called after somebody, with "'s" or without.
_EPONYM = (
    r"(?:['’]s?)?[ \t](?:disease|syndrome|thyroiditis|tremor|palsy|chorea|ataxia|ana?emia|lymphoma|sarcoma"
    r"|tumou?r|o?esophagus|fracture|dementia|phenomenon|signs?|score|scale|reflex|test|stain|staining|criteria"
    r"|classification|grade|grading|staging|study|ultrasound|catheter|drain|forceps|cannula"
    r"|man(?:oeuvre|euver)|reconstruction|resection|incision|triangle|contractures?|nodes?|spots|lines|units?"
    r"|conjecture|theorem|lemma|condensation|algorithm|distribution|transform|equations?|effect|laws?"
    r"|principle|paradox|constant|coefficient|correlation|inequality|polynomials?|matrix|filter|heap|hashing"
    r"|coding|diagram|cycle|modulus|wrench|screwdriver|salad|sponge|sauce|cakes?|tart|cheese|tea|dressing"
    r"|terrier|spaniel|setter|period|buffer|reagent|titration|flask|funnel|burner|agar|synthesis"
    r"|normal[ \t]form|decomposition|factori[sz]ation|integral)\b"
)
# The same without "'s", behind which these are somebody's: "Granny Smith apples", "Anna's apples".
_SORT = (
    r"[ \t](?:addition|reaction|reduction|olefination|process|series|operators?|dish(?:es)?|suction|apples?"
    r"|pears?|plums?|potato(?:es)?|tomato(?:es)?|tweed|linen)\b"
)
# The level of a plan or the edition of a product, behind its name: `Madison Plus`.
_TIER = regex.compile(
    r"\p{Lu}[\p{L}'’-]+[ ]"
    r"(?:Basic|Plus|Pro|Lite|Premium|Classic|Standard|Deluxe|Edition|Ultra|Mini|Starter)\Z"
)
# What is sold under somebody's name; behind "'s" it would be somebody's own.
_WARE = (
    r"[ \t](?:coat|jacket|parka|hoodie|shirt|t-shirt|blouse|jeans|trousers|skirt|gown|dress|suit|scarf|hat"
    r"|cap|sneakers|trainers|shoes|boots|sandals|handbag|backpack|wallet|perfume|cologne|sunglasses|lamp|sofa"
    r"|couch|chair|armchair|stool|desk|shelf|bookcase|wardrobe|mattress|rug|vase|mug|bowl|guitar|piano|violin"
    r"|amplifier|whisk(?:e)?y|bourbon|gin|vodka|rum|lager|ale|tyres|tires|truck|van|sedan|hatchback|suv)s?\b"
)
_DOSE = r"[ \t]\d+(?:[./]\d+)?[ \t]?(?:mg|mcg|µg|ml|iu|units?|[bt]id|qd)\b"
_BEHIND = regex.compile(rf"(?i:{_EPONYM}|{_SORT}|{_WARE}|{_DOSE}|[ \t]to[ \t]?:)")
_BEFORE = regex.compile(
    r"\b(?:[Hh]urricane|[Tt]yphoon|[Cc]yclone|Storm|(?:[Cc]ircle|[Aa]ngle|[Ii]slets|[Ll]oop|[Bb]undle|[Bb]ook"
    r"|[Gg]ospel)[ ]of|[Ss]tage|[Gg]rade|[Tt]ype|[Pp]hase)[ \t]\Z"
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
    r"|sang|sings?|cover of)\b"
)
# Words with capitals, and short ones, between quotation marks; not a value behind a label in quotes.
_QUOTED = regex.compile(
    r"(?<![\w={\[]|[\"“”']:[ \t]?)[\"“«]"
    r"(?P<title>\p{Lu}[\p{L}.'’-]*(?:,?[ ](?:\p{Lu}[\p{L}.'’-]*|[a-z]{1,4})){0,6}[,.!?]?)"
    r"[\"”»](?![ \t]*:)"
)
_STARTS = regex.compile(r"(?:\A|[.!?][ \t])\Z")
_SMALL = regex.compile(r"[ \t]\p{Ll}")
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
# Names that stand for a disease, a sign, a device or a method also without a word for it.
_EPONYMS = frozenset(
    "alzheimer apgar babinski bayes bernoulli brudzinski crohn doppler foley gaussian giemsa gleason heimlich"
    " hodgkin holter huntington kernig kolmogorov laplace levenshtein mantoux markov mcburney parkinson petri"
    " raynaud rinne romberg schottky tourette waldorf whipple ziehl-neelsen".split()
)


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
            or (value.lower() in _EPONYMS and not _stands_behind(_TITLED, text, span))
        ):
            found.append(span)
    return found


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
        and _stands_behind(_STARTS, text, span)
        and _SMALL.match(text, span.end) is not None
        and is_english(text[span.start : span.end])
    )


def _is_called_so(text: str, span: Span) -> bool:
    """The words before or behind say what kind of thing it is."""
    if _STORM.match(text, span.start, span.end) or _stands_behind(_BEFORE, text, span):
        return True
    if _BEHIND.match(text, span.end):
        return True
    value = text[span.start : span.end]
    return (
        span.entity == "PERSON"
        and is_given(value)
        and not is_family(value)
        and _stands_behind(_ARTICLE, text, span)
        and _KIND.match(text, span.end) is not None
    )
