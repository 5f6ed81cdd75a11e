"""People's names right after, or before, words that announce one."""

from __future__ import annotations

from classifications.gazetteers import KIN, is_city, is_english, is_family, is_given
from classifications.recognizers.grammar import GrammarRecognizer, Rule
from classifications.recognizers.names import (
    FULL_NAME,
    TITLES,
    WORD,
    could_be_a_name,
    first_is_given,
    is_company,
    like_a_name,
)

_NAME = rf"(?P<PERSON>{FULL_NAME})"
_ANNOUNCED = {
    # The words that announce a name → the pieces of text of which one must be there.
    r"\b(?:my|his|her|your|their|whose|the|full|first|last|maiden|middle|given|family|sur|nick)[ -]?name"
    r"(?:[ \t](?:is|was)|['’]s|\?|:)": ("name",),
    r"\b(?:everyone|everybody|people|they|friends|you|and|can)[ \t]calls?[ \t]me": ("call",),
    r"\b(?:was|man|woman|someone|somebody|kid|named)[ \t](?:called|named)": ("called", "named"),
    r"\b(?:directed|written|signed|referred|seen)[ \t]by:?|\bgoes[ \t]by|\bname[ \t]as": (" by", "name as"),
    r"\bstarring|\battn[.:]{0,2}|\bc/o|\bnext[ \t]of[ \t]kin:?|\b(?:card ?|account )?holder:?": (
        "starring", "attn", "c/o", " kin", "holder",
    ),
    r"\b(?:attending|referring)(?:[ \t]physician)?:|\b(?:beneficiary|borrower|guarantor|witness|defendant),": (
        "attending", "referring", "beneficiary", "borrower", "guarantor", "witness", "defendant",
    ),
    r"\bspoke[ \t](?:to|with)|\bmet[ \t]with|\bfollow[ \t]up[ \t]with|\bbehalf[ \t]of|\bin[ \t]the[ \t]name[ \t]of": (
        "spoke", "met ", "follow", "behalf", "the name",
    ),
    rf"\b(?:my|his|her|their|our|your|the)[ \t](?:late[ \t]|ex-?|older[ \t]|younger[ \t])?(?:{'|'.join(KIN)}),?": tuple(KIN),
}  # fmt: skip
_GREETING = r"(?i:^[ \t]*(?:dear|hi|hello|hey|good[ \t](?:morning|evening|afternoon)|hola|olá|bonjour|ciao|hallo|lieber?|cher|chère|estimad[oa]|querid[oa]|gentile),?)"
_CLOSING = r"(?i:\b(?:best(?=,)|regards|sincerely|cheers|thanks|thank you|love|yours|greetings|wishes))"
_RANK = (
    r"(?:Officer|Detective|Inspector|Constable|Sergeant|Lieutenant|Judge|Justice|Coach|Senator|Nurse|Attorney"
    r"|Councillor|Pastor|Rabbi|Imam|Brother|Auntie?|Uncle|Grandma|Grandpa|Principal|Ambassador|Lord|Lady)"
)
_IN_CHARGE = (
    r"(?:supervis|manag|educat|counsel|couns|instruct|coordinat|direct|tut|mediat|advis|operat|invest)(?:or|er|ing)"
    r"|trustee|teacher|driver|engineer|attendee|guest|owner|tenant|employee|student|patient|candidate|applicant|nurse"
    r"|physician|doctor|surgeon|prescriber|provider|therapist|lawyer|solicitor|guarantor|payee|payer|buyer|seller"
    r"|signed|prepared[ \t]by|approved[ \t]by|reviewed[ \t]by|reported[ \t]by|assigned[ \t]to|received[ \t]by"
    r"|dictated[ \t]by|transcribed[ \t]by|claimant|customer|client|caller|member|signatory|representative"
)
_OFFICES = frozenset(
    "president speaker chairman chair secretary minister ambassador mayor judge director right".split()
)
_ROLE = r"(?i:\b(?:patients?|pt|client|applicant|passengers?|contact|witness|defendant|petitioner|tenant|nurse|agent)):?"


def _is_titled(value: str) -> bool:
    """A name after "Mr": an everyday word too, if it is not an office."""
    return could_be_a_name(value) or (
        len(value) > 1 and value.lower() not in _OFFICES and not is_company(value)
    )


def _is_addressed(value: str) -> bool:
    """A word that begins a line and is in no dictionary: "Siobhán, I got the below"."""
    return could_be_a_name(value) and not is_english(value) and not is_city(value)


def _is_signed(value: str) -> bool:
    """A name that lists know, or one word that is in no dictionary."""
    return like_a_name(value) or (" " not in value and could_be_a_name(value) and not is_english(value))


def _is_greeted(value: str) -> bool:
    """No word of a dictionary alone: `Dear Admissions,`."""
    return could_be_a_name(value) and (" " in value or is_given(value) or not is_english(value))


def _is_nicknamed(value: str) -> bool:
    """A name with a nickname in quotation marks before the last word: `Wilhelmina "Mina" Terwilliger`."""
    words = [word for word in value.replace("“", '"').replace("”", '"').split() if '"' not in word]
    known = [word for word in words if is_given(word) or is_family(word)]
    return bool(known) and not any(map(is_english, words))


def _is_unknown_or_name(value: str) -> bool:
    """A name that lists know, or words of which none is in a dictionary."""
    return like_a_name(value) or (could_be_a_name(value) and not any(map(is_english, value.split())))


def _is_aged(value: str) -> bool:
    """A number, or the name of somebody of that age."""
    words = value.split()
    return value.isdigit() or like_a_name(value) or (len(words) > 1 and is_given(words[0]))


