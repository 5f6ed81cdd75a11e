"""Is this a registrable internet domain? Answered from the list inside the package, never the network."""

from __future__ import annotations

from functools import cache

import tldextract


@cache
def _extractor() -> tldextract.TLDExtract:
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def is_domain(host: str) -> bool:
    """True when `host` ends in a public suffix with a name before it."""
    found = _extractor()(host)
    return bool(found.domain and found.suffix)
