"""Is this a registrable internet domain? Answered from the list inside the package, never the network."""

from __future__ import annotations

import re
from functools import cache

import tldextract

_LABELS = re.compile(r"\A(?:[^\W_][\w-]{0,62}\.)+([^\W\d_]{2,24})\Z")
_FILE_ENDS = frozenset(
    "bmp css csv doc docx gif htm html jpeg jpg js json pdf png svg tgz txt webp xls xlsx xml".split()
)


@cache
def _extractor() -> tldextract.TLDExtract:
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def is_domain(host: str) -> bool:
    """True when `host` ends in a public suffix with a name before it."""
    found = _extractor()(host)
    return bool(found.domain and found.suffix)


def is_mail_host(host: str) -> bool:
    """Whether mail can go to `host`: a domain, or a name such as a company's own network has (`mail.corp`).

    What ends as files do is none: `icon@2x.png` is a picture.
    """
    private = _LABELS.match(host)
    return is_domain(host) or (private is not None and private[1].lower() not in _FILE_ENDS)
