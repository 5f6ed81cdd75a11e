"""The tables that commands print, in a terminal of 80 columns and in a wide one."""

from __future__ import annotations

import pytest

from dagster_project.cli.show import grid

REQUEST, RECEIPT = "9f856dfba5c34f9d88bf88c8f300ba57", "9f856dfba5c34f9d88bf88c8f300ba57.1.json"


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """What a table looks like in a terminal of so many columns, line by line, without blanks at the end."""

    def show(width: int, *table: object) -> list[str]:
        monkeypatch.setenv("COLUMNS", str(width))
        grid(*table)
        lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
        assert all(len(line) <= width for line in lines), lines
        return lines

    return show


def test_a_table_that_fits_has_a_line_for_each_row_and_numbers_to_the_right(printed) -> None:
    lines = printed(80, "Rows", ("tenant", "rows"), [("acme", 5), ("northwind", 12_345)], "a note")
    assert lines[0] == "Rows"
    assert "acme            5" in lines
    assert "northwind  12,345" in lines
    assert "a note" in lines


def test_where_ids_would_be_cut_each_row_is_told_in_lines_of_its_own(printed) -> None:
    table = ("Requests", ("id", "tenant", "due\n(UTC)", "out-\ncome", "receipt"))
    rows = [(REQUEST, "acme", "2026-12-25 13:50", "erased", RECEIPT), ("f00", "acme", "", None, None)]
    assert printed(80, *table, rows, "a note") == [
        "Requests", "",
        f"id         {REQUEST}", "tenant     acme", "due (UTC)  2026-12-25 13:50", "outcome    erased",
        f"receipt    {RECEIPT}", "",
        "id         f00", "tenant     acme",
        "a note", "",
    ]  # fmt: skip
    wide = printed(120, *table, rows)
    assert any(REQUEST in line and RECEIPT in line for line in wide)


def test_prose_is_wrapped_at_its_blanks_where_it_has_room_to_be_read(printed) -> None:
    words = "mend the contract or the file, then raise the version " * 3
    lines = printed(80, "What to do", ("", "to mend it"), [("type", words.strip())])
    assert " ".join(line.removeprefix("type").strip() for line in lines[3:-1]).split() == words.split()
    narrow = printed(60, "Due", ("id", "to mend it"), [(RECEIPT, words.strip())])
    assert f"id          {RECEIPT}" in narrow, "else 21 characters a line would be left for prose"
    assert "            version mend the contract or the file, then" in narrow


def test_no_word_is_cut_where_several_columns_are_wrapped(printed) -> None:
    rule = "erase user.financial.bank_account, user.financial.credit_card P1Y6M after occurred_at"
    columns = ("tenant", "table", "what", "rows", "next row due")
    lines = printed(80, "Next", columns, [("northwind", "bronze/customers", rule, 216, "2027-07-05")])
    told = " ".join(lines)
    assert all(word in told for word in rule.split())
    assert any(line.startswith("northwind  bronze/customers  erase") for line in lines)


def test_a_title_and_a_note_are_not_cut_to_the_width_of_a_narrow_table(printed) -> None:
    lines = printed(80, "For a steward to decide", ("column",), [("a/b",)], "until then the stricter holds")
    assert (lines[0], lines[-2]) == ("For a steward to decide", "until then the stricter holds")


def test_a_table_without_rows_prints_nothing(printed) -> None:
    assert printed(80, "Rows", ("tenant",), []) == []
