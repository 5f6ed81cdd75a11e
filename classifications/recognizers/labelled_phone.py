"""Numbers that the text itself calls a phone number, whatever the numbering plans say."""

from __future__ import annotations

import re

from presidio_analyzer import Pattern, PatternRecognizer

_LABEL = (
    r"\b(?:(?:tele)?phone|tel|telefon|mobile|mobil|cell|fax|desk|whatsapp|sms|landline|hotline|helpline|toll[ -]free)"
    r"(?:\s?(?:number|no|nr))?[.:#]{0,2}(?:\s+is)?\s{1,4}"
)
_REACHED = r"\b(?:call(?:ed)?|ring|phone|text|reach(?:ed|able)?|contacted|answering|contact|kin|emergency|registered)\b[^\n.;!?\d]{0,40}(?:\b(?:at|on|under)|,|:|\bregistered)\s"
_ASKED = r"\b(?:call|ring|text|reach|phone|dial|contact)\s+(?:(?:me|us|him|her|them)\s+)?(?:back\s+)?(?:(?:on|at)\s+)?"
_NUMBER = r"(?:\+\s?)?\(?\d(?:[ .()/-]{0,3}\d){5,14}(?:[ ]?(?:x|ext\.?)[ ]?\d{1,5})?(?![\w-]|[.,/]\d)"
_BEFORE_KIND = r"(?<![\w.-])(?:\+\s?)?\(?\d(?:[ .()/-]{0,3}\d){5,14}"
_KIND = r"(?=[ ]?[-–(]?[ ]?(?i:office|fax|mobile|cell|home|work|desk|direct)\b)"
_DATE = re.compile(r"\A(?:(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d{2})\b")


class LabelledPhoneRecognizer(PatternRecognizer):
    """Seven to fifteen digits (ITU-T E.164) right after "Phone:", "mobile is", "call me on".

    Near-misses: a number under another label, fewer digits ("call 911"), a date, a longer run.
    """

    PATTERNS = [
        Pattern("after its label", rf"(?<={_LABEL}){_NUMBER}", 0.65),
        Pattern("after a request to call", rf"(?<={_ASKED}){_NUMBER}", 0.5),
        Pattern("after whom to reach", rf"(?<={_REACHED}){_NUMBER}", 0.5),
        Pattern("before its kind", rf"{_BEFORE_KIND}{_KIND}", 0.5),
        Pattern(
            "international",
            r"(?<![\w.+-])\+(?=(?:[ .()/-]{0,2}\d){9,15}(?![ .()/-]{0,2}\d))\d{1,4}(?:[ .()/-]{1,2}\d{1,5}){2,6}(?![\w-]|[.,/]\d)",
            0.5,
        ),
        Pattern("with an extension", r"(?<![\w.-])(?:\+?\d[ .()/-]{0,3}){7,14}x\d{2,6}\b", 0.6),
    ]

    def __init__(self) -> None:
        super().__init__(supported_entity="PHONE_NUMBER", patterns=self.PATTERNS)

    def invalidate_result(self, pattern_text: str) -> bool:
        """True drops the match: a date stands there."""
        return _DATE.match(pattern_text) is not None
