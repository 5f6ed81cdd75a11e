"""City, region, postal code and country behind a street, on its line or on the lines below."""

from __future__ import annotations

from classifications.gazetteers import is_city, is_common
from classifications.recognizers.grammar import GrammarRecognizer, Rule
from classifications.recognizers.place import PLACE

# Between two parts: a comma, a blank, or a new line with whatever a mail program puts before it.
_GAP = r"[ \t]*(?:,[ \t]*\n?|\n)(?:[ \t]*\n)?[ \t]*(?:[>|?*#-]{1,4}[ \t]*)?,?[ \t]*(?:(?:nan|NULL|None|N/A)\b,?\s+)?"
_NUMBERED = (
    r"(?:(?:Apt|Suite|Ste|Unit|Flat|Box|Apartment|Floor|No|Nr)\b\.?[ \t]?#?[ \t]?\w{1,6}|(?<![\p{L}\p{M}.'’-])\p{L}[\p{L}\p{M}.'’-]{0,40}[ \t]\d{1,5}[A-Za-z]?\.?"
    r"|\d{1,5}[A-Za-z]?,?[ \t](?:[\p{L}\d][\p{L}\p{M}\d.'’-]{0,40}[ \t]){0,3}[\p{L}][\p{L}\p{M}.'’-]{0,40})"
)
_CITY = rf"(?P<LOCATION>{PLACE}(?: ?\([\p{{L}} ]{{2,30}}\))?)"
_COUNTRY = r"(?P<COUNTRY>\p{Lu}[\p{L}\p{M}]+(?:[ \t](?:of[ \t]|and[ \t])?\p{Lu}[\p{L}\p{M}]+){0,2}(?:[ \t]\(\p{L}+\))?)"
_REGION = r"(?P<REGION>\p{Lu}{2,3})"
_CODE = (
    r"(?P<POSTAL_CODE>\d{5}-\d{3,4}|\d{3}[ ]\d{2}|\d{2}-\d{3}|\d{3,6}|\d{4}[ ]?[A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]?[ ]\d[A-Z]{2}"
    r"|[A-Z]\d[A-Z][ ]\d[A-Z]\d)"
)
# A street without a word for its kind, which what follows makes one: `Nádražní 1155/8, 702 00 Ostrava`.
_HOUSE = (
    r"(?<![\p{L}\p{M}\d.'’-])(?P<STREET_ADDRESS>\p{Lu}[\p{L}\p{M}.'’-]+(?:[ ][\p{L}\p{M}.'’-]+){0,3}[ ]"
    r"\d{1,4}(?:[/-]\d{1,4}){0,2}[A-Za-z]?)"
)
_FLOOR = r"(?:,[ ](?:\d{1,2}\.?[ ]?(?:tv|th|mf|sal)\.?|bajos|\d{1,2}[ºª°][\w ºª°]{0,6}|(?:vh|bl|sc|ap|et|stan|byt)\.?[ ]\w{1,4})){0,3}"
_PREFECTURE = (
    r"(?:Aichi|Akita|Aomori|Chiba|Ehime|Fukui|Fukuoka|Fukushima|Gifu|Gunma|Hiroshima|Hokkaido|Hyogo|Ibaraki|Ishikawa|Iwate"
    r"|Kagawa|Kagoshima|Kanagawa|Kochi|Kumamoto|Kyoto|Mie|Miyagi|Miyazaki|Nagano|Nagasaki|Nara|Niigata|Oita|Okayama|Okinawa"
    r"|Osaka|Saga|Saitama|Shiga|Shimane|Shizuoka|Tochigi|Tokushima|Tokyo|Tottori|Toyama|Wakayama|Yamagata|Yamaguchi|Yamanashi)"
)
_INDIAN_STATE = (
    r"(?:Andhra[ ]Pradesh|Arunachal[ ]Pradesh|Assam|Bihar|Chhattisgarh|Delhi|Goa|Gujarat|Haryana|Himachal[ ]Pradesh|Jharkhand"
    r"|Karnataka|Kerala|Madhya[ ]Pradesh|Maharashtra|Manipur|Meghalaya|Mizoram|Nagaland|Odisha|Punjab|Rajasthan|Sikkim"
    r"|Tamil[ ]Nadu|Telangana|Tripura|Uttar[ ]Pradesh|Uttarakhand|West[ ]Bengal)"
)
_CURRENCIES = frozenset("AUD BRL CAD CHF CZK DKK EUR GBP INR JPY NOK PLN SEK USD".split())
_END = r"(?![\w-])"


def _is_word(value: str) -> bool:
    """No everyday word and no currency (`sold, 200 EUR`); numbers and short codes are not judged here."""
    return not is_common(value.strip()) and value not in _CURRENCIES


def _is_code_or_city(value: str) -> bool:
    """A code, or a city that lists know."""
    return value.replace(" ", "").isdigit() or is_city(value)


