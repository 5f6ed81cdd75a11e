"""Numbers and accounts that a sentence names: "my passport number is …", "user jdoe", "MRN 00412"."""

from __future__ import annotations

from stdnum.jp import in_ as my_number

from classifications.gazetteers import is_english
from classifications.recognizers.grammar import GrammarRecognizer, Rule

_IS = (
    r"(?i:[ \t]?(?:numbers?|no|nr|num|ids?|code|#))?[.:#]{0,2}(?:[ \t]?\.{3,40})?[ \t]{0,3}(?:(?:is|was|=)[ \t]{1,3})?[:#]?[ \t]{0,2}"
    r"[\"'“‘`(#]{0,2}"
)
_ID = r"(?=[A-Za-z]{0,6}[ -]?\d)[A-Za-z0-9](?:[ /-]?[A-Za-z0-9]){4,20}?(?=[\s.,;:!?)\]\"'’”`*<|]|$)"
_LICENCE = r"(?i:\b(?:(?:driver['’]?s?|driving)[ \t](?:licen[cs]e|permit)|dl(?=[ \t](?:number|no|#))|licen[cs]e(?=[ \t](?:number|no|#))|(?<=[(,;][ \t]?)licen[cs]e(?=[ \t][A-Z]{0,4}\d{5})))"
_USER = r"(?i:\b(?:user(?:[ \t]?name)?|login|log-in|account[ \t]name|handle|screen[ \t]name))"
_SITE = r"(?i:\b(?:insta(?:gram)?|telegram|skype|discord|twitter|tiktok|snap(?:chat)?|github|whatsapp|handle|nick(?:name)?|slack|teams|viber|wechat|signal))"
_LOGIN = r"(?=[\w.-]*[\d_.]|[a-z]{5,})[a-z][\w.-]{2,30}\w"
_AFTER_LOGIN = r"(?=[\"'`]?(?:[ \t](?:was|is|has|from|logged|failed|changed|created|deleted|reset|signed|tried|updated|at|on|and|add|[(–—|-])|[.,;)<]|[ \t]*$))"
# Numbers that an office or a firm gives to a person; those of orders, tickets and jobs are nobody's.
_PEOPLE = (
    r"(?:employee|staff|payroll|personnel|student|pupil|member(?:ship)?|cust(?:omer|\.)?|client|subscriber|voter|user"
    r"|badge|loyalty(?:[ \t]card)?|library[ \t]card|frequent[ \t]flyer|policyholder|policy|crew|volunteer)"
)
_INSURED = r"(?:insurance|medicare|medicaid|health[ \t]plan(?:[ \t]beneficiary)?|health[ \t]card|beneficiary|member[ \t]plan)"
_NUMBER = r"(?=[ \t](?:id|ids|no|nr|number|numbers|code|#)\b|#)"
_NOT_A_THINGS = r"(?<!\b(?:order|product|item|ticket|transaction|case|job|session|batch|request|tracking|event|tender|process)[ \t])"
_CHOSEN = r"(?=[^\s\d]*\d)(?=[^\s\p{L}]*\p{L})[^\s\"'“”‘’`<>()]{6,64}?"
_CARD = r"\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\w-])"


def _has_digits(value: str) -> bool:
    return sum(map(str.isdigit, value)) >= 4


def _has_some_digits(value: str) -> bool:
    return sum(map(str.isdigit, value)) >= 3


def _is_login(value: str) -> bool:
    return _has_signs(value) or not is_english(value)


def _has_signs(value: str) -> bool:
    return any(c in "._0123456789" for c in value)


def is_no_path(value: str) -> bool:
    """False for a folder: `PWD` is also what a shell calls the one that it is in."""
    return not value.startswith("/")


def _is_chosen(value: str) -> bool:
    """Letters and digits with a sign, or of both cases: no date, amount or number of a thing."""
    letters = [c for c in value if c.isalpha()]
    mixed = any(c.islower() for c in letters) and any(c.isupper() for c in letters)
    return len(letters) > 2 and (mixed or any(c in "!#$%&*+?@^_~" for c in value))


def _is_secret(value: str) -> bool:
    return is_no_path(value) and not (value.isalpha() and value.islower())


