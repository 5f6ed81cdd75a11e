"""What a column's name says: header words of English, German, French and Spanish by data class."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

STREET = "user.contact.address.street"
CITY = "user.contact.address.city"
STATE = "user.contact.address.state"
POSTAL = "user.contact.address.postal_code"
COUNTRY = "user.contact.address.country"
NAME = "user.name"
FIRST = "user.name.first"
LAST = "user.name.last"
EMAIL = "user.contact.email"
PHONE = "user.contact.phone_number"
FAX = "user.contact.fax_number"
BIRTH = "user.demographic.date_of_birth"
GENDER = "user.demographic.gender"
NATIONAL_ID = "user.government_id.national_identification_number"
PASSPORT = "user.government_id.passport_number"
CARD = "user.financial.credit_card"
BANK = "user.financial.bank_account"
IP = "user.device.ip_address"
URL = "user.contact.url"
USERNAME = "user.account.username"
PASSWORD = "user.authorization.password"  # noqa: S105 - a class, no secret
AGE = "user.demographic.age_range"
ROLE = "user.job_title"
LICENCE = "user.government_id.drivers_license_number"
RECORD = "user.health_and_medical.record_id"
HEALTH = "user.health_and_medical"
ORGANISATION = "user.contact.organization"
RELIGION = "user.demographic.religious_belief"
ETHNICITY = "user.demographic.race_ethnicity"
MARITAL = "user.demographic.marital_status"
DEVICE = "user.device.device_id"
PLATE = "user.government_id.vehicle_registration"
SALARY = "user.financial"

# Phrases of folded words; the longest phrase found in a name decides.
_PHRASES: dict[str, str] = {
    EMAIL: "email|e mail|mail|courriel|correo|correo electronico|email address|emailadresse",
    FAX: "fax|telefax|fax number|faxnummer",
    PHONE: (
        "phone|telephone|telefon|telefono|tel|mobile|mobil|handy|cell|cellphone|portable"
        "|movil|celular|telefoon|gsm|mobiltelefon|phone number|msisdn|home phone|work phone"
        "|telefonnummer|rufnummer"
    ),
    FIRST: (
        "first name|nome proprio|voornaam|imie|firstname|given name|givenname|forename|vorname|prenom"
        "|nombre|fname|middle name"
    ),
    LAST: (
        "last name|cognome|sobrenome|achternaam|nazwisko|nom famille|surname|family name|nachname"
        "|familienname|nom de famille|apellido|apellidos|lname"
    ),
    NAME: (
        "full name|fullname|display name|contact name|customer name|person name|patient name|employee name"
        "|cardholder|kundenname|ansprechpartner|contact person|nombre completo|nom complet"
        "|recipient|recipient name|ship name|passenger|passenger name|author|author name|owner name"
        "|account holder|kontoinhaber|holder name|patient|assignee|reported by|requester|attending"
        "|physician|doctor|surgeon|guardian|next of kin|teacher|composer|director|chef|signed by|approved by"
        "|consignee|consignor|buyer|buyer name|seller|seller name|vendor name|supplier name|counterparty"
        "|counterparty name|payee|payer|beneficiary"
    ),
    STREET: (
        "street|street address|via|indirizzo|endereco|rua|straat|adres|ulica|address|adresse|strasse"
        "|anschrift|rue|calle|direccion"
        "|adress|gatuadress|domicilio|morada|address line|line1|street1|addr|ship address|billing address"
        "|hausnummer"
    ),
    CITY: (
        "city|town|citta|cidade|plaats|woonplaats|miasto|stadt|ort|ville|ciudad|wohnort|ship city"
        "|localidad|comune|postort|municipality|birthplace|birth city"
    ),
    STATE: "state|province|region|bundesland|departement|provincia|county|ship region|uf|estado|prefecture",
    POSTAL: (
        "zip|zip code|postal|cap|cep|postnummer|postnr|irsz|iranyitoszam|psc|codice postale|kod pocztowy"
        "|zipcode|postal code|postalcode"
        "|postcode|plz|eircode|pin code|pincode|c p|kod"
        "|postleitzahl|code postal|codigo postal|cp"
    ),
    COUNTRY: "country|land|pays|pais|country code|nationality|ship country|nation",
    BIRTH: (
        "birth date|birthdate|birthday|date of birth|dob|geburtsdatum|geburtstag"
        "|geb dat|gebdat|gebdatum|geb datum|geb|birth|birth dt|d o b|date de naissance|date naissance"
        "|data di nascita"
        "|data nascita|data de nascimento|data nascimento|geboortedatum|data urodzenia|fecha de"
        " nacimiento|fecha nacimiento|birth day|born"
        "|born on|year of birth|birth year|yob|fodt|fodselsdato|fodelsedatum|nascimento|nacimiento"
        "|syntymaaika"
    ),
    GENDER: ("gender|sex|geschlecht|sexe|sexo|genre|genero|anrede|salutation|title of courtesy|civilite"),
    NATIONAL_ID: (
        "ssn|social security|social security number|national id|national identification number"
        "|tax id|steuer id|steueridentifikationsnummer|dni|nie|nif|cpf|nir|bsn|aadhaar"
        "|pan|codice fiscale|nhs number|nino|my number|sozialversicherungsnummer"
        "|numero de securite sociale|personal number|personnummer|pesel|ni number|national insurance"
        "|national insurance number|ni no|tax number|steuer nr|pps number|ppsn|oib|egn|emso"
        "|jmbg|amka|afm|isikukood"
    ),
    PASSPORT: "passport|passport number|passport no|reisepass|passeport|pasaporte",
    CARD: ("card number|credit card|creditcard|cc number|card|kreditkarte|carte bancaire|tarjeta|pan number"),
    BANK: (
        "iban|bank account|account number|account no|acct|acct no|routing number|sort code|konto"
        "|kontonummer|compte bancaire|cuenta bancaria|bankverbindung"
    ),
    IP: "ip|ip address|ipaddress|ip adresse|client ip|remote addr|adresse ip|direccion ip",
    URL: "url|website|homepage|home page|webseite|site web|sitio web",
    USERNAME: ("username|user name|login|benutzername|nom d utilisateur|usuario|nickname|screen name"),
    PASSWORD: "password|passwort|mot de passe|contrasena|passwd|pwd",
    AGE: "age|alter|edad",
    HEALTH: (
        "diagnosis|diagnoses|diagnose|icd|icd code|icd10|condition|medication|medications|blood type"
        "|blood group"
        "|allergy|allergies|disease|symptoms|disability|diagnostic"
    ),
    RELIGION: "religion|religious belief|konfession|confession",
    ETHNICITY: "ethnicity|race|ethnic group",
    MARITAL: "marital status|civil status|familienstand|etat civil|estado civil",
    DEVICE: "mac address|imei|device id|serial number device|advertising id",
    PLATE: "license plate|licence plate|number plate|plate number|kennzeichen|matricula|vin",
    SALARY: "salary|income|gehalt|wage|wages|salaire|salario|lohn",
    LICENCE: (
        "driver license|drivers license|driver s license|driver licence|driving licence|driving license"
        "|license number|licence number|license no|licence no|fuhrerschein|permis de conduire|dl number"
    ),
    RECORD: (
        "mrn|medical record|medical record number|medical record no|patient id|patient number|patient no"
        "|hospital no"
        "|hospital number|chart number|patientennummer"
    ),
    ORGANISATION: (
        "company|company name|employer|employer name|organisation|organization|organisation name"
        "|organization name|firma|firmenname|arbeitgeber|entreprise|societe|empresa|azienda|bedrijf|insurer"
        "|insurance company|insurance provider|agency|supplier|manufacturer|publisher|studio|carrier"
        "|legal name|merchant|merchant name"
    ),
    ROLE: "job title|contact title|position|beruf|occupation|berufsbezeichnung|poste",
}
# Letters that Unicode does not take apart into a plain one and a mark.
_NO_MARKS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ł": "l", "Ł": "L", "đ": "d", "ı": "i", "ð": "d"}
)
_LEXICON = {phrase: key for key, phrases in _PHRASES.items() for phrase in phrases.split("|")}
_LONGEST = max(len(phrase.split()) for phrase in _LEXICON)

_BARE_NAMES = frozenset((word,) for word in "name names nom nombre nome naam namn navn".split())
# Words that say that the column is about a thing or a fact, whatever else its name holds.
_THINGS = frozenset(
    "id key code status type count amount total price currency product item sku category brand model"
    " film movie song track album artist playlist company vendor firma hash token version flag quantity qty"
    " unit discount tax rate score percent level order invoice department file path photo picture image"
    " format title description genre subject color colour farbe size material firmware fw build"
    " release".split()
)
_BARCODES = frozenset("barcode ean gtin iccid imei isbn meid upc".split())
_PEOPLE = frozenset(
    "customer client employee person people user patient contact member staff subscriber kunde mitarbeiter"
    " passenger student guest applicant".split()
)
# After these a header word no longer names a person's value: "email_verified", "phone_type", "card_type".
_QUALIFIERS = frozenset(
    "id verified type count status valid flag sent opened length hash token domain provider rank created"
    " updated".split()
)


def words_of(name: str) -> tuple[str, ...]:
    """`BirthDate`, `birth_date`, `e-mail`: the words of a column's name, lower case, without accents."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    folded = unicodedata.normalize("NFKD", apart.translate(_NO_MARKS)).encode("ascii", "ignore").decode()
    return tuple(word for word in re.split(r"[^a-z0-9]+", folded.lower()) if word)


