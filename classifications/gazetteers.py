"""Word lists that lend evidence: names of people, cities, countries, regions, and everyday words.

A word on a list proves nothing by itself (`will`, `paris` and `price` are on several); recognizers and rules
weigh it with what stands beside it. Where the lists come from is in NOTICE and docs/detection.md.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

_DATA = "data"
LISTS = (
    "given_names",
    "family_names",
    "cities",
    "countries",
    "regions",
    "common_words",
    "english_words",
    "named_things",
    "name_words",
)
KIN = tuple(
    "kid child son daughter wife husband mum mom mother father dad brother sister partner friend colleague"
    " boss uncle aunt cousin neighbor neighbour roommate flatmate boyfriend girlfriend fiancé fiancée "
    "grandmother grandfather grandma grandpa gran grandad granddad nan nana nephew"
    " niece landlord landlady".split()
)
"""Who somebody is to somebody: a name may follow."""
US_STATES = frozenset(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC"
    " ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR".split()
)
"""Postal codes of the American states (USPS Publication 28), the District of Columbia and Puerto Rico."""
CALENDAR = frozenset(
    "january february march april may june july august september october november december"
    " monday tuesday wednesday thursday friday saturday sunday".split()
)
"""Months and days of the week."""
COUNTRY_WORDS = frozenset("turkey china guinea chad jersey".split())
"""Countries that are everyday words in lower case."""
SHORT_CALENDAR = frozenset(
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun".split()
)
# Everyday words that are also somebody's name, and words that begin sentences, letters and forms.
_MORE_COMMON = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july"
    " august"
    " september october november december mon tue wed thu fri sat sun jan feb mar apr jun jul aug sep"
    " sept oct nov"
    " dec spring autumn winter today tomorrow yesterday tonight morning noon evening night weekend"
    " hi hello hey dear sir madam team customer client patient user agent bot support service friend friends"
    " colleague colleagues everybody thanks thank regards sincerely cheers please sorry welcome"
    " congratulations"
    " name address phone mobile fax email mail date birth age sex gender male female city town state"
    " country zip"
    " code postal postcode street road avenue lane number no id order ticket invoice account reference"
    " ref total"
    " amount price currency product item quantity status type note notes comment comments description subject"
    " title role position company employer department office branch manager doctor nurse attending physician"
    " mr mrs ms miss dr prof father mother son daughter wife husband brother sister king queen lord lady"
    " yes true false null none nan error info warning debug the and not bill mark chase grace hope faith"
    " joy rose"
    " rich frank art drew grant sue pat rob bob jack ray rich major penny heath page bush stone wood"
    " brown white"
    " black green gray young long short small little good best love god devil hill field ford day noble"
    " sharp wise strong"
    " summer autumn dawn angel christian english german french spanish dutch russian china india house"
    " home".split()
)


@cache
def words(name: str) -> frozenset[str]:
    """The list `name`, one of LISTS: entries in lower case; cities also without their accents.

    `named_things` are written as they are: `black-eyed Susan` is a flower, `Black-Eyed Susan` a nickname.
    """
    lines = (files("classifications") / _DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    if name == "common_words":
        return frozenset(lines) | _MORE_COMMON
    if name in {"cities", "regions", "countries"}:
        return frozenset(lines) | {folded(line) for line in lines}
    return frozenset(lines)


def folded(text: str) -> str:
    """Without accents, in lower case."""
    return unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()


def is_given(word: str) -> bool:
    """True for a known given name, also where it is an everyday word."""
    return word.lower() in words("given_names")


def is_family(word: str) -> bool:
    """True for a known family name, also where it is an everyday word."""
    return word.lower() in words("family_names")


def has_family_ending(word: str) -> bool:
    """True for an ending of family names that English words hardly have: `-ović`, `-oğlu`."""
    return _FAMILY_ENDING.search(word) is not None


def is_common(word: str) -> bool:
    """True for an everyday word, also where it is a name."""
    return word.lower() in words("common_words")


def is_english(word: str) -> bool:
    """True for a word of an English dictionary that is not only a name, also in its regular forms."""
    lower = word.lower()
    known = words("english_words")
    if lower in known or is_common(lower):
        return True
    stems = [
        lower[: -len(end)]
        for end in ("s", "es", "ed", "ing", "er", "ly", "d", "'s", "’s")
        if lower.endswith(end)
    ]
    stems += [stem[:-1] for stem in stems if len(stem) > 2 and stem[-1] == stem[-2]]
    stems += [f"{stem}e" for stem in stems] + [f"{stem[:-1]}y" for stem in stems if stem.endswith("i")]
    return any(len(stem) > 2 and stem in known for stem in stems)


def is_noun(word: str) -> bool:
    """True for a word of an English dictionary, also for a noun that is a name too: `carton`, `mark`."""
    return is_english(word) or word.lower() in words("name_words")


def is_city(name: str) -> bool:
    """True for a city of at least 15,000 people (GeoNames)."""
    return name.lower() in words("cities")


def is_country(name: str) -> bool:
    """True for a country's English name or a usual short form of it."""
    return name.lower() in words("countries") or name.lower() in _SHORT_COUNTRIES


def is_region(name: str) -> bool:
    """True for a state of the United States, by its name."""
    return name.lower() in words("regions")


def is_named_thing(noun: str) -> bool:
    """True for what is called after a name or as one, written as a dictionary writes it: `Prussian blue`."""
    return noun in words("named_things")


_FAMILY_ENDING = re.compile(
    r"(?i)[^\W\d_]{2,}(?:ić|ič|ović|ovic|evic|ević|ovich|owicz|ewicz|wski|wska|cki|cka|czyk|czak|enko"
    r"|chuk|oğlu|oglu"
    r"|escu|eanu|sson|sdóttir|dóttir|dottir|ssen|opoulos|opoulou|akis|idis|shvili|adze|lainen|šek|ová|ský"
    r"|ães)$"
)
_SHORT_COUNTRIES = frozenset(
    "netherlands|usa|u.s.a.|us|u.s.|united states of america|america|uk|u.k.|great britain"
    "|britain|england|scotland|wales"
    "|northern ireland|holland|korea|czech republic|deutschland|españa|italia|österreich|schweiz|polska"
    "|brasil"
    "|méxico|türkiye|nederland|belgique|belgië|suisse|sverige|norge|danmark|suomi|uae|ivory coast|macedonia"
    "|burma|cape verde|palestine|the netherlands".split("|")
)
