"""How a column gets its name in silver."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import silver_name
from policy.load_names import PATH_SEGMENT


@pytest.mark.parametrize(
    ("segments", "name"),
    [
        (("City",), "city"),
        (("customer", "email"), "customer_email"),
        (("Customer ID",), "customer_id"),  # not the same as CustomerID
        (("CustomerID",), "customerid"),
        (("e-mail",), "e_mail"),
        (("customer.email",), "customer_email"),  # one segment with a dot, as in a flat file
        (("_id",), "_id"),
        (("a  b",), "a__b"),  # each blank counts: nothing is folded together
    ],
)
def test_silver_names(segments: tuple[str, ...], name: str):
    assert silver_name(*segments) == name


@given(st.lists(st.from_regex(PATH_SEGMENT, fullmatch=True), min_size=1, max_size=4))
def test_a_silver_name_needs_no_quoting_and_is_its_own_silver_name(segments: list[str]):
    name = silver_name(*segments)
    assert re.fullmatch(r"[a-z_][a-z0-9_]*", name)
    assert silver_name(name) == name


@pytest.mark.parametrize("segment", ["", "1st", "a" * 64, "é", "a\n", "a`b", "a;b", " a"])
def test_a_path_segment_that_is_refused(segment: str):
    assert PATH_SEGMENT.fullmatch(segment) is None
