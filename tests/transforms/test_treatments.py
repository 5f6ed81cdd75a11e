"""One table of cases for each treatment, near-misses included."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from classifications.detector import Detector
from policy import shipped_taxonomy
from policy.contracts import Column, LogicalType
from policy.taxonomy import Normaliser
from policy.tenants import Tenant
from policy.treatments import GeneraliseTo, Treatment, TreatmentKind
from tenancy.keyring import DataKey, TenantKeys
from tenancy.normalise import normalise
from tenancy.tokens import token
from transforms.plan import ColumnPlan
from transforms.records import RECORD
from transforms.tokens import key_table, with_keys
from transforms.treatments import TREATMENTS, treat
from transforms.treatments.cell import Cell, Rules

RULES = Rules(shipped_taxonomy(), Detector.default(), "digest")
TENANT = Tenant("acme", "Acme", "eu", "gold", "49")
KEYS = TenantKeys("acme", (DataKey("acme.data.1", "acme", 1, b"d" * 32),), b"t" * 32)
EMAIL, PHONE, NAME = "user.contact.email", "user.contact.phone_number", "user.name"


def plan(kind, logical=LogicalType.STRING, data_class=EMAIL, namespace=None, found=None, **parameters):
    column = Column(("v",), "v", logical, data_class=data_class, namespace=namespace)
    return ColumnPlan(column, Treatment(kind, **parameters), found or data_class, "declared")


@pytest.fixture(scope="module")
def treated(spark):
    """`treated([(plan, text), …])` → the silver values, all in one job."""
    keys = key_table(spark, [(TENANT, KEYS)])

    def run(cases):
        rows = [(index, "acme", "r1", (text,)) for index, (_, text) in enumerate(cases)]
        schema = f"i int, tenant_id string, record_id string, {RECORD} struct<v: string>"
        frame = with_keys(spark.createDataFrame(rows, schema), keys)
        plans = [replace(one, column=replace(one.column, name=f"v{i}")) for i, (one, _) in enumerate(cases)]
        cells = [Cell(one, "people", RULES) for one in plans]
        found = sorted(treat(frame, cells, ["i"]).collect(), key=lambda row: row.i)
        return [row[f"v{index}"] for index, row in enumerate(found)]

    return run


def test_every_treatment_has_a_function():
    assert set(TREATMENTS) == set(TreatmentKind)


K, G, M = TreatmentKind.KEEP, TreatmentKind.GENERALISE, TreatmentKind.MASK
D = LogicalType.DATE
PLAIN = [
    # keep: personal columns are text in silver, others have their type
    (plan(K), "Maria@Example.org", "Maria@Example.org"),
    (plan(K), "", None),
    (plan(K, D), " 2020-01-02 ", "2020-01-02"),
    (plan(K, LogicalType.BOOLEAN), "TRUE", "true"),
    (plan(K, LogicalType.TIMESTAMP), "2020-01-02 03:04:05+02:00", "2020-01-02T01:04:05.000000Z"),
    (plan(K, LogicalType.INTEGER, None), "007", 7),
    (plan(K, LogicalType.NUMBER, None), "1e3", 1000.0),
    (plan(K, LogicalType.BOOLEAN, None), "no", False),
    (plan(K, LogicalType.ARRAY, None), '[{"a":1}]', '[{"a":1}]'),
    # drop
    (plan(TreatmentKind.DROP), "Maria", None),
    (plan(TreatmentKind.DROP, LogicalType.INTEGER, None), "7", None),
    # mask: eight stars, whatever was there
    (plan(M), "maria@example.org", "********"),
    (plan(M, show_last=4), "4111111111111111", "********1111"),
    (plan(M, show_last=4), "411111111", "********1111"),
    (plan(M, show_last=4), "41111111", "********"),
    (plan(M, show_last=4), "1111", "********"),
    (plan(M, show_first=2), "Maria", "Ma********"),
    (plan(M, show_first=2), "Mari", "********"),
    (plan(M, show_first=1, show_last=1), "Maria", "M********a"),
    (plan(M, show_first=1, show_last=1), "Mari", "********"),
    (plan(M, show_last=1), "🙂🙃🙂", "********🙂"),
    (plan(M, show_last=4), None, None),
    (plan(M, show_last=4), "  ", None),
    # generalise
    (plan(G, D, to=GeneraliseTo.YEAR), "1987-12-31", "1987"),
    (plan(G, D, to=GeneraliseTo.MONTH), "1987-02-03", "1987-02"),
    (plan(G, D, to=GeneraliseTo.DECADE), "1987-12-31", "1980"),
    (plan(G, D, to=GeneraliseTo.DECADE), "1990-01-01", "1990"),
    (plan(G, D, to=GeneraliseTo.YEAR), None, None),
    (plan(G, to=GeneraliseTo.YEAR), "someday", None),
    (plan(G, LogicalType.TIMESTAMP, to=GeneraliseTo.YEAR), "1987-12-31T23:59:59Z", "1987"),
    (plan(G, LogicalType.INTEGER, to=GeneraliseTo.BIN, size=10), "37", "30"),
    (plan(G, LogicalType.INTEGER, to=GeneraliseTo.BIN, size=10), "30", "30"),
    (plan(G, LogicalType.INTEGER, to=GeneraliseTo.BIN, size=10), "-1", "-10"),
    (plan(G, LogicalType.NUMBER, to=GeneraliseTo.BIN, size=1000), "52999.99", "52000"),
    (plan(G, to=GeneraliseTo.BIN, size=10), "many", None),
    (plan(G, to=GeneraliseTo.PREFIX, size=3), "10117", "101"),
    (plan(G, to=GeneraliseTo.PREFIX, size=3), "101", None),
    (plan(G, to=GeneraliseTo.PREFIX, size=3), "10", None),
]


@pytest.fixture(scope="module")
def plain(treated):
    return treated([(one, text) for one, text, _ in PLAIN])


@pytest.mark.parametrize(
    "number",
    range(len(PLAIN)),
    ids=[f"{one.treatment} {one.column.logical_type} {text}" for one, text, _ in PLAIN],
)
def test_a_value_becomes_what_its_treatment_says(plain, number):
    assert plain[number] == PLAIN[number][2]


def expected(domain, how, text, code="49"):
    return token(KEYS.token_key, domain, normalise(how, text, code))


def test_a_token_column_is_the_tenants_token_over_domain_and_normal_form(treated):
    how = TreatmentKind.TOKEN
    text, phone = Normaliser.TEXT, Normaliser.PHONE
    cases = [
        (plan(how), " Maria@Example.ORG ", expected(EMAIL, text, "maria@example.org")),
        (plan(how, data_class=PHONE), "030 / 0074321", expected(PHONE, phone, "+49 30 0074321")),
        (plan(how, data_class="user.unique_id", namespace="customer"), "C-1",
         expected("user.unique_id/customer", text, "c-1")),
        (plan(how, LogicalType.INTEGER, "user.unique_id"), "007", expected("user.unique_id", text, "7")),
        (plan(how, data_class=None, found=EMAIL), "a@b.example", expected(EMAIL, text, "a@b.example")),
        (plan(how), None, None),
        (plan(how), "\u200b", None),
    ]  # fmt: skip
    assert treated([(one, raw) for one, raw, _ in cases]) == [value for _, _, value in cases]


def test_a_sealed_cell_opens_to_the_canonical_text_in_its_own_place(treated):
    cells = treated([(plan(TreatmentKind.SEAL), "Maria"), (plan(TreatmentKind.SEAL, D), "2020-1-2"),
                     (plan(TreatmentKind.SEAL), None), (plan(TreatmentKind.SEAL), "long " * 99)])  # fmt: skip
    opened = []
    for column, cell in (("v0", cells[0]), ("v1", cells[1]), ("v3", cells[3])):
        key_id, _, body = cell.partition(":")
        blob = base64.b64decode(body, validate=True)
        place = f"lakeward/1|silver|people|acme|r1|{key_id}|{column}".encode()
        opened.append(AESGCM(KEYS.current.key).decrypt(blob[:12], blob[12:], place).decode())
    assert opened == ["Maria", "2020-01-02", "long " * 99]
    assert cells[2] is None


SPELLINGS = [
    (EMAIL, Normaliser.TEXT, ["maria.anders@example.org", "Maria.Anders@Example.ORG"]),
    (PHONE, Normaliser.PHONE, ["+49 30 0074321", "+49-30-0074321", "+49 (0)30 0074321"]),
    (NAME, Normaliser.TEXT, ["John Smith", "John  Smith"]),
]
SENTENCES = {
    EMAIL: "Please write to {} about the parcel.",
    PHONE: "My phone number is {} and I am at home.",
    NAME: "I spoke to {} about it yesterday.",
}


def test_a_column_a_span_of_free_text_and_a_request_give_one_person_one_token(treated):
    """The one test that holds the three equal: an erasure would miss rows if they drifted apart."""
    cases = [(key, how, text) for key, how, texts in SPELLINGS for text in texts]
    redact = plan(TreatmentKind.REDACT, data_class="user.content")
    columns = treated([(plan(TreatmentKind.TOKEN, data_class=key), text) for key, _, text in cases])
    prose = treated([(redact, SENTENCES[key].format(text)) for key, _, text in cases])
    for (key, how, text), column, sentence in zip(cases, columns, prose, strict=True):
        named = expected(key, how, text)
        assert column == named, text
        assert re.findall("<([^:>]+):([0-9a-f]{32})>", sentence) == [(key, named)], text
    assert len(set(columns)) == len(SPELLINGS)


def test_redaction_leaves_the_rest_of_a_text_as_it_was(treated):
    redact = plan(TreatmentKind.REDACT, data_class="user.content")
    texts = ["The parcel came late, on a rainy day.", None, "Write to a.b@example.org, please."]
    kept, none, changed = treated([(redact, text) for text in texts])
    assert (kept, none) == (texts[0], None)
    assert re.fullmatch(r"Write to <user\.contact\.email:[0-9a-f]{32}>, please\.", changed)
