"""Who must not be named in a tenant's bundle: the other tenants, and datasets that this one has not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from policy.bundle import PolicyBundle

_WORD = re.compile(r"[A-Za-z0-9_]+")


class Others:
    """Names that a bundle may not hold: single words are looked for as whole words, others as they are."""

    def __init__(self, names: Iterable[str]) -> None:
        every = set(names)
        self._words = frozenset(name for name in every if _WORD.fullmatch(name))
        self._phrases = tuple(sorted(every - self._words))

    def named_in(self, text: str) -> bool:
        """Whether the text names one of them."""
        return not self._words.isdisjoint(_WORD.findall(text)) or any(name in text for name in self._phrases)


def others_of(tenant: str, bundles: Sequence[PolicyBundle], known: Iterable[str] = ()) -> Others:
    """The others, as seen from `tenant`, by the policies of all these times.

    `known` are tenants beside those of the policies. A dataset that the tenant ever had is its own.
    """
    tenants = {*known}.union(*(bundle.tenants for bundle in bundles)) - {tenant}
    names = {one.name for bundle in bundles for one in bundle.tenants.values() if one.id != tenant}
    own = {tenant} | {bundle.tenants[tenant].name for bundle in bundles if tenant in bundle.tenants}
    held = {one for bundle in bundles for one in bundle.datasets if bundle.contract_for(tenant, one)}
    datasets = {one for bundle in bundles for one in bundle.datasets} - held
    return Others((tenants | names | datasets) - own)
