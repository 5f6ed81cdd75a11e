"""What somebody works as, below a name or after the employer. Tells who somebody is in a small company."""

from __future__ import annotations

from classifications.recognizers.grammar import GrammarRecognizer, Rule
from classifications.recognizers.names import FULL_NAME

_CALLING = (
    r"(?:manager|director|officer|assistant|secretary|clerk|nurse|engineer|technician|analyst|consultant|specialist"
    r"|attendant|operator|administrator|accountant|representative|coordinator|supervisor|developer|designer|teacher"
    r"|professor|lecturer|driver|librarian|scientist|controller|inspector|mechanic|carpenter|electrician|plumber"
    r"|cleaner|midwife|soldier|singer|actor|actress|writer|editor|lawyer|attorney|paralegal|physician|surgeon|dentist"
    r"|therapist|pharmacist|chef|cook|waiter|waitress|cashier|broker|agent|planner|packager|worker|president"
    r"|executive|founder|owner|partner|buyer|auditor|architect|economist|chemist|physicist|biologist|pilot|guard)s?"
)
_TITLE = rf"(?P<TITLE>(?i:(?:[\p{{L}}][\p{{L}}'’-]*,?[ ](?:and[ ]|of[ ])?){{0,4}}{_CALLING}))"


class JobTitleRecognizer(GrammarRecognizer):
    r"""Reads "Ann Lee\\nAccountant", "worked for Acme as Leasing consultant". Near-misses: "the manager", "ask an engineer"."""

    RULES = (
        Rule(rf"^[ \t>]*{FULL_NAME}[ \t]*\n(?:[ \t>]*\n)?[ \t>]*{_TITLE}(?=[ \t]*$)", 0.5, ("\n",)),
        Rule(rf"(?i:\bwork(?:s|ed|ing)?[ ](?:for|at)[ ][^\n.]{{2,60}}?[ ]as(?:[ ]an?|[ ]the)?)[ ]{_TITLE}\b", 0.5, (" as ",)),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(["TITLE"])
