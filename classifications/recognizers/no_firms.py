"""What a model for prose takes for a company: letters that stand for anything, departments, words of a dictionary."""

from __future__ import annotations

import re

from classifications.gazetteers import CALENDAR, SHORT_CALENDAR, is_english, is_noun
from classifications.recognizers.no_names import is_of_a_dictionary

BEGINS = re.compile(r"(?:^|[.!?:>|]\s*|\n\s*|[ \t]{2})\Z")
"""At the end of what stands before the first word of a sentence, a line or a cell."""
_AT_A_BODY = re.compile(r"\b(?:at|by|from|joined|for|worked at|employer:?)\s\Z")
_PART = re.compile(r"[A-Z]\d{1,2}(?:/[A-Z]\d{1,2})*|(?i:[A-Z]+(?:-[A-Z\d]+)*-\d+)|[A-Z]{2,6} \d+(?:\.\d+)?")
_ACRONYM = re.compile(r"[A-Z]{1,5}s?(?:/[A-Z]{1,5})*")
# Bodies that are known by their letters alone.
_BODIES = frozenset(
    "ABB ABC ABN AMD ANZ AOL BASF BBC BBVA BCG BHP BMW BNP BSI BT CBC CBS CDC CERN CIA CNN CVS DHL DVLA EDF EMA ENI EPA ESA"
    " ESPN ETH EU FAO FBI FDA FIFA GE GM GSK HBO HMRC HSBC IBM IEEE IKEA ILO IMF ING INPS IOC IRS ITV KFC KLM KPMG LG"
    " LSE MIT MLB MSF NASA NATO NBA NBC NEC NFL NHL NHS NPR NSA NTT NYPD NYU OECD OPEC PBS PSG PWC RAF RBS RTL RWE SAP"
    " SEC SNCF TCS TSB TUI UBS UCL UCLA UEFA UN UNHCR UPS USAID USDA USPS VW WHO WTO WWF YMCA ZDF".split()
)
_BEFORE_A_FIRM = re.compile(r"\b(?:[Tt]he|[Ff]or|[Bb]y|[Aa]t|[Ff]rom|[Ww]ith|support)\s\Z")
_DEPARTMENTS = frozenset(
    "department management team desk office support sales marketing accounting committee board staff".split()
)
# Companies that are called by a word of the dictionary.
_WORD_FIRMS = frozenset(
    "adobe apple boots caterpillar delta discover dove fiverr gap here indeed intel meta next oracle orange pandora"
    " puma shell slack snap sprint square stripe subway target tesla twitter uber visa virgin walmart zoom".split()
)
_BRANCHES = frozenset(
    "finance legal logistics procurement engineering operations purchasing payroll compliance".split()
)


def is_no_firm(found: str, before: str) -> bool:
    """Whether `found` is no company's name; `before` is what stands before it.

    Near-misses: `at BCG`, `HMRC`, `works at Shell`, `for Standard Bank`.
    """
    if found in _BODIES:
        return False
    letters = _ACRONYM.fullmatch(found) and _AT_A_BODY.search(before) is None  # of anything: `VPN`, `F/U`
    return bool(letters) or _PART.fullmatch(found) is not None or _is_ordinary(found, before)


def _is_ordinary(found: str, before: str) -> bool:
    """A date, a department, or words of a dictionary where nothing says that they are a company's."""
    words = found.lower().removeprefix("the ").split()
    if any(word in CALENDAR or word in SHORT_CALENDAR for word in words) and any(map(str.isdigit, found)):
        return True
    if words[-1] in _DEPARTMENTS or "  " in found:
        return all(is_english(word) or word in _DEPARTMENTS for word in words)
    shouted = found.isupper() and all(map(is_noun, words))
    if shouted or not is_of_a_dictionary(words):
        return shouted
    if len(words) == 1:
        if words[0] in _BRANCHES:
            return True
        at_one = words[0] in _WORD_FIRMS or _BEFORE_A_FIRM.search(before) is not None
        return not at_one or BEGINS.search(before) is not None
    return not found.startswith("The ") and _BEFORE_A_FIRM.search(before) is None
