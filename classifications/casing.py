"""Capitals put back where a writer left them out, or wrote nothing else.

The language model and the address grammars tell names by their capitals. Offsets stay: a word whose other
case has another length stays as it is.
"""

from __future__ import annotations

import regex

from classifications import address_words
from classifications.gazetteers import (
    COUNTRY_WORDS,
    KIN,
    has_family_ending,
    is_city,
    is_common,
    is_country,
    is_english,
    is_family,
    is_given,
    is_region,
)

_WORD = regex.compile(r"(?<![\w@./])\p{L}[\p{L}\p{M}]*(?:['’-]\p{L}[\p{L}\p{M}]*)*(?![\w@]|\.\w)")
_CODE_BEFORE, _CODE_BEHIND = regex.compile(r"\d[-/]?\Z"), regex.compile(r"[-/]?\d")
_SHORTEST_SHOUT = 5
_FEWEST_WORDS, _FEWEST_SHOUTED = 2, 3
_CODE_LENGTH = 4
# The words after these are a name, whether or not a list knows them.
_BEFORE_NAME = frozenset(
    "mr mrs ms miss dr prof patient client passenger named called cardholder attn contact applicant"
    " holder call tell told ask hi hello hey dear sender beneficiary payee payer recipient borrower insured"
    " lessee remitter surname".split()
)
_KIN = frozenset(KIN)
_NEVER = frozenset(
    "my me so no do an the in on to la le da".split()
)  # names somewhere, no names in lower case
# Given names that are also what somebody does: "my brother will come".
_VERBS = frozenset("bill chase don drew grant hope mark may pat pierce rob sue wade will wont".split())
_TITLES = frozenset("mr mrs dr prof".split())  # "ms" are milliseconds too
_NAME_IS = frozenset(
    {("name",), ("name", "is"), ("this", "is"), ("it's",), ("its",), ("i'm",), ("i", "am"), ("ship", "to")}
)
_BEFORE_PLACE = frozenset(
    "in from near to at north south east west new port saint san santa los las el la".split()
)
_FORMS = {form.lower(): form for form in "Ltd LLC LLP PLC Inc GmbH BV NV Corp Pty SARL KG Oy".split()}
_SHORTEST_NAME = 3
_PARTICLES = frozenset("van von de der den del della da dos di la le bin al el ter ten".split())


def restored(text: str) -> str:
    """`text`, as long as it was, with names capitalised if it is all in lower or all in upper case.

    In other texts, words of five and more capitals get one capital: `TAMPERE` reads as `Tampere`.
    """
    if not any(map(str.isalpha, text)):
        return text
    found = list(_WORD.finditer(text))
    shouted = [match for match in found if len(match[0]) > 1 and match[0].isupper()]
    cased = [match for match in found if any(map(str.isupper, match[0])) and not _is_no_capital(text, match)]
    if len(found) >= _FEWEST_WORDS and not cased:
        return _recased(text, found)
    if len(found) >= _FEWEST_SHOUTED and len(shouted) >= 0.9 * len(found):
        return _recased(text, found)
    return _replaced(text, [(m, m[0].capitalize()) for m in shouted if len(m[0]) >= _SHORTEST_SHOUT])


def _is_no_capital(text: str, match: regex.Match[str]) -> bool:
    """`I`, and the letters of a code: `77120-B`."""
    word, before, behind = match[0], text[: match.start()], text[match.end() :]
    return word == "I" or (
        word.isupper() and (_CODE_BEFORE.search(before) or _CODE_BEHIND.match(behind)) is not None
    )


