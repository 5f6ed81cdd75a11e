"""A person's identifiers become tokens, in memory: what is kept and searched for is never the value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policy.bundle import PolicyBundle
from policy.contracts import Column, token_domain
from policy.errors import LakewardError
from policy.load_names import silver_name
from tenancy.keyring import KeyRing
from tenancy.normalise import normalise
from tenancy.tokens import token

SHORT = {
    "email": "user.contact.email",
    "phone": "user.contact.phone_number",
    "name": "user.name",
}
"""Words that need no look into the policies."""


class IdentifierError(LakewardError):
    """An identifier does not say whom it names. Its text carries no value, and no name that may be one."""


def tokens_of(
    bundle: PolicyBundle, keyring: KeyRing, tenant: str, identifiers: Mapping[str, str]
) -> dict[str, str]:
    """The tokens of one person's identifiers, by token domain.

    A name is a column of one of the tenant's contracts (`customer_id`, as in silver or as in the file), a
    column of one dataset (`orders.customer_id`), a data class (`user.contact.email`), a token domain
    (`user.unique_id/customer`) or one of `SHORT`. It has to mean one domain: customer 5 and employee 5 are
    two people, and which of them is meant must not be guessed.

    Args:
        bundle: The policies.
        keyring: The lake's keys.
        tenant: Whose contracts and token key. KeyError where the policies do not know it.
        identifiers: Name to value, as written by whoever asks.

    Raises:
        IdentifierError: a name means nothing here or several things, or a value is empty once normalised.
    """
    told = bundle.tenants[tenant]
    key = keyring.tenant_keys(tenant).token_key
    found: dict[str, str] = {}
    for name, value in identifiers.items():
        domain = domain_of(bundle, tenant, name)
        how = bundle.taxonomy[domain.partition("/")[0]].normaliser
        normal = normalise(how, value, told.calling_code)
        if not normal:
            raise IdentifierError(
                f"the value for {domain} is empty in its normal form. To mend it: give the whole value"
            )
        made = token(key, domain, normal)
        if found.setdefault(domain, made) != made:
            raise IdentifierError(f"two values are given for {domain}. To mend it: give one at a time")
    return found


def domain_of(bundle: PolicyBundle, tenant: str, name: str) -> str:
    """The one token domain that `name` means for the tenant. Raises IdentifierError where it is not one."""
    found = sorted(_domains(bundle, tenant, name))
    if len(found) == 1:
        return found[0]
    if found:
        raise IdentifierError(
            f"an identifier means several things here. To mend it: give {' or '.join(found)} for its name"
        )
    known = sorted({column.name for _, column in _columns(bundle, tenant)} | set(SHORT))
    raise IdentifierError(
        f"an identifier's name is not known for {tenant}. To mend it: use {', '.join(known)}, a data class "
        "or a token domain, followed by = and the value"
    )


def subject_domains(bundle: PolicyBundle, tenant: str, dataset: str | None = None) -> set[str]:
    """The token domains that `subject_token` can be of: those of the subject columns of the contracts."""
    contracts = (bundle.contract_for(tenant, name) for name in bundle.datasets if dataset in (None, name))
    return {
        contract.column(contract.subject_column).token_domain
        for contract in contracts
        if contract is not None and contract.subject_column is not None
    }


def _domains(bundle: PolicyBundle, tenant: str, name: str) -> set[str]:
    columns = list(_columns(bundle, tenant))
    written = silver_name(name)
    named = {c.token_domain for dataset, c in columns if written in (c.name, f"{dataset}_{c.name}")}
    data_class = SHORT.get(name, name)
    if data_class in bundle.taxonomy and bundle.taxonomy[data_class].personal:
        named |= {token_domain(data_class, None)}
        named |= {column.token_domain for _, column in columns if column.data_class == data_class}
    return named | {column.token_domain for _, column in columns if column.token_domain == name}


def _columns(bundle: PolicyBundle, tenant: str) -> Iterator[tuple[str, Column]]:
    """The tenant's columns that can name a person, each with its dataset; prose names nobody as a whole."""
    for dataset in bundle.datasets:
        contract = bundle.contract_for(tenant, dataset)
        for column in contract.columns if contract is not None else ():
            personal = column.data_class is not None and bundle.taxonomy[column.data_class].personal
            if personal and not column.free_text:
                yield dataset, column
