"""Companies and institutions, where their form or the words around say so."""

from __future__ import annotations

from classifications.gazetteers import CALENDAR, is_common, is_family, is_given
from classifications.recognizers.grammar import GrammarRecognizer, Rule

_WORD = r"(?:\p{Lu}|\d+[ ]?\p{Lu})[\p{L}\p{M}\d&.'’-]*"
LEGAL_FORM = (
    r"(?:Inc|Ltd|LLC|LLP|Corp|Corporation|GmbH(?:[ ]&[ ]Co\.[ ]KG)?|mbH|AG|KG|KGaA|OHG|e\.V\.|PLC|plc|Co|Company|SARL|SAS"
    r"|S\.A\.S?|S\.R\.L|SpA|S\.p\.A|S\.r\.l|SL|S\.L|BV|B\.V|NV|N\.V|Oy|Oyj|AB|AS|A/S|ApS|OÜ|d\.o\.o|d\.d|s\.r\.o"
    r"|A\.Ş|Sp\.[ ]z[ ]o\.o|Pty|GbR|j\.d\.o\.o|Group|Holdings?|Partners)"
)
_FORM = (
    rf"(?:{LEGAL_FORM}|Technologies|Solutions|Systems|Industries|Consulting"
    r"|Associates|Foundation|Institute|Insurance|Laboratories|Labs|Logistics|Pharmaceuticals|Ventures|Capital"
    r"|Bank|Hospital|Clinic|University|College|Airlines|Airways|Motors|Media|Networks|Software|Enterprises|Services"
    r"|Trust|Council|Authority|Agency|Association|Society|Federation|Commission|Committee|Cooperative"
    r"|Union|Academy|Preschool|Nursery|Kindergarten|Hospice|Museum|Church|Studios|Records|Entertainment|Pharmacy|Realty|Properties|Analytics|Healthcare|Energy"
    r"|Brewery|Bakery|Cafe|Café|Restaurant|Hotel|Textiles|Stores|Supermarkets?|Shipping|Lines|Telecom|Electric|Foods|Bros)"
)
_NAME = rf"{_WORD}(?:[ ](?:(?:and|&|of|the|for|y|et|und|de)[ ])?{_WORD}){{0,4}}"
_WORKS = (
    r"(?:work(?:s|ed|ing)?[ \t](?:for|at)|employed[ \t](?:by|at)|employer:?|(?:is|was|am)[ \t](?:from|with)"
    r"|banked[ \t]with|bank[ \t]with|joined|year[ \t]at|address[ \t]of|according[ \t]to[ \t]the|offices?[ \t]of"
    r"|career[ \t]at|job[ \t]at|position[ \t]at|ceo[ \t]of|customer[ \t]of|client[ \t]of)"
)


# What no name of a firm has: a sentence was read on, or a date.
_NOT_IN_NAMES = CALENDAR | set("am are be is was were has have my your in at on".split())


def _is_name(value: str) -> bool:
    words = value.split()
    return any(not is_common(word) for word in words) and not _NOT_IN_NAMES & {word.lower() for word in words}


def _is_firm(value: str) -> bool:
    words = value.replace(",", "").split()
    return all(is_family(word) for word in words[:2]) and not any(is_given(word) for word in words)


class OrganisationRecognizer(GrammarRecognizer):
    """Reads "Shepherd Ltd.", "Owens, Duran and Oneal", "University of Dallas", "works for Acme".

    Near-misses: "Software is hard", "the Group", "works for Monday".
    """

    RULES = (
        Rule(rf"(?<![\w.-])(?P<ORGANIZATION>(?:{_WORD},[ ])?(?:{_WORD}[ ](?:(?:and|&|y|e|und|et)[ ])?){{1,4}}{_FORM}\b\.?)", 0.55, (), _is_name),
        Rule(rf"(?<![\w.-])(?P<ORGANIZATION>(?:University|Bank|Hospital|College|Institute|Ministry|Department)[ ]of[ ](?:the[ ])?{_NAME})", 0.5, (" of ",), _is_name),
        Rule(rf"(?<![\w.,-])(?P<ORGANIZATION>{_WORD},[ ]{_WORD}[ ](?:and|&)[ ]{_WORD})(?=[ \t]*(?:\n|$|,|[ ]is[ ]|[ ]Orchestra))", 0.4, (",",), _is_firm),
        Rule(rf"(?<![\w.-])(?P<ORGANIZATION>{_WORD}[ ](?:&|e|y|und|and)[ ](?:[Ss]ons?|[Ff]igli|[Hh]ijos|Söhne|Partners?|Co\b\.?|Company|Daughters|Brothers|Associates|[Aa]sociados|Associés))", 0.5, (" & ", " e ", " y ", " und ", " and "), _is_name),
        Rule(rf"(?i:\b{_WORKS})[ \t]{{1,3}}(?P<ORGANIZATION>{_NAME})", 0.45, (), _is_name),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(["ORGANIZATION"])
