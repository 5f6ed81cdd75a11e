"""How a person's name is written: pieces that several recognizers share."""

from __future__ import annotations

import regex

from classifications.gazetteers import has_family_ending, is_city, is_common, is_country, is_family, is_given

WORD = r"(?:\p{Lu}[\p{L}\p{M}]*(?:['’-]\p{L}[\p{L}\p{M}]*)*|[\p{Lo}\p{M}]{1,12})"
PARTICLE = (
    r"(?:van|von|de|der|den|del|della|da|dos|di|du|la|le|bin|al|el|ter|ten|zu|af|av|Ó|O['’]|St\.|d['’]|y|e)"
)
FULL_NAME = rf"{WORD}(?:[ \t]{{1,2}}(?:{PARTICLE}[ \t]|\p{{Lu}}\.[ \t]?){{0,2}}(?:{WORD}|\p{{Lu}}\.)){{0,4}}"
"""One to five words with capitals (or of a script without them), with initials and particles between."""
TITLES = (
    r"(?:Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Hon|Sr|Sra|Srta|Herr|Frau|Mme|Mlle|Monsieur|Madame|Miss|Sir|Señor|Señora|Don|Doña"
    r"|Signor|Signora|Sig|Father|Sister|Professor|Doctor|Captain|Sgt|Lt|Capt|Col|Gen)"
)
_COMPANY_WORD = regex.compile(
    r"(?i)\b(?:inc|ltd|llc|llp|gmbh|ag|corp|co|plc|group|bank|company|university|hospital|clinic|technologies"
    r"|solutions|systems|services|partners|consulting|foundation|institute|agency|school|college|insurance"
    r"|industries|orchestra|club|street|road|avenue|suite|apt)\b"
)


def is_company(value: str) -> bool:
    """True when a word of `value` is of a company, an institution or an address."""
    return _COMPANY_WORD.search(value) is not None


def like_a_name(value: str) -> bool:
    """True when lists know part of `value` as a person's name and no word of it is of a company."""
    words = value.replace("-", " ").split()
    if not words or is_company(value):
        return False
    known = [word for word in words if is_given(word) or is_family(word) or has_family_ending(word)]
    certain = [word for word in known if not is_common(word)]
    return bool(certain) or (len(known) >= 2 and is_given(words[0]))


def could_be_a_name(value: str) -> bool:
    """True unless every word is an everyday word, or one is of a company or place."""
    words = value.split()
    if len(value) < 2 or not words or is_company(value) or is_country(value):
        return False
    return any(not is_common(word.strip(".")) or is_given(word) for word in words)


def first_is_given(value: str) -> bool:
    """True when the first word is a given name and no everyday word or place."""
    first = value.split(maxsplit=1)[0]
    return is_given(first) and not is_common(first) and not is_city(first) and not is_country(first)
