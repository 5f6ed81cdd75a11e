"""Street addresses in the order that Americans write them and in the order that Europeans do."""

from __future__ import annotations

from presidio_analyzer import Pattern, PatternRecognizer

from classifications.gazetteers import CALENDAR, SHORT_CALENDAR

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
# Kinds of street of USPS Publication 28, appendix C1, that are other words too: believed without other signs
# only behind a number that is no year.
_RARE_SUFFIX = (
    r"(?:Alley|Arcade|Bayou|Beach|Bend|Bluffs?|Bottom|Branch|Bridge|Brooks?|Burgs?|Bypass|Camp|Canyon|Cape|Causeway"
    r"|Cent(?:er|re)s?|Cliffs?|Club|Common|Corners?|Course|Courts|Coves?|Creek|Crest|Crossroads?|Curve|Dale|Dam|Divide|Drives"
    r"|Estates?|Expressway|Extensions?|Falls|Ferry|Fields?|Flats?|Fords?|Forest|Forges?|Forks?|Fort|Freeway|Gardens?"
    r"|Gateway|Glens?|Greens?|Groves|Harbors?|Haven|Heights|Hills|Hollow|Inlet|Islands?|Isle|Junctions?|Keys?|Knolls?"
    r"|Lakes?|Land|Landing|Lights?|Locks?|Lodge|Mall|Manors?|Meadows?|Mills?|Mission|Motorway|Mountains?|Neck|Orchard"
    r"|Oval|Overpass|Parks?|Parkways|Pass|Passage|Path|Pines?|Plains?|Points|Ports?|Prairie|Radial|Ramp|Ranch|Rapids?"
    r"|Rest|Ridges|River|Roads|Route|Shoals?|Shores?|Skyway|Springs?|Spurs?|Squares|Station|Stravenue|Stream|Streets"
    r"|Summit|Throughway|Trace|Track|Trafficway|Tunnel|Turnpike|Underpass|Unions?|Valleys?|Via|Viaduct|Views?"
    r"|Villages?|Ville|Vista|Walks|Wall|Ways|Wells?)"
)
_CUE = (
    r"\b(?:(?:liv(?:es?|ed|ing)|resid(?:es?|ing)|stay(?:s|ing)?|meet(?:[ ]\w{1,12})?|located|restaurant[ ]is|offices?[ ](?:is|are)"
    r"|drops[ ]you[ ]off|stop|pick[ ]you[ ]up|house|place)[ ](?:at|in|on|is)|[Aa]ddress(?:es)?(?:[ ](?:is|to|with)|:)?"
    r"|(?:sent?|ships?|deliver(?:ed)?|return(?:ed)?|moved|one|it|goes)[ ]to|corner[ ]of|it[ ]is)[ \n]{1,5}"
)
_UNIT = (
    r"(?:,?\s{1,2}(?:Apt|Apartment|Appartamento|Piso|Puerta|Suite|Ste|Unit|Flat|Studio|Floor|Fl|Room|Rm|No|Nr|Bl|Sc|Ap|Et"
    r"|Bldg|Building|apt|suite)\b\.?\s?#?\s?\w{1,6}|,?\s#\s?\w{1,6})"
)
_GERMANIC_END = (
    r"(?:stra(?:ß|ss)e|str\.|str|gasse|weg|platz|allee|ufer|damm|ring|chaussee|straat|laan|gracht|plein|kade|singel"
    r"|gatan|gata|gaten|vägen|vegen|veien|vej|vei|gade|katu|kuja|tie|plads|torg|stræde|vegur|stígur|braut|steinen|hove|markt|dreef|lei)"
)
_ROMANCE_START = (
    r"(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Bb]d|[Pp]lace|[Cc]hemin|[Aa]llée|[Qq]uai|[Ii]mpasse|[Cc]ours|[Vv]ia|[Vv]iale"
    r"|[Pp]iazza|[Cc]orso|[Ll]argo|[Cc]alle|C/|[Aa]vda\.?|[Aa]venida|[Aa]v\.|[Pp]aseo|[Pp]laza|[Cc]arrera|[Rr]ua|R\."
    r"|[Tt]ravessa|[Pp]raça|[Ee]strada|[Uu]l\.|[Uu]lica|[Rr]ambla|[Gg]ran [Vv]ía|[Vv]icolo|[Bb]orgo|[Cc]anale|[Cc]ontrada"
    r"|[Pp]iazzale|[Ss]trada|[Aa]leea|[Bb]ulevardul|[ȘŞSșşs]oseaua|[Ss]plaiul|[Aa]leja|[Aa]l\.|[Pp]lac|[Pp]l\.|[Oo]s\."
    r"|[Cc]uesta|[Gg]lorieta|[Rr]onda|[Pp]asaje|[Cc]amino|[Tt]ravesía|[Cc]arretera|[Aa]lameda|[Tt]rg|[Cc]esta)"
)
_LINK = r"(?:de|del|della|delle|dei|di|da|do|dos|das|du|des|la|le|les|los|las|l['’-]|d['’-])"
_ROMANCE_NAME = rf"(?:{_LINK}[ -]?){{0,3}}{_WORD}(?: (?:(?:{_LINK} ){{0,2}}){_WORD}){{0,3}}"


