"""Numbers and accounts that a sentence names: "my passport number is …", "user jdoe", "MRN 00412"."""

from __future__ import annotations

from classifications.gazetteers import is_english
from classifications.recognizers.grammar import GrammarRecognizer, Rule

_IS = (
    r"(?:[ \t]?(?:number|no|nr|num|id|code|#))?[.:#]{0,2}[ \t]{0,3}(?:(?:is|was|=)[ \t]{1,3})?[:#]?[ \t]{0,2}"
)
_ID = r"(?=[A-Za-z]{0,4}[ -]?\d)[A-Za-z0-9](?:[ -]?[A-Za-z0-9]){4,20}?(?=[\s.,;:!?)\]\"'<|]|$)"
_LICENCE = r"(?i:\b(?:driver['’]?s?|driving)[ \t](?:licen[cs]e|permit))"
_USER = r"(?i:\b(?:user(?:name)?|login|log-in|account[ \t]name|handle|screen[ \t]name))"
_LOGIN = r"(?=[\w.-]*[\d_.]|[a-z]{5,})[a-z][\w.-]{2,30}\w"


def _has_digits(value: str) -> bool:
    return sum(map(str.isdigit, value)) >= 4


def _is_login(value: str) -> bool:
    return any(c in "._0123456789" for c in value) or not is_english(value)


class SpokenLabelRecognizer(GrammarRecognizer):
    """An id right after the words for it.

    Near-misses: "passport to success", "order number 1234567", "account closed", "user accounts are".
    """

    RULES = (
        Rule(rf"{_LICENCE}{_IS}(?P<DRIVER_LICENSE>{_ID})", 0.7, ("licen", "permit"), _has_digits),
        Rule(rf"(?i:\bpassport){_IS}(?P<PASSPORT>{_ID})", 0.7, ("passport",), _has_digits),
        Rule(rf"(?i:\b(?:mrn|medical[ \t]record|hospital[ \t]no|patient[ \t]id)\b){_IS}(?P<MEDICAL_RECORD>{_ID})", 0.7, ("mrn", "record", "hospital no", "patient id"), _has_digits),
        Rule(rf"(?i:\b(?:bank[ \t]|checking[ \t]|savings[ \t]|my[ \t])?acc(?:oun)?t(?=[ \t](?:number|no|nr|#)|[:#])|\brouting|\bsort[ \t]code){_IS}(?P<BANK_ACCOUNT>{_ID})", 0.6, ("acc", "routing", "sort code"), _has_digits),
        Rule(rf"(?i:\b(?:national[ \t](?:id|insurance)|tax(?:payer)?[ \t]id|identity[ \t]card|id[ \t]card|citizen[ \t]id|social[ \t]security|ssn)){_IS}(?P<NATIONAL_ID>{_ID})", 0.6, ("national", "tax", "identity", "card", "citizen", "social", "ssn"), _has_digits),
        Rule(rf"{_USER}[ \t]{{1,2}}(?:is[ \t]|named[ \t]|:[ \t]?)?[\"'`]?(?P<USERNAME>{_LOGIN})(?=[\"'`]?(?:[ \t](?:was|is|has|from|logged|failed|at|on)\b|[.,;)]|$))", 0.5, ("user", "login", "log-in", "handle", "name"), _is_login),
        Rule(r"(?i:\b(?:password|passwd|pwd|passcode))(?:[ \t](?:is|was)[ \t]|[ \t]?[:=][ \t]?)[\"'`]?(?P<PASSWORD>[^\s\"'`<>]{4,64}?)(?=[\"'`<;]|[.,]?(?:\s|$))", 0.6, ("pass", "pwd"), lambda value: not value.isalpha() or not value.islower()),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(
            [
                "DRIVER_LICENSE",
                "PASSPORT",
                "MEDICAL_RECORD",
                "BANK_ACCOUNT",
                "NATIONAL_ID",
                "USERNAME",
                "PASSWORD",
            ]
        )