def _is_aged_first(value: str) -> bool:
    """A number, or a name whose first word is surely a given name: of a town (`Newport (12)`) it is not."""
    words = value.split()
    whole = len(words) > 1 and is_given(words[0]) and not is_english(words[0]) and not is_city(value)
    return value.isdigit() or (like_a_name(value) and (whole or first_is_given(value)))


def _is_surely_first(value: str) -> bool:
    """A given name that is nothing else: no word of a dictionary, no place."""
    return first_is_given(value) and not is_english(value)


class AnnouncedNameRecognizer(GrammarRecognizer):
    """Reads "My name is X", "Mr X", "my wife X", "Dear X,", "X (9)", "Regards, X", "Patient X".

    Near-misses: "Dear Customer,", "my friend Monday", "Thanks, Support", "Patient Portal".
    """

    RULES = (
        *(
            Rule(rf"(?i:{words})[ \t]{{1,12}}{_NAME}", 0.6, needs, could_be_a_name)
            for words, needs in _ANNOUNCED.items()
        ),
        Rule(rf"(?<![\w.])(?:{TITLES}|mr|mrs|ms|dr)\.?[ \t]{{1,2}}{_NAME}", 0.65, (), _is_titled),
        Rule(
            rf"\bName[ \t]{_NAME}(?=[ \t](?:Age|DOB|Date|Sex|Gender|Address|Phone|Tel|Email)\b|(?<=^Name[^\n]{{3,60}})[.;\n])",
            0.6,
            ("name",),
            could_be_a_name,
        ),
        Rule(
            rf"{_GREETING}[ \t]{{1,12}}{_NAME}(?=[ \t]*(?:[,!.:;\n]|$))",
            0.55,
            (
                "dear",
                "hi",
                "hello",
                "hey",
                "good",
                "hola",
                "olá",
                "bonjour",
                "ciao",
                "hallo",
                "liebe",
                "cher",
                "chère",
                "estimad",
                "querid",
                "gentile",
            ),
            _is_greeted,
        ),
        Rule(
            rf"{_CLOSING}[,!.]?\s{{1,6}}{_NAME}(?=[ \t]*$)",
            0.5,
            ("best", "regards", "sincerely", "cheers", "thank", "love", "yours", "greetings", "wishes"),
            _is_signed,
        ),
        Rule(rf"(?<=[.!?…]\n{{1,3}})(?P<PERSON>{WORD})(?=[ \t]*(?:\n|\Z))", 0.5, ("\n",), is_given),
        Rule(
            rf"^(?P<PERSON>{WORD}),[ ](?=(?:I|we|you|your|just|thank|thanks)[ '’])",
            0.45,
            (", ",),
            _is_addressed,
        ),
        Rule(rf"(?<=\"family\"[ ]?:[ ]?\")(?P<PERSON>{FULL_NAME})", 0.6, ('"given"',)),
        Rule(
            rf"(?<=[.!?]\s{{1,3}}[-–—~][ \t]?)(?P<PERSON>{WORD})(?=\s*\Z)",
            0.5,
            (),
            lambda value: is_given(value) or not is_english(value),
        ),
        Rule(
            rf"(?<![\w'’-])(?P<PERSON>(?:{WORD}[ ])?[\"“](?:{WORD})[\"”][ ]{WORD})(?![\w'’-])",
            0.5,
            ('"', "“"),
            _is_nicknamed,
        ),
        Rule(
            r"(?P<PERSON>\p{Lu}\p{L}{1,29}/\p{Lu}\p{L}{1,29})(?=[ ]?(?:MR|MRS|MS|MISS|MSTR|CHD|INF|DR)\b)",
            0.6,
            ("/",),
        ),
        Rule(rf"{_ROLE},?[ \t]{_NAME}", 0.5, (), like_a_name),
        Rule(rf"\b{_RANK}[ \t]{_NAME}", 0.5, (), like_a_name),
        Rule(
            rf"(?i:\b(?:{_IN_CHARGE})):[ \t]{{1,3}}(?:Dr\.?[ \t]|M(?:r|rs|s)\.?[ \t])?{_NAME}(?=[ \t]*(?:[.,;|<(\n]|$))",
            0.45,
            (": ",),
            _is_unknown_or_name,
        ),
        Rule(
            rf"(?i:{_CLOSING}[,!.]?|\b(?:it['’]?s|this[ \t]is|i['’]?m|i[ \t]am|name[ \t]is|tell|ask|told))\s{{1,3}}"
            r"(?P<PERSON>\p{Ll}{4,20})(?![\w'’-])",
            0.45,
            (),
            _is_surely_first,
        ),
        Rule(rf"\b(?:{TITLES})\.?[ ]{FULL_NAME},[ ](?P<AGE>1[01]\d|[1-9]\d)(?=[,.])", 0.5, (", ",)),
        Rule(
            rf"(?<![\w'’-]){_NAME}[ \t]\((?P<AGE>1[01]\d|[1-9]\d?)\)",
            0.5,
            ("(",),
            _is_aged_first,
        ),
        Rule(
            rf"(?<![\w'’-]){_NAME},[ \t](?P<AGE>1[01]\d|[1-9]\d|\d(?=[ ]y))(?:[ ](?:yrs?|years?))?(?=,[ \t]?(?:[?(]?\p{{L}}|$)|\.(?:\s|$))",
            0.5,
            (", ",),
            _is_aged,
        ),
    )

    TOGETHER = True

    def __init__(self) -> None:
        super().__init__(["AGE", "PERSON"])
