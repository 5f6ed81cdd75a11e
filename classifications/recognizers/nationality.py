"""What people say they are: "I am Belizian", "we are proud Saudis"."""

from __future__ import annotations

from classifications.gazetteers import is_city, is_english
from classifications.recognizers.grammar import GrammarRecognizer, Rule

_IS = r"(?i:\b(?:I[ ]am|I['’]m|he[ ]is|she[ ]is|they[ ]are|we[ ]are|proud|born)(?:[ ](?:an?|proud))?)"


class NationalityRecognizer(GrammarRecognizer):
    """A word with the ending of a people's name. Near-misses: "I am fine", "we are librarians", "proud parents"."""

    RULES = (
        Rule(
            rf"{_IS}[ ](?P<NRP>\p{{L}}{{3,}}(?:ian|ean|ese|ish|i|an)(?:e?s)?)\b(?![ ]?\p{{Lu}})",
            0.45,
            ("am ", "'m ", "’m ", " is ", "are ", "proud", "born"),
            lambda value: not is_english(value) and not is_city(value),
        ),
    )

    def __init__(self) -> None:
        super().__init__(["NRP"])
