"""What is left of a record's JSON text when columns are taken out of it."""

from __future__ import annotations

import pytest

from policy import Column, Contract, LoadMode, LogicalType, shipped_taxonomy
from transforms.emptied import UNDECLARED, anonymous_columns, empty_payload

PATHS = {"id": ("id",), "mail": ("who", "mail"), "town": ("who", "town"), "amount": ("amount",)}
RECORD = '{"id":7,"who":{"mail":"a@example.org","town":"Köln","nick":"x"},"amount":1.50,"more":[1]}'


@pytest.mark.parametrize(
    ("gone", "left"),
    [
        ((), RECORD),
        (("mail",), '{"id":7,"who":{"town":"Köln","nick":"x"},"amount":1.50,"more":[1]}'),
        ((UNDECLARED, "mail"), '{"id":7,"who":{"town":"Köln"},"amount":1.50}'),
        ((UNDECLARED, "mail", "town"), '{"id":7,"who":{},"amount":1.50}'),
        (("a column that the contract no longer has",), RECORD),
    ],
)
def test_what_is_taken_goes_and_all_else_stays_as_it_was_written(gone, left):
    assert empty_payload(RECORD, gone, PATHS) == left


@pytest.mark.parametrize(
    "record", ['{"who":null,"id":1}', '{"who":"a@example.org","id":1}', '{"who":[2],"id":1}']
)
def test_a_record_of_another_shape_gives_nothing_away_once_it_is_anonymous(record):
    assert empty_payload(record, (UNDECLARED, "mail"), PATHS) == '{"who":{},"id":1}'


def test_a_row_is_made_anonymous_by_what_is_personal_or_prose_and_by_what_nobody_declared():
    columns = (
        Column(("id",), "id", LogicalType.INTEGER),
        Column(("mail",), "mail", LogicalType.STRING, data_class="user.contact.email"),
        Column(("job",), "job", LogicalType.STRING, data_class="system.operations"),
        Column(("note",), "note", LogicalType.STRING, free_text=True),
    )
    contract = Contract("orders", None, "1.0.0", "team", LoadMode.APPEND, columns)
    assert anonymous_columns(contract, shipped_taxonomy()) == (UNDECLARED, "mail", "note")