@lru_cache(maxsize=4096)
def class_by_header(column: str) -> tuple[str, str] | None:
    """(data class, the phrase that says so), or None when the name says nothing of a person.

    The longest known phrase decides, the last of several equally long; a qualifier such as
    "verified" or "type" behind it takes the meaning away.
    """
    words = words_of(column)
    for size in range(min(_LONGEST, len(words)), 0, -1):
        for start in range(len(words) - size, -1, -1):
            phrase = " ".join(words[start : start + size])
            if phrase in _LEXICON and not _QUALIFIERS & set(words[start + size :]):
                return _LEXICON[phrase], phrase
    return None


def names_a_thing(column: str) -> bool:
    """True for `product_name`, `order_id`, `status`: things and facts, not people."""
    return bool(_THINGS & set(words_of(column)))


def names_a_barcode(column: str) -> bool:
    """True for `ean`, `upc_code`, `imei`: numbers with a check digit like a card's that are on things."""
    return bool(_BARCODES & set(words_of(column)))


def is_bare_name(column: str) -> bool:
    """True for a column called just `name` (or `nom`, `namn`): whose name, the table decides."""
    return words_of(column) in _BARE_NAMES


def table_holds_people(table_context: Sequence[str]) -> bool:
    """True when the table's name or its columns' names speak of people."""
    return any(
        word in _PEOPLE or word.rstrip("sn") in _PEOPLE for name in table_context for word in words_of(name)
    )


def has_name_neighbour(column: str, table_context: Sequence[str]) -> bool:
    """True when another column's name says that it holds a person's first or last name."""
    found = (class_by_header(name) for name in table_context if name != column)
    return any(entry is not None and entry[0] in {FIRST, LAST} for entry in found)


def has_personal_neighbour(column: str, table_context: Sequence[str]) -> bool:
    """True when another column's name says who or where a person is: a name, street, e-mail, phone, birth."""
    telling = {NAME, FIRST, LAST, STREET, EMAIL, PHONE, POSTAL, BIRTH}
    found = (class_by_header(name) for name in table_context if name != column)
    return any(entry is not None and entry[0] in telling for entry in found)
