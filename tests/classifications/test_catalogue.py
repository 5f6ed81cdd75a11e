"""What `lakeward classify` says of files without a contract."""

from __future__ import annotations

import csv
import gzip
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from classifications.catalogue import ColumnRecord, catalogue
from classifications.detector import Detector
from policy.errors import LakewardError

DETECTOR = Detector.default()
NORTHWIND = Path(__file__).parents[3] / "shared" / "data" / "northwind"
GOLD = Path(__file__).with_name("northwind_columns.csv")


def write(path: Path, header: list[str], rows: list[list[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([header, *rows])
    return path


def read(path: Path) -> dict[str, ColumnRecord]:
    return {record.column: record for record in catalogue(path, DETECTOR)}


PEOPLE = [
    [1, "Ann", "Lee", "ann@example.com", "1980-05-03", "F", "DE89370400440532013000"],
    [2, "Rui", "Costa", "rui@example.com", "1971-11-30", "M", "GB82WEST12345698765432"],
]


def test_a_table_of_people_is_classified_column_by_column(tmp_path):
    header = ["id", "first_name", "last_name", "mail", "geb_dat", "sex", "konto"]
    found = read(write(tmp_path / "kunden.csv", header, PEOPLE))
    assert {name: record.group for name, record in found.items()} == {
        "id": "other",
        "first_name": "name",
        "last_name": "name",
        "mail": "email",
        "geb_dat": "birth_date",
        "sex": "gender",
        "konto": "bank_account",
    }
    assert [name for name, record in found.items() if not record.personal] == ["id"]
    assert found["konto"].treatment == "seal"
    assert found["konto"].reason == (
        "100% of 2 distinct values are valid as user.financial.bank_account; header 'konto' agrees"
    )
    assert all(0 < record.confidence <= 1 for record in found.values())


def test_columns_without_telling_names_are_known_by_their_values(tmp_path):
    given = ["Maria", "Thomas", "Elizabeth", "Simon", "Helen", "Peter"]
    family = ["Anders", "Hardy", "Bennett", "Crowther", "Feuer", "Ashworth"]
    rows = [
        [a, b, f"{a}.{b}@example.com", f"(206) 555-98{n}0"]
        for n, (a, b) in enumerate(zip(given, family, strict=True))
    ]
    found = read(write(tmp_path / "t.csv", ["c1", "c2", "c3", "c4"], rows))
    assert [record.group for record in found.values()] == ["name", "name", "email", "phone"]


def test_companies_products_and_films_are_nobody(tmp_path):
    rows = [[n, f"Acme {n} Ltd", "Chai", "Jolene", "2024-05-03 10:15:00"] for n in range(12)]
    header = ["id", "company_name", "product_name", "title", "last_update"]
    found = read(write(tmp_path / "things.csv", header, rows))
    assert not any(record.personal for record in found.values())
    assert found["company_name"].group == "organisation"
    assert found["company_name"].data_class == "user.contact.organization"


def test_a_few_personal_values_among_thousands_are_found(tmp_path):
    shuffled = random.Random(5)
    rows: list[list[object]] = [
        [n, f"SKU-{shuffled.randint(1000, 9999)}", shuffled.choice(["ok", "late"])] for n in range(30_000)
    ]
    rows[17_234][2] = "ask jane.roe@example.com"
    rows[21_111][1] = "Jane Roe"
    found = read(write(tmp_path / "stock.csv", ["id", "sku", "remark"], rows))
    assert (found["remark"].group, found["remark"].personal) == ("email", True)
    assert found["remark"].reason.startswith("1 of 3 distinct values are or hold user.contact.email")
    assert (found["sku"].group, found["sku"].personal) == ("name", True)
    assert not found["id"].personal


def test_prose_is_free_text_with_the_classes_inside(tmp_path):
    rows = [
        [n, f"Please call Maria Anders at +49 30 90182{n} about the order before noon."] for n in range(9)
    ]
    found = read(write(tmp_path / "tickets.csv", ["id", "note"], rows))
    assert (found["note"].group, found["note"].treatment, found["note"].personal) == (
        "free_text",
        "redact",
        True,
    )
    assert {"user.name", "user.contact.phone_number"} <= set(found["note"].inside)


@pytest.mark.parametrize("form", ["csv", "csv.gz", "semicolon.csv", "json", "jsonl", "parquet"])
def test_every_format_tells_the_same(tmp_path, form):
    path = tmp_path / f"people.{form}"
    records = [{"mail": row[3], "born": row[4]} for row in PEOPLE]
    lines = ["mail,born", *(f"{record['mail']},{record['born']}" for record in records)]
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(records), path)
    elif form == "json":
        path.write_text(json.dumps({"data": records}))
    elif form == "jsonl":
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
    elif form == "csv.gz":
        path.write_bytes(gzip.compress("\n".join(lines).encode()))
    else:
        path.write_text("\n".join(lines).replace(",", ";" if "semi" in form else ","))
    assert {name: record.group for name, record in read(path).items()} == {
        "mail": "email",
        "born": "birth_date",
    }


def test_nested_fields_have_dotted_names(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text('{"user": {"email": "ann@example.com", "tags": ["a", "b"]}, "n": 1}\n')
    found = read(path)
    assert list(found) == ["user.email", "user.tags", "n"]
    assert found["user.email"].group == "email"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("people.xlsx", b"secret", "of no format"),
        ("people.parquet", b"secret", "cannot be read as .parquet"),
        ("people.jsonl", b'{"secret', "cannot be read as .jsonl"),
        ("people.csv", b"a,b\n1,2\nsecret,2,3,4\n", "cannot be read as .csv"),
        ("people.csv", b"a,b\nsecret\xff,2\n", "cannot be read as .csv"),
        ("people.csv", b"a,a\nsecret,2\n", "two columns of one name"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_without_its_content(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LakewardError, match=words) as caught:
        catalogue(tmp_path / name, DETECTOR)
    assert "secret" not in str(caught.value)
    assert "To mend it" in str(caught.value)


@pytest.mark.parametrize("content", ["", "a,b\n", "a,b\n,\n"])
def test_a_file_without_values_has_nothing_personal(tmp_path, content):
    (tmp_path / "empty.csv").write_text(content)
    assert not any(record.personal for record in catalogue(tmp_path / "empty.csv", DETECTOR))


@pytest.mark.skipif(not NORTHWIND.exists(), reason="the Northwind tables are not here")
def test_every_column_of_northwind_is_classified_as_by_hand():
    with GOLD.open(encoding="utf-8") as rows:
        gold = {
            (row["table"], row["column"]): (row["group"], row["personal"]) for row in csv.DictReader(rows)
        }
    found = {
        (record.table, record.column): (record.group, "yes" if record.personal else "no")
        for table in sorted({table for table, _ in gold})
        for record in catalogue(NORTHWIND / f"{table}.csv", DETECTOR)
    }
    assert found == gold
