"""An identifier's name means one token domain, and its token is the one that the rows carry."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy import load_policies
from retention.identifiers import IdentifierError, domain_of, subject_domains, tokens_of
from tenancy.control import open_control
from tenancy.keyring import open_keyring
from tenancy.tokens import token

BUNDLE = load_policies(Path(__file__).parents[2] / "examples" / "policies")
CUSTOMER = "user.unique_id/customer"


@pytest.fixture
def ring(tmp_path):
    return open_keyring(
        open_control(tmp_path / "c" / "control.db"), tmp_path / "c" / "key", tmp_path / "lake"
    )


@pytest.mark.parametrize(
    ("tenant", "name", "domain"),
    [
        ("acme", "email", "user.contact.email"),
        ("acme", "phone", "user.contact.phone_number"),
        ("acme", "name", "user.name"),
        ("acme", "full_name", "user.name"),
        ("acme", "user.contact.email", "user.contact.email"),
        ("acme", "user.demographic.date_of_birth", "user.demographic.date_of_birth"),
        ("acme", "customer_id", CUSTOMER),
        ("acme", "customer.id", CUSTOMER),
        ("acme", "orders.customer_id", CUSTOMER),
        ("acme", CUSTOMER, CUSTOMER),
        ("northwind", "CustomerID", CUSTOMER),
        ("northwind", "EmployeeID", "user.unique_id/employee"),
    ],
)
def test_a_name_means_the_domain_of_its_column_or_class(tenant, name, domain):
    assert domain_of(BUNDLE, tenant, name) == domain


def test_a_name_that_means_several_things_is_refused_with_the_ones_it_can_mean():
    with pytest.raises(IdentifierError, match=r"user\.unique_id/customer or user\.unique_id/employee"):
        domain_of(BUNDLE, "northwind", "user.unique_id")


@pytest.mark.parametrize(
    "name", ["maria@example.org", "amount", "body", "employeeid", "system", "user.unique_id/employee", ""]
)
def test_a_name_that_means_nobody_of_the_tenant_is_refused_and_not_repeated(name):
    with pytest.raises(IdentifierError, match="customer_id") as refused:
        domain_of(BUNDLE, "acme", name)
    assert "maria" not in str(refused.value)


def test_two_spellings_of_a_value_have_the_token_that_a_column_has(ring):
    key = ring.tenant_keys("acme").token_key
    wanted = {
        "user.contact.email": token(key, "user.contact.email", "maria@example.org"),
        "user.contact.phone_number": token(key, "user.contact.phone_number", "493012345"),
        CUSTOMER: token(key, CUSTOMER, "c-000001"),
    }
    given = {"email": " Maria@EXAMPLE.org", "phone": "030 123-45", "customer_id": "C-000001"}
    assert tokens_of(BUNDLE, ring, "acme", given) == wanted


def test_one_person_has_other_tokens_at_another_tenant(ring):
    mail = {"email": "maria@example.org"}
    ours, theirs = (tokens_of(BUNDLE, ring, tenant, mail) for tenant in ("acme", "globex"))
    assert ours.keys() == theirs.keys()
    assert ours != theirs


def test_two_names_of_one_domain_with_one_value_are_one_token(ring):
    given = {"email": "maria@example.org", "user.contact.email": "MARIA@example.org"}
    assert len(tokens_of(BUNDLE, ring, "acme", given)) == 1


def test_two_values_of_one_domain_are_refused_without_telling_them(ring):
    given = {"email": "maria@example.org", "user.contact.email": "pedro@example.org"}
    with pytest.raises(IdentifierError) as refused:
        tokens_of(BUNDLE, ring, "acme", given)
    assert "@" not in str(refused.value)


@pytest.mark.parametrize("value", ["", "  ", "\u200b", "ext. 5"])
def test_a_value_of_which_nothing_is_left_is_refused(ring, value):
    with pytest.raises(IdentifierError, match="empty"):
        tokens_of(BUNDLE, ring, "acme", {"phone": value})


def test_subject_tokens_are_of_the_domains_of_the_subject_columns():
    assert subject_domains(BUNDLE, "northwind") == {CUSTOMER, "user.unique_id/employee"}
    assert subject_domains(BUNDLE, "northwind", "orders") == {CUSTOMER}
    assert subject_domains(BUNDLE, "acme", "employees") == set()
