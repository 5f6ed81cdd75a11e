"""What people say they are: "I am Belizian", "we are proud Saudis"."""

from __future__ import annotations

from classifications.gazetteers import is_city, is_country, is_english
from classifications.recognizers.grammar import GrammarRecognizer, Rule

_IS = r"(?i:\b(?:I[ ]am|I['’]m|he[ ]is|she[ ]is|they[ ]are|we[ ]are|proud|born)(?:[ ](?:an?|proud))?)"


# What people believe, of whom the model does not know all.
_FAITHS = (
    r"Jehovah['’]s[ ]Witness(?:es)?|(?i:pentecostals?|methodists?|baptists?|anglicans?|lutherans?|presbyterians?|quakers?"
    r"|mormons?|adventists?|sikhs?|hindus?|jains?|buddhists?|muslims?|sunnis?|shiites?|atheists?|agnostics?|socialists?"
    r"|communists?|marxists?|anarchists?)|(?:Greek|Russian|Serbian|Eastern|Coptic)[ ]Orthodox"
)
# Nationalities that no ending makes of a country's name.
_OTHERS = frozenset(
    "american british czech danish dutch english filipino finnish french german greek irish norwegian polish portuguese"
    " scottish spanish swedish swiss thai turkish welsh".split()
)


def _is_nationality(value: str) -> bool:
    return value.lower() in _OTHERS or _is_of_a_country(value)


def _is_of_a_country(value: str) -> bool:
    """A country's name with an ending of its people: `paraguayans`, `Bruneian`."""
    people = value.lower().removesuffix("s")
    stems = [
        people.removesuffix(end) for end in ("n", "an", "ian", "ean", "ese", "i") if people.endswith(end)
    ]
    return any(is_country(stem) or is_country(f"{stem}a") or is_country(f"{stem}y") for stem in stems)


class NationalityRecognizer(GrammarRecognizer):
    """A word with the ending of a people's name. Near-misses: "I am fine", "we are librarians", "proud parents"."""

    RULES = (
        Rule(rf"(?<!\w)(?P<NRP>{_FAITHS})(?!\w)", 0.45),
        Rule(
            r"(?:(?<=\b(?i:an?|my|his|her|their|the)[ ])|^)(?P<NRP>\p{L}{4,})(?=[ ]\p{Ll}|,)",
            0.45,
            (),
            _is_of_a_country,
        ),
        Rule(
            r"(?<=<td>)(?P<NRP>(?:(?:South|North|New)[ ])?\p{Lu}\p{L}{2,}(?:[ ]\p{Lu}\p{L}+)?)(?=</td>)",
            0.45,
            ("<td>",),
            _is_nationality,
        ),
        Rule(
            rf"{_IS}[ ](?P<NRP>\p{{L}}{{3,}}(?:ian|ean|ese|ish|i|an)(?:e?s)?)\b(?![ ]?\p{{Lu}})",
            0.45,
            ("am ", "'m ", "’m ", " is ", "are ", "proud", "born"),
            lambda value: (not is_english(value) and not is_city(value)) or _is_of_a_country(value),
        ),
    )

    def __init__(self) -> None:
        super().__init__(["NRP"])
