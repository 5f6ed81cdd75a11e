"""IP addresses, and not version numbers of four parts."""

from __future__ import annotations

import ipaddress

import regex
from presidio_analyzer.predefined_recognizers import IpRecognizer

from classifications.recognizers.sifted import SiftedRecognizer

_VERSION = regex.compile(
    r"(?i)(?:\b(?:versions?|ver\.?|build|firmware|fw|release(?:[ \t]notes)?|revision|sections?|sect?\.|chapters?|clauses?|paragraphs?|driver|kernel|patch|roll(?:ed)?[ -]?back|upgraded?|updated?)"
    r"(?:[ \t](?:is|was|to|from))?[ \t:=#-]{1,3}|\bv)\Z"
)
_LOOK_BACK = 24


def _is_nobodys(address: str) -> bool:
    """The address of no machine, or of each for itself: `0.0.0.0`, `127.0.0.1`, `::1`."""
    try:
        known = ipaddress.ip_address(address.partition("/")[0])
    except ValueError:
        return False
    return known.is_unspecified or known.is_loopback


class NetworkAddressRecognizer(SiftedRecognizer, IpRecognizer):
    """Presidio's, without what a word right before calls a version.

    Near-misses: "build 5.1.0.22", "version: 1.2.3.4", "v10.0.19.1"; "server 10.0.19.1" is an address.
    """

    def stands(self, text: str, start: int, end: int) -> bool:
        """See `SiftedRecognizer`."""
        return not (_is_nobodys(text[start:end]) or _VERSION.search(text, max(0, start - _LOOK_BACK), start))
