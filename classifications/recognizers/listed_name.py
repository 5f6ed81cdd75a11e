"""People's names that word lists know, where the place in the text makes a name likely."""

from __future__ import annotations

from classifications.gazetteers import (
    KIN,
    has_family_ending,
    is_city,
    is_common,
    is_country,
    is_english,
    is_family,
    is_given,
)
from classifications.recognizers.grammar import GrammarRecognizer, Rule
from classifications.recognizers.names import FULL_NAME, WORD, could_be_a_name, like_a_name

_DOES = (
    r"(?:lives?|resides?|rang|phoned|called|said|says|told|asked|wrote|began|moved|works?|worked|lost|wants|wanted"
    r"|denies|denied|reports|complains|presents|presented|takes|was born|will call|paid|sent|flew|arrived|spent"
    r"|needs|listed|thinks|owes|replied|confirmed|had given|is from|is coming|are coming|planted|may call|will chase)"
)
_BEFORE = (
    r"(?:[Hh]ey|[Tt]hanks|[Ff]rom|[Bb]y|[Ww]ith|[Aa]nd|[Tt]ell|[Aa]sk|[Tt]o|[Cc]opy|[Tt]old|[Mm]et|[Uu]nlike[ \t]the"
    r"|fan[ \t]of|[Uu]nder)"
)
_RELATED = r"(?:wife|husband|son|daughter|mother|father|mum|mom|dad|brother|sister|parents|baby|phone|car|house|passport|laptop)"
_OWNED = (
    r"(?:wife|husband|son|daughter|mother|father|mum|mom|dad|brother|sister|parents|family|wedding|birthday|funeral"
    r"|house|flat|apartment|room|desk|car|phone|passport|account|email|e-mail|laptop|salary|boss|manager|baby|dog|cat"
    r"|surgery|appointment|contract|address|name|order|bill|turn|shift|team)"
)
# What people do, and months and seasons do not.
_LIVES = (
    r"(?:emailed|texted|posted|messaged|forgot|loves|hates|knows|drives|married|died|retired|signed|submitted|requested"
    r"|complained|left|visited|drew|cried|laughed|apologi[sz]ed|promised|agreed|refused|insists?|admitted|explained"
    r"|(?:is|was)[ \t](?:allergic|pregnant|furious|angry|sick|ill|asleep|away|married|on[ \t](?:leave|holiday|vacation|maternity)"
    r"|at[ \t]the[ \t]door|seen|discharged|admitted|transferred|my|his|our|their|waiting|asking|calling|your)"
    r"|(?:has|had)[ \t](?:been|asked|called|left|never|not|already)|would[ \t](?:never|like|love)|can['’]?t|cannot"
    r"|will[ \t](?:be[ \t](?:off|away|out|late|back|there|in|at|on)|ask|call|send|join|come|bring|drive|pick|check|chair|cover"
    r"|text|email|ring|meet|need|know|let[ \t]you)|covers[ \t](?:his|her|for|my|the)|has[ \t]applied"
    r"|couldn['’]t|didn['’]t|doesn['’]t|wasn['’]t|won['’]t|hasn['’]t)"
)
_TO_PEOPLE = (
    r"(?:ask|tell|told|asked|thank|remind|reminded|invite|invited|email|emailed|text|texted|gave|give|let|help|helped"
    r"|saw|met|does|did|when|if|because|whether|that|inform|informed|notify|notified|message|paid|owe|owes)"
)
_NOBODY = frozenset(
    "true false justice english christian april may june july august january summer autumn winter spring".split()
)
_SHORTEST = 4
_KIN = rf"(?:{'|'.join(KIN)})"


def _is_full(value: str) -> bool:
    """A given name and a family name, no company, and not an everyday word first."""
    words = value.replace(".", "").split()
    if has_family_ending(words[-1]) and like_a_name(value) and not is_common(words[0]):
        return True
    return (
        is_given(words[0])
        and (is_family(words[-1]) or has_family_ending(words[-1]) or not is_common(words[-1]))
        and like_a_name(value)
        and not (is_common(words[0]) or is_city(value) or is_country(value))
    )


def _is_first(value: str) -> bool:
    """A given name that is no everyday word, city or country."""
    return is_given(value) and not is_common(value) and not is_city(value) and not is_country(value)


def _is_only_family(value: str) -> bool:
    """A family name that is no word of a dictionary and no place."""
    known = is_family(value) or has_family_ending(value)
    return known and not is_english(value) and not is_city(value) and not is_country(value)


def _is_given_first(value: str) -> bool:
    return is_given(value.split(maxsplit=1)[0]) and could_be_a_name(value)


def _is_somebody(value: str) -> bool:
    """A given name, everyday word or not, that is no month or season."""
    return is_given(value) and value.lower() not in _NOBODY


def _is_unknown(value: str) -> bool:
    """Words that no list and no dictionary knows, written as a name is: one capital each."""
    return len(value) >= _SHORTEST and all(
        word[1:].isalpha()
        and word[1:].islower()
        and not is_english(word)
        and not is_city(word)
        and not is_country(word)
        for word in value.split()
    )


def _is_surely_first(value: str) -> bool:
    """A given name that is nothing else: no word of a dictionary, no place."""
    return _is_first(value) and len(value) >= _SHORTEST and not is_english(value) and not value.isupper()


