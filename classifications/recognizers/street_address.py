"""Street addresses in the order that Americans write them and in the order that Europeans do."""

from __future__ import annotations

from presidio_analyzer import Pattern, PatternRecognizer

_NUMBER = r"\d{1,6}(?:\s?[-–/]\s?\d{1,4})?(?:\s?[A-Za-z])?"
# "24 Hour Service Way", "3 Day Drive", "2019 The Long Way": the number counts something else.
_NO_STREET = r"(?!(?:Hour|Day|Minute|Min|Second|Week|Month|Year|Mile|Star|Dollar|Percent|Way|Part)s?\b|The\s)"
_WORD = r"(?:\p{Lu}[\p{L}\p{M}.'’-]{0,24}|\d{1,3}(?:st|nd|rd|th))"
_COMPASS = r"(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.?"
_SUFFIX = (
    r"(?:Street|St|Avenue|Ave|Av|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter"
    r"|Way|Circle|Cir|Parkway|Pkwy|Highway|Hwy|Close|Crescent|Cres|Trail|Trl|Alley|Row|Mews|Gardens|Grove|Hill"
    r"|Walk|Wharf|Quay|Loop|Pike|Plaza|Run|Ridge|Point|Crossing|Esplanade|Parade)"
)
_UNIT = (
    r"(?:,?\s{1,2}(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|Room|Rm|No|Nr|Bldg|Building)\b"
    r"\.?\s?#?\s?\w{1,6}|,?\s#\s?\w{1,6})"
)
_GERMANIC_END = (
    r"(?:stra(?:ß|ss)e|str\.|str|gasse|weg|platz|allee|ufer|damm|ring|chaussee|straat|laan|gracht|plein|kade|singel"
    r"|gatan|gata|gaten|vägen|vegen|veien|vej|vei|gade|katu|katu|tie|plads|torg)"
)
_ROMANCE_START = (
    r"(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Bb]d|[Pp]lace|[Cc]hemin|[Aa]llée|[Qq]uai|[Ii]mpasse|[Cc]ours|[Vv]ia|[Vv]iale"
    r"|[Pp]iazza|[Cc]orso|[Ll]argo|[Cc]alle|C/|[Aa]vda\.?|[Aa]venida|[Aa]v\.|[Pp]aseo|[Pp]laza|[Cc]arrera|[Rr]ua|R\."
    r"|[Tt]ravessa|[Pp]raça|[Ee]strada|[Uu]l\.|[Uu]lica|[Rr]ambla|[Gg]ran [Vv]ía)"
)
_LINK = r"(?:de|del|della|delle|dei|di|da|do|dos|das|du|des|la|le|les|los|las|l['’-]|d['’-])"
_ROMANCE_NAME = rf"(?:{_LINK}[ -]?){{0,3}}{_WORD}(?: (?:(?:{_LINK} ){{0,2}}){_WORD}){{0,3}}"


class StreetAddressRecognizer(PatternRecognizer):
    """House number and street.

    "1600 Pennsylvania Ave NW, Apt. 4", "Luisenstr. 48", "Obere Str. 57", "59 rue de l'Abbaye",
    "Via Roma, 12", "P.O. Box 78". Near-misses: "Wall Street" alone (no number), "5 Way Tie", "3 Dr
    visits", "24 Hour Way of life" (a lower-case word between), a year before a street's name.
    """

    PATTERNS = [
        Pattern(
            "number, name, kind of street",
            rf"(?<![\w.,$€£#-]){_NUMBER},?\s(?:-\s)?{_NO_STREET}(?:{_COMPASS}\s)?(?:{_WORD}\s){{1,4}}{_SUFFIX}\b\.?(?:\s{_COMPASS}(?!\w))?{_UNIT}{{0,2}}",
            0.7,
        ),
        Pattern(
            "numbered street",
            rf"(?<![\w.,$€£#-]){_NUMBER},?\s(?:-\s)?(?:{_COMPASS}\s)?\d{{1,3}}(?:st|nd|rd|th)\s{_SUFFIX}\b\.?(?:\s{_COMPASS}(?!\w))?{_UNIT}{{0,2}}",
            0.8,
        ),
        Pattern(
            "name with its kind, number",
            rf"(?<![\w-])(?:{_WORD}\s)?\p{{Lu}}[\p{{L}}.-]{{1,30}}?{_GERMANIC_END}\s\d{{1,4}}(?:\s?[a-zA-Z])?\b(?:\s?[-–/]\s?\d{{1,4}})?{_UNIT}{{0,2}}",
            0.7,
        ),
        Pattern(
            "name, kind, number",
            rf"(?<![\w-]){_WORD}\s(?:Str\.|Straße|Strasse|Weg|Platz|Allee|Gasse)\s\d{{1,4}}(?:\s?[a-z])?\b",
            0.7,
        ),
        Pattern(
            "number before kind",
            rf"(?<![\w.,$€£#-])\d{{1,5}}(?:\s?(?:bis|ter))?,?\s{_ROMANCE_START}\s{_ROMANCE_NAME}",
            0.7,
        ),
        Pattern(
            "kind, name, number",
            rf"(?<![\w-]){_ROMANCE_START}\s{_ROMANCE_NAME},?\s(?:n[º°o.]{{0,2}}\s?)?\d{{1,5}}\b(?:\s?[-–/]\s?\d{{1,4}})?{_UNIT}{{0,2}}",
            0.7,
        ),
        Pattern(
            "number, name, unit",
            rf"(?<![\w.,$€£#-])\d{{1,6}}\s(?:{_WORD}\s){{1,4}}(?:\d{{1,4}})?{_UNIT}",
            0.6,
        ),
        Pattern(
            "military box",
            r"\b(?:PSC|CMR|Unit)\s\d{1,5},?\s(?:Box|BOX)\s\d{1,5}\b(?:\s(?:APO|FPO|DPO)\s(?:AA|AE|AP)\s\d{5})?",
            0.8,
        ),
        Pattern("unit alone", r"(?<![\w-])(?:Apt|Apartment|Suite|Ste)\b\.?\s#?\s?\d{1,5}[A-Za-z]?\b", 0.6),
        Pattern("post box", r"\b(?:P\.?\s?O\.?\s?Box|Postfach|Apartado|Casella Postale)\s\d{1,8}\b", 0.8),
        Pattern(
            "number and name",
            rf"(?<![\w.,$€£#-])\d{{1,5}}\s{_WORD}(?:\s{_WORD}){{0,3}}(?=\s*(?:,|\n|$))",
            0.2,
        ),
    ]
    CONTEXT = [
        "address",
        "live",
        "lives",
        "living",
        "reside",
        "resides",
        "located",
        "ship",
        "deliver",
        "street",
    ]

    def __init__(self) -> None:
        # Flags 0: capitals mark the street's name.
        super().__init__(
            supported_entity="STREET_ADDRESS",
            patterns=self.PATTERNS,
            context=self.CONTEXT,
            global_regex_flags=0,
        )
