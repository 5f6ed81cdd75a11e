"""National identity numbers: a weak shape, proved by the country's own checksum (python-stdnum)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from presidio_analyzer import Pattern, PatternRecognizer
from stdnum.br import cpf
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.in_ import aadhaar, pan
from stdnum.it import codicefiscale
from stdnum.nl import bsn


@dataclass(frozen=True)
class NationalId:
    """`certain` says that shape and checksum together leave no doubt; else a word must stand near it.

    `few_digits` says that a number of this kind can have fewer than six.
    """

    country: str
    name: str
    shape: str
    is_valid: Callable[[str], bool]
    certain: bool
    context: tuple[str, ...]
    few_digits: bool = False


NATIONAL_IDS = (
    NationalId("br", "CPF", r"\d{3}\.\d{3}\.\d{3}-\d{2}", cpf.is_valid, True, ("cpf",)),
    NationalId("br", "CPF digits", r"\d{11}", cpf.is_valid, False, ("cpf", "cadastro")),
    NationalId(
        "de", "IdNr", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", idnr.is_valid, False, ("steuer", "idnr", "tin", "tax")
    ),
    NationalId("es", "DNI", r"\d{8}-?[A-Z]", dni.is_valid, True, ("dni", "nif")),
    NationalId("es", "NIE", r"[XYZ]-?\d{7}-?[A-Z]", nie.is_valid, True, ("nie",)),
    NationalId(
        "fr",
        "NIR",
        r"[12] ?\d{2} ?\d{2} ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}",
        nir.is_valid,
        True,
        ("nir", "sécurité"),
    ),
    NationalId("gb", "NHS number", r"\d{3}[ -]?\d{3}[ -]?\d{4}", nhs.is_valid, False, ("nhs",)),
    NationalId(
        "gb",
        "NINO",
        r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]",
        lambda text: text[:2] not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"},
        False,
        ("nino", "insurance", "ni"),
    ),
    NationalId(
        "in", "Aadhaar", r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}", aadhaar.is_valid, False, ("aadhaar", "uidai")
    ),
    NationalId(
        "in",
        "PAN",
        r"[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]",
        pan.is_valid,
        False,
        ("pan", "tax"),
        few_digits=True,
    ),
    NationalId(
        "it",
        "codice fiscale",
        r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]",
        codicefiscale.is_valid,
        True,
        ("fiscale", "cf"),
    ),
    NationalId("nl", "BSN", r"\d{9}", bsn.is_valid, False, ("bsn", "burgerservicenummer")),
)


class NationalIdRecognizer(PatternRecognizer):
    """One kind of number. Score .9 where shape and checksum prove it, .2 where a word must lift it."""

    def __init__(self, kind: NationalId) -> None:
        self.kind = kind
        score = 0.9 if kind.certain else 0.2
        super().__init__(
            supported_entity="NATIONAL_ID",
            name=f"NationalId {kind.country} {kind.name}",
            patterns=[Pattern(kind.name, rf"(?<![\w.-]){kind.shape}(?![\w-])", score)],
            context=list(kind.context),
            country_code=kind.country,
        )

    def invalidate_result(self, pattern_text: str) -> bool:
        """True drops the match: the check digits are wrong."""
        return not self.kind.is_valid(pattern_text.upper())


def national_id_recognizers() -> list[NationalIdRecognizer]:
    """One recognizer for each kind of number in `NATIONAL_IDS`."""
    return [NationalIdRecognizer(kind) for kind in NATIONAL_IDS]