class SpokenLabelRecognizer(GrammarRecognizer):
    """An id right after the words for it.

    Near-misses: "passport to success", "order number 1234567", "account closed", "user accounts are",
    "password reset", "order id 88213".
    """

    RULES = (
        Rule(rf"{_LICENCE}{_IS}(?P<DRIVER_LICENSE>{_ID})", 0.7, ("licen", "permit", "dl "), _has_digits),
        Rule(rf"(?i:\bpassport){_IS}(?P<PASSPORT>{_ID})", 0.7, ("passport",), _has_digits),
        Rule(rf"(?i:\bpassport\b[^\n.;]{{1,40}}\b(?:no\.?|number))[ ](?P<PASSPORT>{_ID})", 0.6, ("passport",), _has_digits),
        Rule(rf"(?i:\b(?:mrn|med(?:ical)?[ \t]rec(?:ord)?s?|hosp(?:ital|\.)?[ \t]n(?:o|umber)|(?:patient|chart)[ \t_](?:id|no|number|ref)|urn|chart(?=[ \t][A-Z]?-?\d{{4}}))\b){_IS}(?P<MEDICAL_RECORD>{_ID})", 0.7, ("mrn", "rec", "hosp", "patient", "chart", "urn"), _has_digits),
        Rule(r"(?<![\w-])(?P<MEDICAL_RECORD>MRN-?\d{5,10})(?![\w-])", 0.6, ("mrn",)),
        Rule(rf"(?i:\b(?:bank[ \t]|checking[ \t]|savings[ \t]|my[ \t])?acc(?:oun)?t(?=[ \t](?:number|no|nr|#)|[:#]|[ \t]\d{{4}}[ -]?\d{{3}})|\bacc(?=:)|\ba/c|\bbank[ \t]account|\b(?:savings|checking|chequing)(?=[ \t]\d)|\brouting|\bsort[ \t]code){_IS}(?P<BANK_ACCOUNT>{_ID})", 0.6, ("acc", "a/c", "routing", "sort code", "ings ", "king ", "quing "), _has_digits),
        Rule(r"(?<![\w-])(?P<BANK_ACCOUNT>\d{2}-\d{2}-\d{2}[ ,/]{1,3}\d{8})(?![\w-])", 0.6, ("-",)),
        Rule(r"(?i:\b(?:kontonr|konto(?:nummer)?|bsb|reg\.(?=[ ]\d{4}[ ]konto)))[.:]?[ ]{1,2}(?P<BANK_ACCOUNT>\d{3,4}(?:[ .-]?\d{2,7}){0,2})(?![\w-])", 0.6, ("konto", "bsb")),
        Rule(rf"(?i:\b(?:national[ \t](?:id|insurance|no(?=\W)|number)|ni(?=[ \t](?:number|no))|tax(?:payer)?[ \t](?:id|number)|steuer-?id(?:nr)?|identity[ \t]card|id[ \t]card|citizen[ \t]id|(?:turkish|swiss|german|french|spanish|italian|estonian|bulgarian|croatian|chinese|indian)[ \t]id|social[ \t]security|ssn|tin|nin|aadhaa?r|pan(?=[ \t](?:card|number|no))(?:[ \t]card)?|voter[ \t]id)\b){_IS}(?P<NATIONAL_ID>{_ID})", 0.6, ("national", "tax", "steuer", "ni n", "card", "citizen", "ish id", "an id", "iss id", "ese id", "ench id", "social", "ssn", "tin", "nin", "aadha", "pan ", "voter"), _has_digits),
        Rule(rf"\b(?:NRIC|HKID|TFN|CURP|(?i:pesel)|CNP|PPSN?|NINO|SIN|TAJ|AFM|AMKA|EMŠO|EMSO|JMBG|OIB|EGN|UTR|CCCD|CNIC|RUT|SV-?Nr\.?|f\.[ ]?nr\.|a\.k\.){_IS}(?P<NATIONAL_ID>{_ID})", 0.6, (), _has_digits),
        Rule(rf"(?i:\b(?:ni(?:no)?|national[ \t]insurance)\b){_IS}(?P<NATIONAL_ID>[A-Z]{{2}}(?:[ ]?\d\d){{3}}[ ]?[A-D])(?!\w)", 0.7, ("ni", "insurance")),
        Rule(r"(?i:\b(?:ssn|social[ \t]security)\b)[^\d\n]{0,12}(?P<NATIONAL_ID>\d(?:[ -]{1,3}\d){8})(?![\w-])", 0.7, ("ssn", "social")),
        Rule(rf"(?i:\b(?:npi|national[ \t]provider[ \t]id\w*|dea)\b){_IS}(?P<NATIONAL_ID>\d{{10}}|[A-Z]{{2}}\d{{7}})(?!\w)", 0.7, ("npi", "provider", "dea")),
        Rule(rf"{_NOT_A_THINGS}(?i:\bid(?=[ \t](?:number|no)\b)){_IS}(?P<NATIONAL_ID>{_ID})", 0.5, ("id n",), _has_digits),
        Rule(rf"(?i:\b{_INSURED}{_NUMBER}){_IS}(?P<INSURANCE_ID>{_ID})", 0.6, ("insurance", "medica", "health", "beneficiary"), _has_some_digits),
        Rule(rf"(?i:\b{_PEOPLE}{_NUMBER}|\bbadge){_IS}(?P<UNIQUE_ID>{_ID})", 0.6, (" id", " no", " num", " nr", " code", "#", "badge"), _has_some_digits),
        Rule(rf"(?i:\b(?:licen[cs]e|number)[ \t]plates?|\b(?:vehicle[ \t])?reg(?:istration)?(?=[ \t](?:no|number|plate)|:)|\bvehicle[ \t]reg(?:istration)?){_IS}(?P<LICENSE_PLATE>(?=[A-Z]{{0,4}}[ -]?\d)[A-Z\d]{{1,4}}(?:[ -]?[A-Z\d]{{1,4}}){{1,2}})(?![\w-])", 0.6, ("plate", "reg"), lambda value: any(map(str.isdigit, value))),
        Rule(rf"(?i:\bcard[ \t](?:number|no|#)){_IS}(?P<CREDIT_CARD>{_CARD})", 0.6, ("card n", "card #")),
        Rule(rf"{_USER}[ \t]{{1,2}}(?:is[ \t]|stays[ \t]|was[ \t]|named[ \t]|:[ \t]?)?[\"'`]?(?P<USERNAME>{_LOGIN}){_AFTER_LOGIN}", 0.5, ("user", "login", "log-in", "handle", "name"), _is_login),
        Rule(rf"{_SITE}(?:[ \t](?:name|id|handle|account|user))?(?:[ \t]is[ \t]|[ \t]?:[ \t]?)[\"'`]?(?P<USERNAME>{_LOGIN}){_AFTER_LOGIN}", 0.5, (), _is_login),
        Rule(rf"(?i:\b(?:password|account|login)[ \t](?:for|of))[ \t]{{1,2}}[\"'`]?(?P<USERNAME>{_LOGIN})(?![\w@-])", 0.5, ("password", "account", "login"), _has_signs),
        Rule(r"(?i:\b(?:password|passwd|pwd|passcode))(?:[ \t](?:is|was)[ \t]|[ \t]?[:=][ \t]?)[\"'`]?(?P<PASSWORD>[^\s\"'`<>]{4,64}?)(?=[\"'`<;]|[.,]?(?:\s|$))", 0.6, ("pass", "pwd"), _is_secret),
        Rule(r"(?i:\bpassword)[ \t]{1,2}(?:[\"'“‘`](?P<PASSWORD>[^\n\"'“”‘’`<>]{4,64})[\"'”’`]|(?P<PASSWORD>(?=[^\s\d]*\d)(?=[^\s\p{L}]*\p{L})[^\s\"'`<>]{6,64}?)(?=[.,;)]?(?:\s|$)))", 0.6, ("password",), _is_secret),
        Rule(r"(?i:\b(?:chang|updat|reset|set)\w{0,4}[ \t](?:\w{2,5}[ \t])?password[ \t]to)[ \t](?P<PASSWORD>[^\s\"'`<>]{4,64}?)(?=[.,;)]?(?:\s|$))", 0.6, ("password to",), lambda value: any(map(str.isdigit, value))),
        Rule(rf"(?i:\b(?:pass?w(?:or)?d|passphrase|passcode|pw|wi-?fi)\b)[^\n.;?!]{{1,40}}?(?:\b(?:is|was)(?:[ \t](?:now|still))?[ \t]{{1,2}}|[\"'“‘`(]{{1,2}})(?P<PASSWORD>{_CHOSEN})(?=[\"'”’`)]|[.,;!?]?(?:\s|$))", 0.5, ("pas", "pw", "fi"), _is_chosen),
        Rule(r"(?i)(?:(?<![a-z])(?:pw|pwd|pass(?:w(?:or)?d)?)|(?<=[?&])p)=[\"']?(?P<PASSWORD>(?!\$)[^\s&\"'<>;,]{4,64})", 0.6, ("p=", "pw=", "pwd=", "pass=", "passwd=", "password="), is_no_path),
        Rule(r"(?i)(?<=[?&])(?:u|uid|user(?:name)?|login)=(?P<USERNAME>[^\s&\"'<>;,#%]{3,64})", 0.6, ("u=", "uid=", "user=", "username=", "login="), _is_login),
        Rule(r"(?i:\b(?:failed|accepted|invalid)[ \t]\w{1,30}(?:[ \t]for)?[ \t](?:(?:invalid|illegal)[ \t]user[ \t])?)(?P<USERNAME>[a-z][\w.-]{2,30})(?=[ \t]from[ \t][\da-f])", 0.5, (" from ",), _is_login),
        Rule(r"(?i:\b(?:user|login|account)[ -]?(?:id|name)?(?:[ \t]is|:))[ \t](?P<USERNAME>(?=[A-Z]*\d)[A-Z][A-Z\d]{3,20})(?![\w-])", 0.5, ("user", "login", "account")),
        Rule(r"(?i:\b(?:login|user(?:name)?|account)[ \t](?:created|set[ \t]up|added|reset|locked|unlocked|name))[ \t]?:[ \t](?P<USERNAME>[a-z][\w.-]{2,30}\w)(?![\w@-])", 0.5, ("login", "user", "account"), _is_login),
        Rule(r"(?i:\b(?:acct|account|reporter|assignee|opened[ \t]by|add[ \t]me|dm(?:[ \t]me)?|usern\w{2,4}))[\"']?[ \t]?(?::|is\b|=)?[ \t]?[\"']?(?P<USERNAME>(?=[a-z._\d]{0,30}[a-z])[a-z][a-z\d]{0,20}[._][a-z\d._]{1,20})(?![\w@-])", 0.5, ("acc", "reporter", "assignee", " by", "me", "dm", "usern"), _has_signs),
        Rule(r"(?i:(?<=[._])user(?:name)?)[ ]?=[ ]?[\"']?(?P<USERNAME>(?!\$)[A-Za-z][\w.-]{2,30})(?![\w@$-])", 0.5, ("user",), _is_login),
        Rule(r"\buid=(?P<USERNAME>[a-z][\w.-]{2,30})(?=,)", 0.5, ("uid=",)),
        Rule(r"(?i:class=[\"'](?:[\w-]{1,20}[ -])?(?:author|user(?:name)?|nick(?:name)?|handle|login)[\"']>)(?P<USERNAME>(?=[\w.-]*[\d_])[\w.-]{3,40})(?=[<\s]|$)", 0.5, ("class=",)),
        Rule(r"(?m:^)\[\d{1,2}:\d{2}\][ ]<?(?P<USERNAME>\p{Ll}[\w.-]{2,30})>?(?=:[ ])", 0.5, ("]",), _has_signs),
        Rule(r"\b(?i:my[ \t]number)[ \t:]{1,3}(?:is[ \t])?(?P<NATIONAL_ID>\d{4}[ -]?\d{4}[ -]?\d{4})(?![\w-])", 0.6, ("my number",), my_number.is_valid),
        Rule(r"(?<=\d\.\d{1,3}[ ]\S{1,60}[ ])(?P<USERNAME>[a-z][\w.@-]{1,60})(?=[ ]\[\d{1,2}/)", 0.6, (" [",)),
        Rule(r"(?<=(?i:\b\d{1,3}(?:[- ]?(?:years?|yrs?)[- ]old|[ ]?y/?o)|\b(?:aged?|old)[ ]\d{1,3})[ ,]{1,2})(?P<GENDER>(?i:(?:fe)?male|m|f))(?![\w'’-])", 0.5),
        Rule(r"(?<=[,|(;][ ]?)(?P<GENDER>(?i:(?:fe)?male|non-?binary))(?=[ ]?[,|);])", 0.5, ("male", "binary")),
        Rule(r"(?<=\b(?:spelled|spelt)[ ])(?P<PERSON>\p{Lu}(?:[- ]\p{L}){2,20})(?!\w)", 0.6, ("spel",)),
        Rule(r"(?i:\bsex|gender)[ \t](?P<GENDER>[MF])(?=[\s,.;])", 0.4, ("sex", "gender")),
        Rule(r"(?i:\b(?:sex|gender)[ \t](?:is[ \t])?(?P<GENDER>(?:fe)?male|non-?binary))(?![\w'’-])", 0.5, ("sex", "gender")),
    )  # fmt: skip

    def __init__(self) -> None:
        entities = {entity for rule in self.RULES for entity in rule.compiled.groupindex}
        super().__init__(sorted(entities))
