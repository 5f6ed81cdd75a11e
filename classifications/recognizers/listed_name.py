"""People's names that word lists know, where the place in the text makes a name likely."""

from __future__ import annotations

from classifications.gazetteers import (
    has_family_ending,
    is_city,
    is_common,
    is_country,
    is_english,
    is_family,
    is_given,
)
from classifications.recognizers.grammar import GrammarRecognizer, Rule
from classifications.recognizers.names import FULL_NAME, WORD, could_be_a_name, like_a_name

_DOES = (
    r"(?:lives?|resides?|rang|phoned|called|said|says|told|asked|wrote|began|moved|works?|worked|lost|wants|wanted"
    r"|denies|denied|reports|complains|presents|presented|takes|was born|will call|paid|sent|flew|arrived|spent"
    r"|needs|listed|thinks|owes|replied|confirmed|had given|is from|is coming|are coming|planted|may call|will chase)"
)
_BEFORE = (
    r"(?:[Hh]ey|[Tt]hanks|[Ff]rom|[Bb]y|[Ww]ith|[Aa]nd|[Tt]ell|[Aa]sk|[Tt]o|[Cc]opy|[Tt]old|[Mm]et|[Uu]nlike[ \t]the"
    r"|fan[ \t]of|[Uu]nder)"
)
_OWNED = r"(?:wife|husband|son|daughter|mother|father|brother|sister|house|birthday|car|phone|parents|family)"


def _is_full(value: str) -> bool:
    """A given name and a family name, no company, and not an everyday word first."""
    words = value.replace(".", "").split()
    if has_family_ending(words[-1]) and like_a_name(value) and not is_common(words[0]):
        return True
    return (
        is_given(words[0])
        and (is_family(words[-1]) or has_family_ending(words[-1]) or not is_common(words[-1]))
        and like_a_name(value)
        and not (is_common(words[0]) or is_city(value) or is_country(value))
    )


def _is_first(value: str) -> bool:
    """A given name that is no everyday word, city or country."""
    return is_given(value) and not is_common(value) and not is_city(value) and not is_country(value)


def _is_only_family(value: str) -> bool:
    """A family name that is no word of a dictionary and no place."""
    known = is_family(value) or has_family_ending(value)
    return known and not is_english(value) and not is_city(value) and not is_country(value)


def _is_given_first(value: str) -> bool:
    return is_given(value.split(maxsplit=1)[0]) and could_be_a_name(value)


class ListedNameRecognizer(GrammarRecognizer):
    """Reads "X lives in", "X: Hello", a line that is a name, "X, Y and Z", "X's wife", "thanks to X".

    Near-misses: "May is warm", "Paris in spring", "Grace period", headings, lists of things.
    """

    RULES = (
        Rule(rf"(?<![\w'’-])(?P<PERSON>{FULL_NAME})(?=,?[ \t](?:just[ \t]|once[ \t])?{_DOES}\b)", 0.45, (), _is_given_first),
        Rule(rf"^[\W_]{{0,6}}(?P<PERSON>{WORD}(?:[ \t]{WORD})?)(?=:[ \t]*[\"“\p{{L}}])", 0.45, (":",), _is_first),
        Rule(rf"^(?P<PERSON>{WORD}),[ \t](?=(?:please|can|could|would|will|do|are|thank)\b)", 0.45, (), _is_given_first),
        Rule(rf"(?:^[^\w\n]{{0,6}}|[ \t]{{3}})(?P<PERSON>{WORD}[ \t](?:\p{{Lu}}\.?[ \t])?{FULL_NAME})(?=[ \t]*$|[ \t]{{3}})", 0.45, (), _is_full),
        Rule(rf"(?<=[:( \t])(?P<PERSON>{WORD})(?:,[ \t](?P<PERSON>{WORD})){{1,12}},?[ \t](?:and|or|&)[ \t](?P<PERSON>{WORD})", 0.45, (",",), _is_first),
        Rule(rf"(?<![\w'’-])(?P<PERSON>{WORD}[ \t](?:\p{{Lu}}\.?[ \t])?{WORD})(?![\w'’-])", 0.4, (), _is_full),
        Rule(rf"(?<=\b(?:I['’]m|I[ \t]am|[Tt]his[ \t]is|[Ii]t['’]s|[Hh]ere[ \t]is)[ \t])(?P<PERSON>{FULL_NAME})", 0.5, (), _is_given_first),
        Rule(rf"(?<=\b{_BEFORE},?[ \t])(?P<PERSON>{WORD})(?![\w'’-])(?![ \t]\p{{Lu}})", 0.4, (), _is_first),
        Rule(rf"(?<=[\p{{L}},;-][ -])(?P<PERSON>{WORD})(?![\w'’-]*[-\w])(?![ \t]\p{{Lu}})", 0.4, (), _is_only_family),
        Rule(rf"(?<![\w'’-])(?P<PERSON>{WORD})(?=['’]s[ \t]{_OWNED}\b)", 0.5, ("'s", "’s"), is_given),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(["PERSON"])
