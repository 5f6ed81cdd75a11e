"""People's names right after, or before, words that announce one."""

from __future__ import annotations

from classifications.recognizers.grammar import GrammarRecognizer, Rule
from classifications.recognizers.names import (
    FULL_NAME,
    TITLES,
    could_be_a_name,
    like_a_name,
)

_NAME = rf"(?P<PERSON>{FULL_NAME})"
_KIN = (
    "kid child son daughter wife husband mum mom mother father dad brother sister partner friend colleague boss"
    " uncle aunt cousin neighbor neighbour roommate flatmate boyfriend girlfriend fiancé fiancée grandmother"
    " grandfather grandma grandpa nephew niece landlord landlady"
).split()
_ANNOUNCED = {
    # The words that announce a name → the pieces of text of which one must be there.
    r"\b(?:my|his|her|your|their|whose|the|full|first|last|maiden|middle|given|family|sur|nick)[ -]?name"
    r"(?:[ \t](?:is|was)|['’]s|\?|:)": ("name",),
    r"\b(?:everyone|everybody|people|they|friends|you|and|can)[ \t]calls?[ \t]me": ("call",),
    r"\b(?:was|man|woman|someone|somebody|kid|named)[ \t](?:called|named)": ("called", "named"),
    r"\b(?:directed|written|signed|referred|seen)[ \t]by:?": (" by",),
    r"\bstarring|\battn[.:]{0,2}|\bc/o|\bnext[ \t]of[ \t]kin:?|\b(?:card ?|account )?holder:?": (
        "starring", "attn", "c/o", " kin", "holder",
    ),
    r"\b(?:attending|referring)(?:[ \t]physician)?:|\b(?:beneficiary|borrower|guarantor|witness|defendant),": (
        "attending", "referring", "beneficiary", "borrower", "guarantor", "witness", "defendant",
    ),
    r"\bspoke[ \t](?:to|with)|\bmet[ \t]with|\bfollow[ \t]up[ \t]with|\bbehalf[ \t]of|\bin[ \t]the[ \t]name[ \t]of": (
        "spoke", "met ", "follow", "behalf", "the name",
    ),
    rf"\b(?:my|his|her|their|our|your|the)[ \t](?:late[ \t]|ex-?|older[ \t]|younger[ \t])?(?:{'|'.join(_KIN)}),?": tuple(_KIN),
}  # fmt: skip
_GREETING = r"(?i:^[ \t]*(?:dear|hi|hello|hey|good[ \t](?:morning|evening|afternoon)),?)"
_CLOSING = r"(?i:\b(?:regards|sincerely|cheers|thanks|thank you|love|yours|greetings|wishes))"
_ROLE = r"(?i:\b(?:patients?|pt|client|applicant|passengers?|contact|witness|defendant|petitioner|tenant|nurse|agent)):?"


class AnnouncedNameRecognizer(GrammarRecognizer):
    """Reads "My name is X", "Mr X", "my wife X", "Dear X,", "Regards, X", "Patient X".

    Near-misses: "Dear Customer,", "my friend Monday", "Thanks, Support", "Patient Portal".
    """

    RULES = (
        *(
            Rule(rf"(?i:{words})[ \t]{{1,12}}{_NAME}", 0.6, needs, could_be_a_name)
            for words, needs in _ANNOUNCED.items()
        ),
        Rule(rf"(?<![\w.])(?:{TITLES}|mr|mrs|ms|dr)\.?[ \t]{{1,2}}{_NAME}", 0.65, (), could_be_a_name),
        Rule(
            rf"{_GREETING}[ \t]{_NAME}(?=[ \t]*(?:[,!.:;\n]|$))",
            0.55,
            ("dear", "hi", "hello", "hey", "good"),
            could_be_a_name,
        ),
        Rule(
            rf"{_CLOSING}[,!.]?\s{{1,6}}{_NAME}(?=[ \t]*$)",
            0.5,
            ("regards", "sincerely", "cheers", "thank", "love", "yours", "greetings", "wishes"),
            like_a_name,
        ),
        Rule(rf"{_ROLE},?[ \t]{_NAME}", 0.5, (), like_a_name),
    )

    def __init__(self) -> None:
        super().__init__(["PERSON"])
