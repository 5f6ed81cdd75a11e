"""Web addresses and domain names with a public suffix, checked without a network."""

from __future__ import annotations

import re

from presidio_analyzer import Pattern, PatternRecognizer

from classifications.recognizers.domains import is_domain

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?:{_LABEL}\.){{1,8}}[a-z]{{2,24}}"
# Suffixes that are file endings too: a bare `main.py` is a file, `www.main.py` a host.
_FILE_ENDINGS = frozenset("py md sh rs so zip mov cc java".split())
# Suffixes that are fields of records in code too: `user.name`, `contact.mobile`.
_FIELDS = frozenset("name email phone mobile date data total map call case now new zone play".split())
_DOCUMENTATION = ".example"  # RFC 2606
_HOST_OF = re.compile(rf"(?i)\A(https?://)?({_HOST})")


class OfflineUrlRecognizer(PatternRecognizer):
    """`https://host/path`, `www.host.tld` and `host.tld`.

    A full stop without a blank ("the end.So he") is not one: without scheme or `www.` the suffix
    must not begin with a capital. Nor are files (`Main.java:214`) and code (`o.id`, `contact.mobile`, `a.is()`).
    """

    PATTERNS = [
        Pattern(
            "web address",
            rf"(?<![@\w./-])(?:https?://)?{_HOST}(?::\d{{1,5}})?(?:[/?#][^\s<>\"']*[\w/])?(?![@\w-]|\(|[ \t]?[!=+]?=)",
            0.5,
        )
    ]
    CONTEXT = ["url", "website", "link", "site", "page"]

    def __init__(self) -> None:
        super().__init__(supported_entity="URL", patterns=self.PATTERNS, context=self.CONTEXT)

    def invalidate_result(self, pattern_text: str) -> bool:
        """True drops the match: no public suffix, or a sentence's end."""
        match = _HOST_OF.match(pattern_text)
        if match is None or not (is_domain(match[2]) or match[2].endswith(_DOCUMENTATION)):
            return True
        suffix = match[2].rpartition(".")[2]
        bare = match[1] is None and not match[2].lower().startswith("www.")
        sentence_end = suffix[0].isupper() and not match[2].isupper()
        short = match[2].count(".") == 1
        code = suffix.lower() in _FILE_ENDINGS | _FIELDS or (match[2][1] == "." and pattern_text == match[2])
        if bare and suffix.lower() in _FILE_ENDINGS and match[2].split(".")[-2].isdigit():
            return True  # `core-2.8.1.zip`
        return bare and (sentence_end or (short and code))
