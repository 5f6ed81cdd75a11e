"""Cities, regions and countries: by lists, and after words that say that somebody lives or goes there."""

from __future__ import annotations

from classifications.gazetteers import (
    CALENDAR,
    is_city,
    is_common,
    is_country,
    is_english,
    is_family,
    is_given,
    is_region,
)
from classifications.recognizers.grammar import GrammarRecognizer, Rule

_WORD = r"\p{Lu}[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*"
_LINK = r"(?:[ -](?:de|del|della|do|da|dos|la|le|les|el|al|am|an|der|den|im|in|nad|ob|on|of|sur|sous|upon|the|u|i|y)(?:[ -]|(?<=-)))"
_DATE = rf"(?!(?:{'|'.join(word.capitalize() for word in sorted(CALENDAR))})\b)"
PLACE = rf"(?:(?:St|Ste|Mt|Ft)\.[ ])?{_WORD}(?:(?:[ -]|{_LINK}){_DATE}{_WORD}){{0,3}}"
"""One to four words with capitals, with small words of several languages between."""
_GOES = (
    r"(?:moved(?:[ \t]here)?[ \t](?:from|to)|(?:originally|comes?|came|is|am|are|was)[ \t]from|grew[ \t]up[ \t]in"
    r"|liv(?:es?|ing|ed)[ \t](?:in|near)|born[ \t]in|resid(?:es?|ing)[ \t]in|(?:flew|flying|fly|travel(?:l?ing|led)?"
    r"|went|going|go|drove|sailed|ferry|train|trip)[ \t]to|based[ \t]in|arrived[ \t](?:in|at)|stay(?:ed|ing)?[ \t]in"
    r"|stationed[ \t]in|headquartered[ \t]in|home[ \t]city(?:[ \t]of)?|city[ \t]of|village[ \t]of|town[ \t]of"
    r"|(?:am|is|are|be|been|was)[ \t]in|admitted[ \t]from|offices?[ \t]in|year[ \t]in|world[ \t]to)"
)


def _is_place(value: str) -> bool:
    return not is_common(value) and (not is_given(value) or is_city(value) or is_country(value))


def _is_listed_city(value: str) -> bool:
    known = is_city(value) and not is_common(value) and len(value) > 2
    return known and (" " in value or "-" in value or not (is_given(value) or is_family(value)))


class PlaceRecognizer(GrammarRecognizer):
    """Reads "moved to Kenosha", "France", "New York".

    Near-misses: "went to Monday's meeting", "Reading is fun", "Chad said" (also a country), "Will".
    """

    RULES = (
        Rule(rf"\b{_GOES}[ \t](?:the[ \t])?(?P<LOCATION>{PLACE})", 0.5, (), _is_place),
        Rule(rf"(?<=\b(?:in|to|from|near)[ ])(?P<LOCATION>{PLACE})[ ](?P<POSTAL_CODE>(?!(?:19|20)\d\d\b)\d{{4,5}}(?:-\d{{3,4}})?)(?![\w.,:%-]*\w)", 0.5, (), lambda value: not is_english(value)),
        Rule(rf"(?<![\w@'’-])(?P<LOCATION>{_WORD})(?=[ ]?[–→][ ]?\p{{Lu}}|[ ]to[ ]\p{{Lu}})", 0.45, ("–", "→", " to "), lambda value: _is_listed_city(value) and not is_english(value)),
        Rule(rf"(?<![\w@'’-])(?P<LOCATION>{PLACE})(?![\w@’-])", 0.45, (), lambda value: is_country(value) and not is_given(value)),
        Rule(rf"(?<![\w@'’-])(?P<LOCATION>{_WORD}(?:[ ]{_WORD}){{0,2}})(?![\w@’-])", 0.4, (), lambda value: _is_listed_city(value) or (is_region(value) and not is_given(value))),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(["LOCATION", "POSTAL_CODE"])
