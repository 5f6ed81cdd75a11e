"""National identity numbers: a weak shape, proved by the country's own checksum (python-stdnum)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from presidio_analyzer import Pattern, PatternRecognizer
from stdnum.at import vnr
from stdnum.be import nn
from stdnum.bg import egn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.ee import ik
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs, utr
from stdnum.gr import amka
from stdnum.hr import oib
from stdnum.ie import pps
from stdnum.in_ import aadhaar, pan
from stdnum.it import codicefiscale
from stdnum.mx import curp
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.pt import nif
from stdnum.ro import cnp
from stdnum.se import personnummer
from stdnum.tr import tckimlik


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
    NationalId(
        "es",
        "DNI with dots",
        r"\d{2}\.\d{3}\.\d{3}-?[A-Z]",
        lambda text: dni.is_valid(text.replace(".", "")),
        True,
        ("dni", "nif"),
    ),
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
        "in",
        "Aadhaar",
        r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}",
        aadhaar.is_valid,
        False,
        ("aadhaar", "aadhar", "uidai"),
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
    NationalId("mx", "CURP", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d", curp.is_valid, True, ("curp",)),
    NationalId("nl", "BSN", r"\d{9}", bsn.is_valid, False, ("bsn", "burgerservicenummer")),
    NationalId("at", "VNR", r"\d{4} ?\d{6}", vnr.is_valid, False, ("versicherungsnummer", "svnr", "vnr")),
    NationalId(
        "be", "NN", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", nn.is_valid, True, ("national", "rijksregister")
    ),
    NationalId("be", "NN digits", r"\d{11}", nn.is_valid, False, ("rijksregisternummer", "niss", "insz")),
    NationalId("bg", "EGN", r"\d{10}", egn.is_valid, False, ("egn", "егн")),
    NationalId("ca", "SIN", r"\d{3}[ -]\d{3}[ -]\d{3}", sin.is_valid, False, ("sin",)),
    NationalId("ch", "AHV", r"756\.\d{4}\.\d{4}\.\d{2}", ahv.is_valid, True, ("ahv", "avs")),
    NationalId("cz", "rodné číslo", r"\d{6}/\d{4}", rc.is_valid, False, ("rodné", "rč")),
    NationalId("dk", "CPR", r"\d{6}-\d{4}", cpr.is_valid, False, ("cpr",)),
    NationalId("ee", "isikukood", r"[1-8]\d{10}", ik.is_valid, False, ("isikukood", "asmens")),
    NationalId("fi", "hetu", r"\d{6}[-+A]\d{3}[0-9A-FHJ-NPR-Y]", hetu.is_valid, True, ("hetu",)),
    NationalId("gb", "UTR", r"\d{5} ?\d{5}", utr.is_valid, False, ("utr",)),
    NationalId("gr", "AMKA", r"\d{11}", amka.is_valid, False, ("amka", "αμκα")),
    NationalId("hr", "OIB", r"\d{11}", oib.is_valid, False, ("oib",)),
    NationalId("ie", "PPS", r"\d{7}[A-W][A-IW]?", pps.is_valid, False, ("pps", "ppsn")),
    NationalId(
        "no", "fødselsnummer", r"\d{6} ?\d{5}", fodselsnummer.is_valid, False, ("fødselsnummer", "fnr")
    ),
    NationalId("pl", "PESEL", r"\d{11}", pesel.is_valid, False, ("pesel",)),
    NationalId("pt", "NIF", r"\d{3} ?\d{3} ?\d{3}", nif.is_valid, False, ("nif", "contribuinte")),
    NationalId("ro", "CNP", r"[1-8]\d{12}", cnp.is_valid, False, ("cnp",)),
    NationalId(
        "se",
        "personnummer",
        r"(?:\d{2})?\d{6}[-+]\d{4}",
        personnummer.is_valid,
        False,
        ("personnummer", "pnr"),
    ),
    NationalId("tr", "TCKN", r"[1-9]\d{10}", tckimlik.is_valid, False, ("kimlik", "tckn")),
)
"""Of European countries, Brazil, Canada, India and Mexico. Japan's, and those without a checksum, need their word before
them (spoken_label.py)."""


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