def _recased(text: str, found: list[regex.Match[str]]) -> str:
    """Each word in lower case, or with a capital where lists or neighbours say that it is a name."""
    words = [match[0].lower() for match in found] + ["", ""]
    out: list[tuple[regex.Match[str], str]] = []
    named = [False] * len(found)
    street = None
    for n, match in enumerate(found):
        if _is_code(text, match):
            continue
        before = words[n - 1] if n and _adjacent(text, found[n - 1], match) else ""
        earlier = words[n - 2] if n > 1 and before else ""
        follows = before != "" and named[n - 1]
        in_street = address_words.in_street(text, match, words, n)
        named[n] = (
            in_street
            or _is_name(words[n], before, earlier, follows)
            or _is_full_name(words[n], words[n + 1])
            or address_words.is_place_beside(text, match, words[n], street)
            or _is_company(words, n)
            or _is_part_of_place(words[n], before, words[n + 1])
        )
        street = match if in_street else street
        out.append((match, _shown(text, match, words[n], named[n])))
    return _replaced(text, out)


def _shown(text: str, match: regex.Match[str], word: str, named: bool) -> str:
    """The word with its capitals."""
    if word in _FORMS:
        return _FORMS[word]
    if address_words.is_state(text, match, word):
        return word.upper()
    return "-".join(part.capitalize() for part in word.split("-")) if named else word


def _is_company(words: list[str], n: int) -> bool:
    """A word before a legal form: `shah plc`, `van saksen nv`."""
    if words[n] in _FORMS or is_common(words[n]):
        return False
    return words[n + 1] in _FORMS or (
        words[n + 1] != "" and words[n + 2] in _FORMS and not is_english(words[n])
    )


def _is_part_of_place(word: str, before: str, after: str) -> bool:
    """`from east brettside`: a word that begins names of places, between "from" and one that is no word."""
    return (
        word in _BEFORE_PLACE
        and before in {"in", "from", "to", "near"}
        and after != ""
        and not is_english(after)
    )


def _is_name(word: str, before: str, earlier: str, follows: bool) -> bool:
    """Whether a word stands for somebody or some place, by itself or after what stands before it."""
    if word in _TITLES or (has_family_ending(word) and not is_common(word)):
        return True
    if (earlier, before) in _NAME_IS or (before,) in _NAME_IS or before in _BEFORE_NAME:
        return word not in _NEVER and (not is_english(word) or is_given(word))
    if before in _KIN:
        return is_given(word) and word not in _VERBS
    if follows:
        # after a name: an initial, a family name, or a word that is no everyday word
        known = is_given(before) and is_family(word) and not (is_english(before) and is_common(word))
        return len(word) == 1 or not is_english(word) or known
    if before in _PARTICLES and is_given(earlier):
        return not is_common(word)
    return _stands_alone(word, before)


def _stands_alone(word: str, before: str) -> bool:
    """A country, a word that lists know and dictionaries do not, or an unknown one after "in" or "from"."""
    if is_country(word) and len(word) > _SHORTEST_NAME and not is_given(word):
        return word not in COUNTRY_WORDS or before in {"in", "from", "to"}
    if is_english(word) or len(word) < _SHORTEST_NAME:
        return False
    if "-" in word and all(map(is_given, word.split("-"))):
        return True
    if is_given(word) or is_country(word) or is_region(word) or before in _BEFORE_PLACE:
        return True
    return before == "" and (is_family(word) or is_city(word))


def _is_full_name(word: str, after: str) -> bool:
    """`mark cox`: a given name that is an everyday word too, before a family name that is none."""
    return is_given(word) and is_family(after) and not is_common(after)


def _adjacent(text: str, left: regex.Match[str], right: regex.Match[str]) -> bool:
    between = text[left.end() : right.start()]
    return between.strip(" .:") == "" and len(between) <= 3 and "\n" not in between


def _is_code(text: str, match: regex.Match[str]) -> bool:
    """Letters of an IBAN, a post code or a form's number: short, in capitals, beside digits."""
    near = text[max(0, match.start() - 2) : match.start()] + text[match.end() : match.end() + 2]
    return match[0].isupper() and len(match[0]) <= _CODE_LENGTH and any(map(str.isdigit, near))


def _replaced(text: str, changes: list[tuple[regex.Match[str], str]]) -> str:
    parts: list[str] = []
    end = 0
    for match, shown in changes:
        if len(shown) != len(match[0]):
            continue
        parts += [text[end : match.start()], shown]
        end = match.end()
    return "".join([*parts, text[end:]])
