from __future__ import annotations

import pytest

from classifications import headers
from classifications.catalogue import ColumnRecord
from classifications.file_risks import file_risks
from classifications.risks import MOST, Combination, asked, combination, combinations

CLASSES = {
    "name": headers.NAME,
    "sex": headers.GENDER,
    "zip": headers.POSTAL,
    "born": headers.BIRTH,
    "note": None,
}


def test_what_tells_most_is_asked_first_and_what_tells_alone_is_not_asked():
    assert asked(CLASSES) == ("born", "zip", "sex")
    assert combinations(asked(CLASSES)) == [("born", "zip"), ("born", "zip", "sex")]


@pytest.mark.parametrize(
    "classes", [{}, {"born": headers.BIRTH}, {"born": headers.BIRTH, "mail": headers.EMAIL, "n": None}]
)
def test_fewer_than_two_telling_columns_are_no_combination(classes):
    assert asked(classes) == ()


def test_no_more_columns_are_asked_than_the_most():
    assert len(asked({f"c{n}": headers.CITY for n in range(20)})) == MOST


def test_a_class_below_a_telling_one_is_as_telling():
    assert asked({"a": "user.demographic.date_of_birth.exact", "b": headers.CITY}) == ("a", "b")


def test_k_is_the_smallest_group_and_rows_of_small_groups_are_counted():
    assert combination("t", ("a", "b"), [1, 4, 5, 90]) == Combination("t", ("a", "b"), 1, 5, 100)
    assert combination("t", ("a", "b"), [5, 5]) == Combination("t", ("a", "b"), 5, 0, 10)
    assert combination("t", ("a", "b"), []) is None


def records(*columns: tuple[str, str]) -> list[ColumnRecord]:
    return [ColumnRecord("people", name, key, "", True, 1.0, "", "keep") for name, key in columns]


BORN_AND_ZIP = records(("born", headers.BIRTH), ("zip", headers.POSTAL))


def test_the_groups_of_a_files_rows_are_counted_over_all_of_them(tmp_path):
    path = tmp_path / "people.csv"
    rows = ["1980-05-03,48143"] * 60_000 + ["1981-01-01,48143", " 1981-01-01,48143 ", "1981-01-01,12209", ","]
    path.write_text("born,zip\n" + "\n".join(rows) + "\n")
    (found,) = file_risks(path, BORN_AND_ZIP)
    assert found == Combination("people", ("born", "zip"), 1, 3, 60_003)


def test_equal_values_in_exchanged_columns_are_two_groups(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("born,zip\na,b\nb,a\n")
    assert file_risks(path, BORN_AND_ZIP)[0].smallest == 1


def test_a_record_without_a_value_takes_none_of_another(tmp_path):
    path = tmp_path / "people.jsonl"
    path.write_text(
        '{"born": "1980", "tags": ["x", "y"]}\n{"zip": "48143"}\n'
        '{"born": "1980"}\n{"zip": "48143", "born": null}\n'
    )
    (found,) = file_risks(path, BORN_AND_ZIP)
    assert (found.smallest, found.rows) == (2, 4)


def test_columns_that_are_nobodys_are_not_asked(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("born,zip\na,b\n")
    nobodys = [ColumnRecord("people", "zip", headers.POSTAL, "", False, 1.0, "", "keep")]
    assert file_risks(path, [BORN_AND_ZIP[0], *nobodys]) == []


def test_a_combination_is_told_in_a_line_without_a_value():
    told = str(Combination("people", ("born", "zip"), 1, 3, 60_003))
    assert told == "born + zip: smallest group 1, 3 of 60,003 in groups below 5"
