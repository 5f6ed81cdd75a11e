"""Who decides, and why, in words that may be kept for ever: a name of office, a reason without a person."""

from __future__ import annotations

import re
from collections.abc import Sequence

from classifications.detector import Detector
from classifications.gazetteers import is_family, is_given
from classifications.residual import residual_spans
from policy.errors import LakewardError

OFFICES = frozenset(
    "admin administrator audit auditor board committee compliance controller counsel custodian data desk dpo"
    " governance legal office officer owner privacy protection quality records risk security service steward"
    " stewards team".split()
)
LONGEST_REASON = 300
_WRITTEN = re.compile(r"[A-Za-z0-9]+(?:[._/-][A-Za-z0-9]+)*")


class WordsRefused(LakewardError):
    """A name of office or a reason that must not be kept; the message does not repeat it."""


def check_office(name: str) -> None:
    """Raise WordsRefused unless `name` is one of office (`privacy-office`, `acme-steward`), not of a person.

    It has at least one word of office and none that is a given or family name.
    """
    words = set(re.split(r"[._/-]", name.lower()))
    named = any(is_given(word) or is_family(word) for word in words - OFFICES)
    if len(name) > 60 or not _WRITTEN.fullmatch(name) or words.isdisjoint(OFFICES) or named:
        raise WordsRefused(
            "who decides is kept for ever, so it is an office and not a person. To mend it: give a name of "
            "office without blanks, such as data-steward, privacy-office, acme-steward or dpo"
        )


def check_form(reason: str) -> None:
    """Raise WordsRefused for a reason that is empty, longer than a line, or no line of text."""
    if not reason.strip() or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise WordsRefused(
            f"a reason does not fit. To mend it: say why in one line of up to {LONGEST_REASON} characters"
        )


def check_impersonal(reasons: Sequence[str], detector: Detector) -> None:
    """Raise WordsRefused where a reason surely holds something personal.

    A name of a person is not noticed: see `residual_spans`.
    """
    found = residual_spans(reasons, detector)
    if found:
        raise WordsRefused(
            f"a reason holds something personal ({', '.join(found)}), and is kept. To mend it: leave it out"
        )
