"""The token: one for one person within a tenant, none in common across tenants or classes."""

from __future__ import annotations

import hashlib
import hmac

from hypothesis import assume, given
from hypothesis import strategies as st

from policy import shipped_taxonomy
from policy.contracts import token_domain
from tenancy.tokens import TOKEN_LENGTH, token

KEYS = st.binary(min_size=32, max_size=32)
CLASSES = st.sampled_from(sorted(shipped_taxonomy().classes))
NAMESPACES = st.none() | st.from_regex(r"[a-z][a-z0-9_]{0,11}", fullmatch=True)
VALUES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30)


def test_the_token_is_the_first_half_of_the_hmac_over_class_and_value():
    whole = hmac.new(b"t" * 32, b"user.contact.email|a@b.example", hashlib.sha256).hexdigest()
    assert token(b"t" * 32, "user.contact.email", "a@b.example") == whole[:TOKEN_LENGTH]


@given(KEYS, CLASSES, NAMESPACES, VALUES)
def test_a_token_is_32_hex_digits_and_the_same_every_time(key, data_class, namespace, value):
    made = token(key, token_domain(data_class, namespace), value)
    assert len(made) == TOKEN_LENGTH
    assert set(made) <= set("0123456789abcdef")
    assert made == token(key, token_domain(data_class, namespace), value)


@given(KEYS, KEYS, CLASSES, VALUES)
def test_two_tenants_never_share_a_token(one, two, data_class, value):
    assume(one != two)
    assert token(one, data_class, value) != token(two, data_class, value)


@given(KEYS, st.tuples(CLASSES, NAMESPACES), st.tuples(CLASSES, NAMESPACES), VALUES)
def test_two_domains_never_share_a_token(key, one, two, value):
    assume(one != two)
    assert token(key, token_domain(*one), value) != token(key, token_domain(*two), value)


@given(KEYS, st.tuples(CLASSES, NAMESPACES), st.tuples(CLASSES, NAMESPACES), VALUES, VALUES)
def test_no_value_can_be_chosen_so_that_it_passes_for_another_domain(key, one, two, value, forged):
    assume((one, value) != (two, forged))
    assert token(key, token_domain(*one), value) != token(key, token_domain(*two), forged)
    # Domains hold no `|`, so a value that begins like one does not move the border.
    assert token(key, token_domain(*one), f"x|{value}") != token(key, f"{token_domain(*one)}/x", value)


def test_customer_5_and_employee_5_are_two_people():
    customer, employee = (
        token(b"t" * 32, token_domain("user.unique_id", who), "5") for who in ("customer", "employee")
    )
    assert customer != employee
