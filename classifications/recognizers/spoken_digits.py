"""Phone and card numbers in words, as they are dictated: "nine one six double two …"."""

from __future__ import annotations

import re
from itertools import pairwise

from classifications.recognizers.grammar import GrammarRecognizer, Rule

_VALUES = {
    word: value for value, word in enumerate("zero one two three four five six seven eight nine".split())
}
_DIGIT = rf"(?:{'|'.join(_VALUES)}|oh)"
_TIMES = {"double": 2, "triple": 3}
_ONE = rf"(?:(?:double|triple)[ -])?{_DIGIT}"
_ROW = rf"(?i:\b{_ONE}(?:[ ,-]{{1,2}}{_ONE}){{5,22}}\b)"
_FEWEST, _MOST, _FEWEST_OF_CARD, _MOST_OF_CARD = 7, 12, 13, 19


def _digits(value: str) -> list[int]:
    digits: list[int] = []
    times = 1
    for word in re.split(r"[ ,-]+", value.lower()):
        if word in _TIMES:
            times = _TIMES[word]
            continue
        digits += [_VALUES.get(word, 0)] * times
        times = 1
    return digits


def _is_phone(value: str) -> bool:
    digits = _digits(value)
    counting = all(b - a == 1 for a, b in pairwise(digits))
    return _FEWEST <= len(digits) <= _MOST and not counting


def _is_card(value: str) -> bool:
    return _FEWEST_OF_CARD <= len(_digits(value)) <= _MOST_OF_CARD


class SpokenDigitsRecognizer(GrammarRecognizer):
    """Seven digits in words and more; thirteen and more are a card's.

    Near-misses: "one two three four five six seven" (counting), fewer digits, "six of one".
    """

    _NEEDS = tuple(f"{word} " for word in _VALUES)
    RULES = (
        Rule(rf"(?P<PHONE_NUMBER>{_ROW})", 0.6, _NEEDS, _is_phone),
        Rule(rf"(?P<CREDIT_CARD>{_ROW})", 0.6, _NEEDS, _is_card),
    )

    def __init__(self) -> None:
        super().__init__(["PHONE_NUMBER", "CREDIT_CARD"])