class AddressBlockRecognizer(GrammarRecognizer):
    r"""What follows a line with a house or flat number: "Apt. 3\nTampere\nFinland 33100", "…48, 44087 Münster".

    Near-misses: a number and a word that no city, region or code follows; a code after a plain sentence.
    """

    TOGETHER = True
    RULES = (
        Rule(rf"(?<![\w.,$€£#-])(?P<STREET_ADDRESS>\d{{1,4}}[A-Za-z]?,?[ ]\p{{Lu}}[\p{{L}}\p{{M}}'’-]+(?:[ ]\p{{Lu}}[\p{{L}}\p{{M}}'’-]+){{0,2}}),[ \n]{_CITY},?[ ](?P<POSTAL_CODE>[A-Z]{{1,2}}\d[A-Z\d]?[ ]\d[A-Z]{{2}}){_END}", 0.6, (",",), _is_word),
        Rule(rf"{_NUMBERED}{_GAP}{_CITY}(?:(?:{_GAP}|[ \t]){_REGION})?(?:(?:{_GAP}|[ \t]+){_COUNTRY})?(?:{_GAP}|[ \t]+){_CODE}{_END}", 0.6, (",", "\n"), _is_word),
        Rule(rf"{_NUMBERED}{_GAP}{_CODE}[ \t,]+{_CITY}(?=[ \t]*(?:[,.;\n]|$))(?:{_GAP}{_COUNTRY}(?=[ \t]*(?:[,.;\n]|$)))?", 0.6, (",", "\n"), _is_word),
        Rule(rf"{_NUMBERED}{_GAP}{_CITY}{_GAP}{_COUNTRY}(?=[ \t]*(?:[.;?\n]|$))", 0.4, ("\n",), _is_word),
        Rule(rf"(?:(?:Apt|Suite|Ste|Unit|Flat)\b\.?[ \t]?#?\w{{1,6}}){_GAP}{_CITY}(?=[ \t]*(?:[,;\n]|$))", 0.5, ("apt", "suite", "ste", "unit", "flat"), _is_word),
        Rule(rf"^[ \t>|?*]*{_COUNTRY}[ \t]{_CODE}[ \t]*$", 0.5, ("\n",), _is_word),
        Rule(rf"\b(?:[FADfad]PO|DPO)[ \t,]+(?P<REGION>AA|AE|AP)[ \t]{_CODE}{_END}", 0.7, ("po ",)),
        Rule(r"(?<=\p{Lu}[\p{L}\p{M}]{2,30},?[ \t])(?P<REGION>A[LKZR]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])(?=[ \t]+\d{5}\b|[ \t]*$)", 0.5),
        Rule(rf"(?<![\p{{L}}\p{{M}}'’.-])(?P<LOCATION>\p{{Lu}}[\p{{L}}\p{{M}}'’.-]{{1,40}}(?:[ \t]\p{{Lu}}[\p{{L}}\p{{M}}'’.-]{{1,40}}){{0,3}}),?[ \t](?:{_REGION})[ \t]\d{{5}}(?:-\d{{4}})?{_END}", 0.55, (), _is_word),
        Rule(rf"(?<![\w.,-])(?P<POSTAL_CODE>\d{{5}})[ \t](?P<LOCATION>{PLACE})[ ]\((?P<REGION>\p{{Lu}}{{2}})\)", 0.5, (), _is_word),
        Rule(rf"(?<![\w.,-])(?P<POSTAL_CODE>\d{{5}})[ \t]{{1,8}}(?P<LOCATION>{PLACE})(?=[ \t]*(?:[,.;:()|<\n]|$|[ \t]{{2}}))", 0.45, (), _is_code_or_city),
        Rule(rf"(?<![\w.,-])(?P<POSTAL_CODE>\d{{3}}[ ]\d{{2}})[ \t]{{1,3}}(?P<LOCATION>{PLACE})(?=[ \t]*(?:[,.;:()|<\n\t]|$))", 0.45, (), _is_code_or_city),
        Rule(rf"(?<![\w.,-])(?P<LOCATION>{PLACE})[ ]?[ ,-][ ]?(?P<POSTAL_CODE>[1-9]\d{{2}} ?\d{{3}})(?![\w.,-]*\d)", 0.45, (), _is_code_or_city),
        Rule(rf"(?<=,[ \n]|^)(?P<POSTAL_CODE>(?!(?:19|20)\d\d[ ])\d{{4}})[ ](?P<LOCATION>{PLACE})(?=[ ]\p{{Lu}}(?!\w)|[ \t]*(?:[–—,.;:!?()|<\n]|$)|[ ]\p{{Ll}})", 0.45, (), _is_code_or_city),
        Rule(rf"{_HOUSE}{_FLOOR},[ ]{_CODE}[ ](?P<LOCATION>{PLACE}(?:[ ]\p{{Lu}}(?!\w))?)", 0.55, (",",), _is_word),
        Rule(rf"{_HOUSE}{_FLOOR},[ ]{_CITY}[ ]{_CODE}{_END}", 0.55, (",",), _is_word),
        Rule(rf"(?<![\w'’-])(?P<REGION>{_INDIAN_STATE}),?[ -]{{1,3}}(?P<POSTAL_CODE>[1-9]\d{{2}} ?\d{{3}})(?![\w-])", 0.6),
        Rule(rf"{_HOUSE},[ ]{_CITY}(?=[ ]?[–—,.;)\n]|$)", 0.45, (",",), lambda value: any(map(str.isdigit, value)) or (is_city(value) and not is_common(value))),
        Rule(rf"(?<![\w'’-])(?:(?P<LOCATION>{PLACE}),[ ])?(?P<REGION>{_PREFECTURE}),?[ ](?P<POSTAL_CODE>\d{{3}}-\d{{4}})(?![\w-])", 0.6, ("-",)),
        Rule(r"(?<![\w.-])(?P<REGION>NSW|VIC|QLD|TAS|ACT)[ ,]{1,2}(?P<POSTAL_CODE>\d{4})(?![\w-])", 0.5, ("nsw", "vic", "qld", "tas", "act")),
        Rule(r"\bCEP[\s:]{1,3}(?P<POSTAL_CODE>\d{5}-?\d{3})(?![\w-])", 0.7, ("cep",)),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(["LOCATION", "REGION", "COUNTRY", "POSTAL_CODE", "STREET_ADDRESS"])
