"""One spelling for one value, before it becomes a token.

The same steps are written for Spark in `transforms/jvm/NormalForm.java`; `tests/transforms/test_tokens.py`
holds the two equal. Every step is one that Python and ICU define alike (Unicode NFKC, full case
folding, explicit character sets), never a locale's or a regex engine's own idea of a space.
"""

from __future__ import annotations

import re
import unicodedata

from policy.taxonomy import Normaliser

INVISIBLE = "[\u00ad\u200b-\u200f\u2060\ufeff]"
"""Soft hyphen, zero-width characters and direction marks: they change no reader's idea of the value."""

SPACES = "[\t\n\r\u0020\u0085\u00a0\u1680\u2028\u2029]+"
GROUPING = "[ .\\-]"
"""What people put between groups of digits in a card, account or identity number."""

PHONE_EXTENSION = "(ext|x|#|;|,).*$"
PHONE_TRUNK_HINT = "\\(0\\)"


def normalise(how: Normaliser, value: str, calling_code: str) -> str:
    """The normal form of `value`; empty where nothing is left of it.

    `calling_code` (digits, such as `49`) completes phone numbers that are written the national
    way; the other normalisers do not use it.
    """
    folded = unicodedata.normalize("NFKC", value).casefold()
    text = re.sub(INVISIBLE, "", unicodedata.normalize("NFKC", folded))
    text = re.sub(SPACES, " ", text).strip(" ")
    if how is Normaliser.PHONE:
        return _phone(text, calling_code)
    if how is Normaliser.COMPACT:
        text = re.sub(GROUPING, "", text)
    # What was dropped may have stood between a letter and its accent.
    return unicodedata.normalize("NFKC", text)


def _phone(text: str, calling_code: str) -> str:
    number = re.sub(PHONE_TRUNK_HINT, "", re.sub(PHONE_EXTENSION, "", text))
    digits = re.sub("[^0-9]", "", number)
    if number.startswith("+"):
        return digits
    if digits.startswith("00"):
        return digits[2:]
    if calling_code == "1" and len(digits) == 11 and digits.startswith("1"):
        return digits  # North America: 1 is both the calling code and the national prefix
    national = re.sub("^0", "", digits)
    return calling_code + national if national else ""
