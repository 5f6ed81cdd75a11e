"""A cell is what the head of its column says: CSV, TSV, SQL; and tables of things stay clean."""

from __future__ import annotations

import pytest
from spans_found import found

TSV = "patient\tsex\tage\tmrn\nElowen Trevanion\tF\t61\t00482917\nVikram Seetharaman\tM\t8\t00483350\n"
CSV = (
    "id,first,last,dob,ip\n5521,Rosalind,Achebe,1977-02-28,81.143.77.202\n5522,Hyun-woo,Baek,1999-12-05,::2\n"
)
SQL = (
    "INSERT INTO customers (name, email, ssn, zip) VALUES\n"
    "  ('Delroy Pennington', 'delroyp@bellmail.net', '247-81-6630', '33612'),\n"
    "  ('Ildikó D''Arcy', NULL, NULL, '30100'); -- 2 rows"
)


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        (TSV, "Vikram Seetharaman", "PERSON"),
        (TSV, "00483350", "MEDICAL_RECORD"),
        (TSV, "M", "GENDER"),
        (TSV, "8", "AGE"),
        (CSV, "Hyun-woo", "PERSON"),
        (CSV, "Achebe", "PERSON"),
        (CSV, "1999-12-05", "BIRTH_DATE"),
        (CSV.replace(",", ";"), "Achebe", "PERSON"),
        (SQL, "33612", "POSTAL_CODE"),
        (SQL, "30100", "POSTAL_CODE"),
    ],
)
def test_a_cell_of_a_known_column_is_found(text, value, entity):
    assert (value, entity) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "sku,title,price,stock\n7731,desk lamp,19.90,no\n7732,tent,249.95,no\n",
        "count\tlevel\tstate\n12\t3\topen\n15\t4\topen\n",
        "INSERT INTO stock (sku, title, amount) VALUES ('A-1', 'tent', 4);",
        "We looked at age, sex, and size\nand 12, 13, 14 came out",
    ],
)
def test_a_table_of_things_stays_clean(text):
    assert found(text) == []


def test_a_row_that_is_longer_than_its_head_is_not_read_by_it():
    assert ("44", "AGE") not in found("patient\tsex\tage\tmrn\nnone\tM\t44\t00483350\textra\n")
