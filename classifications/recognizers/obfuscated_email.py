"""E-mail addresses written so that machines should not read them."""

from __future__ import annotations

import re

import regex
from presidio_analyzer import Pattern

from classifications.recognizers.domains import is_domain
from classifications.recognizers.hinted import HintedRecognizer

_OPEN, _CLOSE = r"[\[({<]", r"[\])}>]"
_AT = rf"(?:\s*{_OPEN}\s*(?:at|@)\s*{_CLOSE}\s*|\s+at\s+|\s*-\s?at\s?-\s*|\s+@\s*|\s*@\s+)"
_DOT = rf"(?:\s*{_OPEN}\s*(?:dot|\.)\s*{_CLOSE}\s*|\s+dot\s+|\s*-\s?dot\s?-\s*|\.)"
# The word before "at" must not be part of the sentence: "arrived at london dot com" has one dot too.
_VERBS = frozenset(
    "look looked looking arrive arrived available is was are were be buy bought find found shop "
    "only meet met here work works worked live lives stay stayed shopping us me him them her mail email it".split()
)
_LOCAL = rf"(?!(?:{'|'.join(sorted(_VERBS))})\s+at\s)[a-z0-9][a-z0-9_+-]{{0,63}}(?:{_DOT}[a-z0-9_+-]{{1,63}}){{0,3}}"
_HOST = rf"[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?(?:{_DOT}[a-z0-9-]{{2,63}}){{1,3}}"


class ObfuscatedEmailRecognizer(HintedRecognizer):
    """`name at host dot com`, `name [at] host [dot] com`, `name -at- host -dot- com`, `name @ host.com`.

    A spelled-out "at" or a bracketed one needs a spelled-out dot or a public suffix after it; the
    host must end in a public suffix. Plain addresses are the e-mail recognizer's.
    """

    # A spelled-out dot, an "at" in brackets or hyphens, or a sign with blanks is in each such address.
    HINT = regex.compile(rf"(?i)\bdot\b|{_OPEN}\s*(?:at|@)\s*{_CLOSE}|-\s?at\s?-|\s@|@\s")
    PATTERNS = [Pattern("spelled-out e-mail", rf"(?<![\w@.+-]){_LOCAL}{_AT}{_HOST}(?![\w@-])", 0.4)]
    CONTEXT = ["email", "e-mail", "mail", "contact", "reach", "write"]

    def __init__(self) -> None:
        super().__init__(supported_entity="EMAIL_ADDRESS", patterns=self.PATTERNS, context=self.CONTEXT)

    def validate_result(self, pattern_text: str) -> bool:
        """True when the text, with its words turned into signs, is an address with a public suffix."""
        local, _, host = self.plain(pattern_text).rpartition("@")
        spelled_at = "@" not in pattern_text
        if not local or not is_domain(host):
            return False
        bracketed = re.search(rf"{_OPEN}|-\s?at", pattern_text, re.IGNORECASE) is not None
        spelled_dot = re.search(r"\bdot\b", pattern_text, re.IGNORECASE) is not None
        if spelled_at and not bracketed:
            # "find it at example.com" names a site, not a person
            return spelled_dot and local.lower() not in _VERBS
        return True

    @staticmethod
    def plain(text: str) -> str:
        """The address that was meant: `ann [at] host dot com` becomes `ann@host.com`."""
        dotted = re.sub(_DOT, ".", text, flags=re.IGNORECASE)
        return re.sub(_AT, "@", dotted, count=1, flags=re.IGNORECASE)