class ListedNameRecognizer(GrammarRecognizer):
    """Reads "X lives in", "X: Hello", a line that is a name, "X, Y and Z", "X's wife", "thanks to X".

    Near-misses: "May is warm", "Paris in spring", "Grace period", headings, lists of things.
    """

    RULES = (
        Rule(rf"(?<![\w'’-])(?P<PERSON>{FULL_NAME})(?=,?[ \t](?:just[ \t]|once[ \t])?{_DOES}\b)", 0.45, (), _is_given_first),
        Rule(rf"^[\W_]{{0,6}}(?P<PERSON>{WORD}(?:[ \t]{WORD})?)(?=:[ \t]*[\"“\p{{L}}])", 0.45, (":",), _is_first),
        Rule(rf"^(?P<PERSON>{WORD}),[ \t](?=(?:please|can|could|would|will|do|are|thank)\b)", 0.45, (), _is_given_first),
        Rule(rf"(?:^[^\w\n]{{0,6}}|[ \t]{{3}}|>)(?P<PERSON>{WORD}[ \t](?:\p{{Lu}}\.?[ \t])?{FULL_NAME})(?=[ \t]*$|[ \t]{{3}}|<|[ ]\|)", 0.45, (), _is_full),
        Rule(rf"^(?P<PERSON>{WORD}[ \t]{FULL_NAME})(?=[ ]\|[ ]\p{{Lu}})", 0.45, ("|",), _is_given_first),
        Rule(rf"^(?:\d{{1,2}}[.)][ ])?(?P<PERSON>{WORD},[ ]{WORD})(?=[ ]{{2}}|[ \t]*$)", 0.45, (",",), lambda value: is_given(value.split()[-1]) and not is_english(value.split(",")[0])),
        Rule(rf"(?i:\b(?:present|apologies|attendees|absent|attending|in[ ]attendance)):[ ](?P<PERSON>{FULL_NAME})", 0.5, ("present:", "apologies:", "attendees:", "absent:", "attending:", "attendance:"), _is_given_first),
        Rule(rf"(?i:\bits)[ ](?P<PERSON>{WORD})(?=[ ](?:from|here)\b|[.,!])", 0.45, ("its ",), is_given),
        Rule(rf"(?i:\b(?:hey|hi|hello))[ ](?P<PERSON>{WORD})(?=[ ](?:can|could|please|pls|do|did|are|is|have|will|would|u|you|it|its|it's|just|i|i'm|thanks|thx|any|what|when|how)\b)", 0.45, ("hey ", "hi ", "hello "), is_given),
        Rule(rf"(?<=[:( \t])(?P<PERSON>{WORD})(?:,[ \t](?P<PERSON>{WORD})){{1,12}},?[ \t](?:and|or|&)[ \t](?P<PERSON>{WORD})", 0.45, (",",), _is_first),
        Rule(rf"(?<![\w'’-])(?P<PERSON>{WORD}[ \t](?:\p{{Lu}}\.?[ \t])?{WORD})(?![\w'’-])", 0.4, (), _is_full),
        Rule(rf"(?<=\b(?:I['’]m|I[ \t]am|[Tt]his[ \t]is|[Ii]t['’]s|[Hh]ere[ \t]is)[ \t])(?P<PERSON>{FULL_NAME})", 0.5, (), _is_given_first),
        Rule(rf"(?<=\b{_BEFORE},?[ \t])(?P<PERSON>{WORD})(?![\w'’-])(?![ \t]\p{{Lu}})", 0.4, (), _is_first),
        Rule(rf"(?<=[\p{{L}},;-][ -])(?P<PERSON>{WORD})(?![\w'’-]*[-\w])(?![ \t]\p{{Lu}})", 0.4, (), _is_only_family),
        Rule(rf"(?<![\w'’-])(?P<PERSON>{WORD})(?=['’]s[ \t]{_RELATED}\b)", 0.5, ("'s", "’s"), is_given),
        Rule(rf"(?<![\w'’-])(?P<PERSON>{WORD})(?=['’]s[ \t](?:\p{{Ll}}+[ \t])?{_OWNED}\b)", 0.5, ("'s", "’s"), _is_somebody),
        Rule(rf"(?<=\b(?i:ask|asked|tell|told|remind|invite|gave|sent|thank|let|email|text)[ \t])(?P<PERSON>{WORD})(?=[ \t](?:the|to|whether|if|that|about|his|her|my|back|for)\b)", 0.45, (), is_given),
        Rule(rf"(?<![\w'’-])(?P<PERSON>{WORD})(?=[ \t](?:just[ \t]|also[ \t]|never[ \t])?{_LIVES}(?!\w))", 0.45, (), _is_somebody),
        Rule(rf"(?<=\b(?i:{_TO_PEOPLE})[ \t])(?P<PERSON>{WORD})(?=[ \t]\p{{Ll}}|[.,!?;]|$)", 0.45, (), _is_somebody),
        Rule(rf"(?<![\w'’@#.-])(?P<PERSON>{WORD}(?:[ \t]{WORD})?)(?=[ \t](?:just[ \t]|also[ \t]|never[ \t])?(?:{_DOES}|{_LIVES})(?!\w))", 0.4, (), _is_unknown),
        Rule(rf"(?<=\b(?i:{_TO_PEOPLE})[ \t])(?P<PERSON>{WORD}(?:[ \t]{WORD})?)(?=[ \t]\p{{Ll}}|[.,!?;]|$)", 0.4, (), _is_unknown),
        Rule(rf"(?<![\w'’-])(?P<PERSON>{WORD})[ \t]and[ \t](?P<PERSON>{WORD})(?=[ \t](?:are|were|have|had|went|came|will|both)\b)", 0.45, (" and ",), _is_somebody),
        Rule(rf"(?<=\b(?i:{_KIN}),?[ \t])(?P<PERSON>{WORD}(?:[ \t]{WORD})?)(?![\w'’-])", 0.45, KIN, _is_given_first),
        Rule(rf"(?<=\p{{Ll}}[,;:]?[ \t])(?P<PERSON>{WORD})(?![\w-]|['’]\w(?<!['’]s))", 0.4, (), _is_surely_first),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(["PERSON"])
