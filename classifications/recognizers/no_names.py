"""What no name is: labels of forms, units of money, everyday words, codes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import regex

from classifications.gazetteers import (
    COUNTRY_WORDS,
    is_city,
    is_common,
    is_country,
    is_english,
    is_family,
    is_given,
)

# Labels of forms and units of money, which a model for prose takes for names.
_NO_NAMES = frozenset(
    "tel phone mobile fax email e-mail mail name address apt suite zip url id iban dob ssn ref re attn cc"
    " invoice order ticket account password username eur usd gbp chf jpy inr brl nan null none true false"
    " n/a md rn phd mba ba bsc msc bp hr htn dm2 mri ct ecg ekg icu er mrn nhs nhs no pt atm asap faq pin sms pdf csv"
    " json xml html http https sql api url uri ui ux ok todo etc cpu gpu ram usb vat hr it ceo cfo cto vp kpi roi"
    " iphone ipad android windows linux ubuntu chrome firefox safari excel python java driver holder passport patient"
    " customer client dob sex gender state city country street road phone"
    " sehr geehrte geehrter damen herren und un saludo cordialement mit freundlichen grüßen"
    " dni nif nie bsb tfn cpf cnpj pesel ifsc rut curp kyc vat eircode steuer-id"
    " loc tid bid qid prn npo spo2 nad wnl dea npi bic bsn chi rt dm thx txn err euh ean gtin upc isbn sku pos erp crm tél sv-nr cf hb bigint timestamp varchar kimlik steuer"
    " henkilötunnus fødselsnummer personnummer isikukood rijksregisternummer burgerservicenummer mstr mrs nino arr dep"
    " easter christmas eid ramadan diwali".split()
)
_DRAWN_OUT = regex.compile(r"(?i)([aeouy])\1\1|([^\W\dix])\2(?:\2\2|\2(?!\p{L}))")
_CODE = re.compile(r"[\"'],[\"']|_|\d{4,}|[0-9a-f]{8}-|[<>{}=|\\]")


def can_be_a_name(found: str) -> bool:
    """False for form labels, currency codes, everyday words, what has too few letters, and what has no
    capital unless lists know it: `kiran khan`, `japan`.
    """
    bare = found.strip(" .:#\n'’\"“”()")
    letters = sum(map(str.isalpha, bare))
    if letters < 2 or sum(map(str.isdigit, bare)) > letters or bare.count("(") != bare.count(")"):
        return False
    if not any(c.isupper() or (c.isalpha() and not c.islower()) for c in bare) and not _is_known(bare):
        return False
    if _CODE.search(bare) or _DRAWN_OUT.search(bare) or bare.lower() in _NO_NAMES:
        return False
    words = [word for word in bare.lower().split() if not word.replace("/", "").isdigit()]
    return not all(word in _NO_NAMES or (is_common(word) and not is_given(word)) for word in words)


def _is_known(small: str) -> bool:
    """A country, or one or two words, none an everyday one, that lists know as a name."""
    if is_country(small):
        return not is_common(small) and not is_given(small) and small not in COUNTRY_WORDS
    words = small.removesuffix("'s").removesuffix("’s").split()
    if len(words) > 2 or any(is_common(word) or not word.isalpha() for word in words):
        return False
    first, last = words[0], words[-1]
    if any(map(is_english, words)):
        return len(words) == 2 and is_given(first) and is_family(last)
    return (is_given(first) and (len(words) == 2 or not is_city(first))) or (
        len(words) == 2 and is_family(last)
    )


def is_of_a_dictionary(words: Sequence[str]) -> bool:
    """Whether all are English words or usual letters (`USB`), and none of them a name on a list."""
    bare = [word.strip(".,:;!?()'’\"&–—-") for word in words]
    return all(
        word.lower() in _NO_NAMES or (is_english(word) and not is_given(word) and not is_family(word))
        for word in bare
        if word
    )
