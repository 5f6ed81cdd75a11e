"""Which words of a text without capitals belong to an address: streets, and places before a code."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from classifications.gazetteers import US_STATES, is_city, is_common, is_english

_STREET_ENDS = frozenset(
    "street st avenue ave road rd lane ln drive dr court ct boulevard blvd square terrace highway way"
    " place pl parkway close crescent apt suite unit box gardens garden grove hill meadow meadows"
    " crossing bridge walk row mews quay wharf loop trail circle cir pike plaza esplanade".split()
)
# Kinds of street that are other words too: believed only behind a name that is no word.
_RARE_STREET_ENDS = frozenset(
    "alley arcade bend bluff branch brook brooks camp canyon cape cliff cliffs club common corner"
    " corners course cove creek crest curve dale divide estate estates expressway extension falls ferry"
    " field fields flat flats ford fords forest forge fork forks freeway gateway glen green harbor haven"
    " heights hills hollow island isle junction keys knoll knolls lake lakes landing light lights lodge"
    " manor mill mills mission motorway mountain neck oval park parks pass passage path pine pines plain"
    " plains points port ports prairie ramp ranch rapids rest ridge river roads route shoal shoals shore"
    " shores spring springs spur squares station stream summit trace track turnpike union valley via"
    " view views village vista walks wall ways well wells".split()
)
_STREET_END = regex.compile(
    r"(?:stra(?:ß|ss)e|str|gasse|weg|platz|allee|ufer|damm|ring|straat|laan|gracht|plein|singel|kade|dreef|gatan|vägen"
    r"|veien|vej|gade|katu|tie)$"
)
_STREET_STARTS = frozenset(
    "rue via calle strada ulica ul avenida avda rua viale piazza corso plaza paseo aleja al plac pl"
    " aleea bulevardul bulevar trg cesta vicolo borgo canale quai chemin boulevard avenue impasse place"
    " allée".split()
)
_KINDS_BEHIND = frozenset("ulica cesta trg utca sokak sokağı caddesi".split())
_NUMBER_BEHIND = regex.compile(r"\.?\s\d")
_AFTER_NUMBER = regex.compile(r"\d\w?,?\s(?:[\p{L}.'’-]+\s){0,3}$")
_RIGHT_AFTER_NUMBER = regex.compile(r"(?<![\w.,-])\d{1,6}\w?,?\s$")
_NEXT_PART = regex.compile(r"(?:\.?\s\d{1,5}\s?\p{L}?)?,\s")
_CODE_BEHIND = regex.compile(r",?\s\d{4,6}(?:-\d{3,4})?(?![\d.,-]*\d)")
_STATE_AND_CODE = regex.compile(r"(?:\s\p{L}+){0,2},?\s(\p{L}{2}),?\s\d{5}(?!\d)")
_REACH, _CODE_REACH = 60, 16
# Codes of states that are words of sentences: "error in 50000 cases".
_ALSO_WORDS = frozenset("in or me hi ok oh id pa ma la de al".split())


def starts_a_street(word: str) -> bool:
    """Whether streets begin with `word`: `Paseo 46`, `Rue …`."""
    return word.lower() in _STREET_STARTS


def in_street(text: str, match: regex.Match[str], words: Sequence[str], n: int) -> bool:
    """A word of a street: `742 evergreen terrace`, `via roma`, `23107 zeyno port`, `bizjanova ulica 3c`.

    `words` are the words of the text in lower case, one empty word at the end; `match` is the n-th.
    """
    word = words[n]
    if _STREET_END.search(word) and _NUMBER_BEHIND.match(text, match.end()) and not is_english(word):
        return True
    beside_kind = words[n + 1] in _KINDS_BEHIND or bool(_STREET_STARTS & set(words[max(0, n - 2) : n]))
    if beside_kind and not is_common(word):
        return True
    before = text[max(0, match.start() - _REACH) : match.start()]
    if not _AFTER_NUMBER.search(before):
        return False
    return bool(_STREET_ENDS & set(words[n : n + 4])) or _in_rarer_street(before, words, n)


def _in_rarer_street(before: str, words: Sequence[str], n: int) -> bool:
    """`zeyno` or `port` of `23107 zeyno port`; not `12 small lakes`."""
    if words[n] in _RARE_STREET_ENDS and n > 0:
        name, number = words[n - 1], before[: -len(words[n - 1]) - 1]
    elif words[n + 1] in _RARE_STREET_ENDS:
        name, number = words[n], before
    else:
        return False
    return not is_english(name) and _RIGHT_AFTER_NUMBER.search(number) is not None


def is_place_beside(
    text: str, match: regex.Match[str], word: str, street_before: regex.Match[str] | None
) -> bool:
    """A word of a place before its code, or behind a street: `winter haven fl 33880`, `…, alanborough`."""
    if is_state(text, match, word):
        return False
    if not is_english(word):
        if street_before and _NEXT_PART.fullmatch(text, street_before.end(), match.start()):
            return True
        listed = is_city(word) or text[: match.start()].endswith(", ")
        if listed and _CODE_BEHIND.match(text, match.end(), match.end() + _CODE_REACH):
            return True
    ahead = _STATE_AND_CODE.match(text, match.end(), match.end() + _REACH)
    if ahead is None or ahead[1].upper() not in US_STATES:
        return False
    return ahead[1].lower() not in _ALSO_WORDS or is_city(word) or not is_english(word)


def is_state(text: str, match: regex.Match[str], word: str) -> bool:
    """`fl 33401`: an American state's code; an everyday word only behind a city (`portland or 97201`)."""
    if word.upper() not in US_STATES or not _CODE_BEHIND.match(text, match.end(), match.end() + _CODE_REACH):
        return False
    before = text[: match.start()].rstrip(" ,").rpartition(" ")[2].lower()
    return word not in _ALSO_WORDS or is_city(before)
