"""Column schemas and column lineage, as the Dagster UI shows them before anything has run.

Dagster's open UI draws no column lineage. It does read a column's description as Markdown: there stand links
to where the column comes from and where it goes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import quote

import dagster as dg

from policy.bundle import PolicyBundle
from policy.contracts import Column, Contract
from policy.treatments import Treatment, TreatmentKind
from transforms.plan import ColumnPlan

BRONZE = (
    ("tenant_id", "string", "Whose row it is; the table's partition"),
    ("record_id", "string", "The tenant's token of the primary key; of the row's place where there is none"),
    ("subject_token", "string", "The tenant's token of the person the row is about"),
    ("occurred_at", "timestamp", "The contract's time column"),
    ("ingested_at", "timestamp", "When its batch was opened"),
    ("batch_id", "string", "The delivery it came with; sorts in order of arrival"),
    ("position", "bigint", "Its place in the file"),
    ("policy_digest", "string", "The policies it was checked against"),
    ("key_id", "string", "The data key that seals it"),
    ("sealed", "binary", "The whole record under AES-256-GCM"),
)
SURROGATES = {"tenant_id", "record_id", "subject_token", "occurred_at", "policy_digest"}
CARRIED = SURROGATES - {"policy_digest"}
"""Silver has these as bronze has them."""
WORDS = {
    TreatmentKind.KEEP: "as it came",
    TreatmentKind.GENERALISE: "made coarser",
    TreatmentKind.MASK: "partly covered",
    TreatmentKind.TOKEN: "equal values have equal tokens within a tenant",
    TreatmentKind.SEAL: "sealed; opens with the tenant's key",
    TreatmentKind.REDACT: "personal values in the text are replaced by class and token",
    TreatmentKind.DROP: "always empty",
}
OTHER = "other"
"""The group of the classes that belong to no kind of their own."""
MOST_DEVIATIONS = 8  # more tags than these on one column are no longer read


def bronze_schema(bundle: PolicyBundle, dataset: str) -> dg.TableSchema:
    """The columns of a bronze table, each that goes on with a link to where it goes in silver."""
    silver = _link("silver", "silver", dataset)
    fields = ", ".join(
        f"`{one.name}` ({one.data_class})" if one.data_class else f"`{one.name}`"
        for one in silver_columns(bundle, dataset)
    )
    goes = dict.fromkeys(CARRIED, f"Goes into {silver} as it is")
    goes["sealed"] = f"Opened and treated, its fields become these columns of {silver}: {fields}"
    return dg.TableSchema(
        [
            dg.TableColumn(name, type_, f"{text}. {goes[name]}" if name in goes else text)
            for name, type_, text in BRONZE
        ]
    )


def contracts_of(bundle: PolicyBundle, dataset: str) -> list[Contract]:
    """The dataset's contracts, the one for all tenants first."""
    return sorted((c for c in bundle.contracts if c.dataset == dataset), key=lambda c: c.tenant or "")


def team_of(contract: Contract | None) -> str:
    """The team that owns a contract; empty where none is named, or by an address only.

    A person's address is no team, and belongs in the contract alone.
    """
    return contract.owner if contract is not None and "@" not in contract.owner else ""


def silver_schema(bundle: PolicyBundle, dataset: str) -> dg.TableSchema:
    """Surrogates and every contract's columns, with class and treatment as tags."""
    bronze = _link("bronze", "bronze", dataset)
    columns = [
        dg.TableColumn(name, type_, f"{text}. As it is in `{name}` of {bronze}" if name in CARRIED else text)
        for name, type_, text in BRONZE
        if name in SURROGATES
    ]
    for one in silver_columns(bundle, dataset):
        tags = column_tags(bundle, dataset, one)
        links = (_origin(dataset, one), _of_its_kind(bundle, one))
        words = [text for text in (one.description, *treatment_words(bundle, dataset, one), *links) if text]
        columns += [
            dg.TableColumn(
                one.name, _type(one), ". ".join(text[:1].upper() + text[1:] for text in words), tags=tags
            )
        ]
    return dg.TableSchema(columns)