_MONTHS = CALENDAR | SHORT_CALENDAR | {"weds"}
# Words with an ending of German street names, before a number that is a year or a count.
_CURRENCIES = frozenset(
    "aud brl cad chf czk dkk eur euro euros gbp inr jpy nok pln sek usd dollars pounds".split()
)
_LIKE_RINGS = frozenset(
    "during spring offering engineering hearing string monitoring gathering filtering rendering bearing steering"
    " restring ring referring wiring tie norway anyway highway subway gateway runway galway broadway"
    " underway pathway hallway railway".split()
)


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
            "hyphens, kind, number",
            r"(?<![\w-])\p{Lu}[\p{L}\p{M}]+(?:-\p{Lu}[\p{L}\p{M}]+){1,3}(?<=-(?:Str|Straße|Strasse|Weg|Platz|Allee|Gasse|Ring|Ufer|Damm))\.?"
            r"\s\d{1,4}(?:\s?[a-z])?\b(?:\s?[-–/]\s?\d{1,4})?",
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
            r"\b(?i:(?:PSC|CMR|Unit)\s\d{1,5},?\sbox\s\d{1,5}\b(?:\s(?:APO|FPO|DPO)\s(?:AA|AE|AP)\s\d{5})?)",
            0.8,
        ),
        Pattern(
            "unit alone", r"(?<![\w-])(?:[Aa]pt|[Aa]partment|[Ss]uite|Ste)\b\.?\s#?\s?\d{1,5}[A-Za-z]?\b", 0.6
        ),
        Pattern(
            "number, name, rarer kind of street",
            rf"(?<![\w.,$€£#-])(?!(?:19|20)\d\d\s)\d{{1,6}}[A-Za-z]?\s{_NO_STREET}(?:{_WORD}\s){{1,3}}{_RARE_SUFFIX}\b{_UNIT}{{0,2}}",
            0.6,
        ),
        Pattern(
            "name, Slavic or Turkish or Hungarian kind, number",
            rf"(?<![\w-])(?:{_WORD}\s){{1,3}}(?:ulica|ul\.|cesta|trg|utca|u\.|út|útja|tér|körút|rkp\.|sokak|sokağı|caddesi|cad\.|mahallesi|tee|põik|tänav"
            rf"|gate|vei|iela|gatvė),?\s\d{{1,4}}[A-Za-z]?\b\.?{_UNIT}{{0,2}}",
            0.7,
        ),
        Pattern(
            "number, name, number",
            rf"(?<![\w.,$€£#-])\d{{1,6}}[ ](?:\p{{Ll}}{{1,3}}[ ])?(?:{_WORD}[ ](?:\p{{Ll}}{{1,3}}[ ])?){{1,3}}\d{{1,5}}\b\.?(?=\s*(?:,|\n|$|\?|St\.)|{_UNIT}){_UNIT}{{0,2}}",
            0.5,
        ),
        Pattern(
            "after words for a place",
            rf"(?<={_CUE})(?:\d{{1,6}}\s)?(?:{_WORD}\s|\p{{Ll}}{{1,3}}\s){{0,4}}{_WORD}\s\d{{1,5}}[A-Za-z]?\b{_UNIT}{{0,2}}",
            0.55,
        ),
        Pattern(
            "number and name after words for a place",
            rf"(?<={_CUE})\d{{1,6}}[A-Za-z]?,?\s(?:\d{{1,4}}\s)?(?:{_WORD}|\p{{Ll}}{{1,3}})(?:\s(?:{_WORD}|\p{{Ll}}{{1,3}}))*+{_UNIT}{{0,2}}",
            0.55,
        ),
        Pattern(
            "plot, block, name",
            rf"(?<![\w-])(?:(?:Plot|Block|House|Flat|Door|Villa|Shop|Sector|Phase|Tower|Wing|Stand)\s(?:No\.?\s)?(?:\d{{1,5}}|[A-Z](?!\w))"
            rf"[\w/-]{{0,5}},\s){{1,4}}{_WORD}(?:[ ]{_WORD}){{0,3}}",
            0.6,
        ),
        Pattern(
            "corner",
            rf"\bthe\scorner\sof\s(?:{_WORD}|\d{{1,5}})(?:\s(?:{_WORD}|\d{{1,5}}|\p{{Ll}}{{1,3}})){{0,4}}\sand\s(?:{_WORD}|\d{{1,5}}|ten)(?:\s(?:{_WORD}|\d{{1,5}}|\p{{Ll}}{{1,3}})){{0,3}}",
            0.6,
        ),
        Pattern(
            "ship", r"\b(?:USS|USNS|USNV|USCGC|Uss|Usns|Usnv)\s\p{Lu}[\p{L}\p{M}'’-]+(?=\s+[FAD]PO\b)", 0.7
        ),
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

    def invalidate_result(self, pattern_text: str) -> bool:
        """True drops the match: a month, a year or a currency stands where a street's name or number should."""
        words = pattern_text.replace(",", " ").split()
        if any(word.lower().strip(".") in _MONTHS | _CURRENCIES for word in words):
            return True
        return len(words) == 2 and words[0].lower() in _LIKE_RINGS