def _origin(dataset: str, column: Column) -> str:
    bronze, landing = _link("bronze", "bronze", dataset), _link("landing zone", "landing", "inventory")
    found = _link("what was found in it", "findings", dataset)
    field = ".".join(column.path)
    return f"from the field `{field}` of a file in the {landing}, by way of `sealed` in {bronze}; {found}"


def _of_its_kind(bundle: PolicyBundle, column: Column) -> str:
    group = None if column.data_class is None else bundle.taxonomy[column.data_class].group
    if group in (None, OTHER):
        return ""
    wanted = quote(f'tag:"{_holds(group)}"')
    return f"[All tables that hold {group.replace('_', ' ')}](/assets?asset-selection={wanted})"


def _link(words: str, *key: str) -> str:
    return f"[{words}](/assets/{'/'.join(key)})"


def silver_columns(bundle: PolicyBundle, dataset: str) -> list[Column]:
    """The columns of all contract variants, each name once, in contract order."""
    found: dict[str, Column] = {}
    for contract in contracts_of(bundle, dataset):
        for column in contract.columns:
            found.setdefault(column.name, column)
    return list(found.values())


def column_tags(bundle: PolicyBundle, dataset: str, column: Column) -> dict[str, str]:
    """`class` and `treatment` by policy, with `treatment.<tenant>` where a tenant's differs."""
    plans = {
        tenant: tag_value(str(treatment))
        for tenant, treatment in _declared_treatments(bundle, dataset, column.name)
    }
    tags = {"class": tag_value(column.data_class)} if column.data_class else {}
    if column.free_text:
        tags["free_text"] = "true"
    if not plans:
        return tags
    usual = Counter(plans.values()).most_common(1)[0][0]
    others = {tenant: treatment for tenant, treatment in sorted(plans.items()) if treatment != usual}
    if len(others) > MOST_DEVIATIONS:
        return tags | {"treatment": "differs-by-tenant"}
    return tags | {"treatment": usual} | {f"treatment.{tenant}": value for tenant, value in others.items()}


def holds_tags(bundle: PolicyBundle, dataset: str) -> dict[str, str]:
    """`holds/email` and the like: what a dataset is declared to hold, for the catalogue's filter by tag."""
    keys = (column.data_class for column in silver_columns(bundle, dataset))
    groups = {bundle.taxonomy[key].group for key in keys if key is not None}
    return {_holds(group): "" for group in sorted(groups - {OTHER})}


def _holds(group: str) -> str:
    return f"holds/{tag_value(group)}"


def treatment_words(bundle: PolicyBundle, dataset: str, column: Column) -> list[str]:
    """What the column's treatments mean, each once."""
    kinds = {treatment.kind for _, treatment in _declared_treatments(bundle, dataset, column.name)}
    return [WORDS[kind] for kind in sorted(kinds, key=lambda kind: kind.strictness)]


def silver_lineage(bundle: PolicyBundle, dataset: str) -> dg.TableColumnLineage:
    """Every treated column comes out of bronze's `sealed`; surrogates come as they are."""
    bronze = dg.AssetKey(["bronze", dataset])
    sources = {column.name: "sealed" for column in silver_columns(bundle, dataset)}
    same = {name: name for name in CARRIED}
    return dg.TableColumnLineage(
        {name: [dg.TableColumnDep(bronze, source)] for name, source in (same | sources).items()}
    )


def tag_value(text: str) -> str:
    """The text as Dagster allows it in a tag: 63 characters of letters, digits, `_`, `-` and `.`."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text)[:63]


def _declared_treatments(bundle: PolicyBundle, dataset: str, name: str) -> Iterable[tuple[str, Treatment]]:
    for tenant in bundle.tenants:
        contract = bundle.contract_for(tenant, dataset)
        for column in contract.columns if contract else ():
            if column.name == name:
                yield tenant, bundle.treatment_for(tenant, dataset, column)


def _type(column: Column) -> str:
    return ColumnPlan(column, column.treatment, None, "").silver_type  # type: ignore[arg-type]
