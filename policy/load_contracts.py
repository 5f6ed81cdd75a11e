"""`datasets/*.yaml`: one Open Data Contract Standard document, one contract."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from open_data_contract_standard.model import OpenDataContractStandard, Team

from policy.contracts import Contract, Disposal, LoadMode, LogicalType
from policy.load_columns import Leaves, load_columns
from policy.load_names import silver_name
from policy.load_node import Node, close_match, quoted
from policy.load_properties import CONTRACT_PROPERTIES, own_properties
from policy.load_standard import read_standard
from policy.taxonomy import Taxonomy
from policy.tenants import DATASET_NAME

VERSION = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")
_ORDERED = (LogicalType.INTEGER, LogicalType.NUMBER, LogicalType.DATE, LogicalType.TIMESTAMP)


@dataclass(frozen=True)
class LoadedContract:
    """A contract with the places it came from, for what is checked across files."""

    contract: Contract
    root: Node
    leaves: Leaves


def load_contract(root: Node, taxonomy: Taxonomy, tenants: Collection[str] | None) -> LoadedContract | None:
    """The contract in one file. Faults go to the node's list; None where too little is left of it.

    `tenants` is None where tenants.yaml had a fault: a variant's tenant is then not looked up.
    """
    model = read_standard(root)
    if model is None:
        return None
    tenant = _tenant(root, tenants)
    version = _version(root)
    own = own_properties(root, CONTRACT_PROPERTIES)
    owner = _owner(root, model, own)
    schema = _schema(root)
    mode = _load_mode(root, own)
    disposal = Disposal.DELETE
    if "landingDisposal" in own and (chosen := own["landingDisposal"].choice(list(Disposal))):
        disposal = Disposal(chosen)
    if schema is None:
        return None
    if schema.child("name").value is None:
        schema.fault("the schema object has no name", "add name; it is the dataset's name")
        dataset = None
    else:
        rule = (
            "begin with a lower-case letter; go on with lower-case letters, digits and _; up to 60 characters"
        )
        dataset = schema.child("name").matching(DATASET_NAME, "a dataset name", rule)
    own_properties(schema, ())
    leaves = load_columns(schema.child("properties"), taxonomy)
    key = leaves.primary_key()
    if mode in (LoadMode.MERGE, LoadMode.SNAPSHOT) and not key:
        own["loadMode"].fault(
            f"{mode} needs a primary key", "set primaryKey: true on a property, or load by append"
        )
    named = {
        name: _named(own.get(f"{name}Column"), leaves) for name in ("subject", "time", "version", "tenant")
    }
    _check_roles(own, named, leaves, taxonomy)
    if dataset is None or mode is None:
        return None
    contract = Contract(
        dataset=dataset,
        tenant=tenant,
        version=version or "0.0.0",
        owner=owner or "",
        load_mode=mode,
        columns=tuple(leaves.columns.values()),
        primary_key=key,
        subject_column=named["subject"],
        time_column=named["time"],
        version_column=named["version"],
        tenant_column=named["tenant"],
        disposal=disposal,
        description=_description(model, schema),
        contact=_contact(model),
    )
    return LoadedContract(contract, root, leaves)


def _tenant(root: Node, tenants: Collection[str] | None) -> str | None:
    node = root.child("tenant")
    if node.value is None:
        return None
    if tenants is not None and node.value not in tenants:
        node.fault(
            f"the tenant {quoted(node.value)} is not in tenants.yaml", close_match(node.value, tenants)
        )
    return str(node.value)


def _version(root: Node) -> str | None:
    node = root.child("version")
    if node.value is None:
        return None
    return node.matching(VERSION, "a version", "write three numbers such as 1.0.0, in quotes if need be")


def _owner(root: Node, model: OpenDataContractStandard, own: dict[str, Node]) -> str | None:
    """`lakeward.owner`, else the team member with the role owner, else the team's name."""
    if "owner" in own:
        return own["owner"].text()
    team = model.team
    members = (team.members if isinstance(team, Team) else team) or []
    for member in members:
        if (member.role or "").strip().lower() == "owner" and (member.name or member.username):
            return member.name or member.username
    if isinstance(team, Team) and team.name:
        return team.name
    root.child("team").fault(
        "the contract names no owner", "add a team with a name, or a member with the role owner"
    )
    return None


def _contact(model: OpenDataContractStandard) -> str:
    """The channels of `support`, each with its address where it has one."""
    told = [" ".join(part for part in (one.channel, one.url) if part) for one in model.support or ()]
    return ", ".join(one for one in told if one)


def _schema(root: Node) -> Node | None:
    schema = root.child("schema")
    if not isinstance(schema.value, list) or len(schema.value) != 1 or not isinstance(schema.value[0], dict):
        schema.fault(
            "a contract describes one dataset", "give schema exactly one object; use a file for each dataset"
        )
        return None
    return schema.child(0)


def _load_mode(root: Node, own: dict[str, Node]) -> LoadMode | None:
    if "loadMode" not in own:
        root.child("customProperties").fault(
            "lakeward.loadMode is missing", "add it with the value append, merge or snapshot"
        )
        return None
    chosen = own["loadMode"].choice(list(LoadMode))
    return LoadMode(chosen) if chosen else None


def _named(node: Node | None, leaves: Leaves) -> str | None:
    """The silver name of a column that the contract names by silver name, by path or as in the file."""
    text = node.text() if node is not None else None
    if node is None or text is None:
        return None
    if silver_name(text) in leaves.columns:
        return silver_name(text)
    paths = {".".join(column.path): name for name, column in leaves.columns.items()}
    if text in paths:
        return paths[text]
    node.fault(f"the column {quoted(text)} is not declared", close_match(silver_name(text), leaves.columns))
    return None


def _check_roles(
    own: dict[str, Node], named: dict[str, str | None], leaves: Leaves, taxonomy: Taxonomy
) -> None:
    if subject := named["subject"]:
        column, at = leaves.columns[subject], own["subjectColumn"]
        if column.data_class is None:
            if leaves.places[subject].child("classification").value is None:
                at.fault(f"the subject column {quoted(subject)} has no data class", "add its classification")
        elif not taxonomy[column.data_class].personal:
            at.fault(
                f"the subject column {quoted(subject)} has a class that is not personal",
                "choose a personal class",
            )
        if column.logical_type not in (LogicalType.STRING, LogicalType.INTEGER):
            at.fault(
                f"the subject column {quoted(subject)} is {column.logical_type}",
                "use a string or integer column",
            )
    for role, types, wanted in (
        ("time", (LogicalType.DATE, LogicalType.TIMESTAMP), "a date or timestamp"),
        ("version", _ORDERED, "an integer, number, date or timestamp"),
        ("tenant", (LogicalType.STRING,), "a string"),
    ):
        name = named[role]
        if name is not None and leaves.columns[name].logical_type not in types:
            type_ = leaves.columns[name].logical_type
            own[f"{role}Column"].fault(f"the {role} column {quoted(name)} is {type_}", f"use {wanted} column")


def _description(model: OpenDataContractStandard, schema: Node) -> str:
    purpose = model.description.purpose if model.description else None
    text = purpose or schema.child("description").value
    return text.strip() if isinstance(text, str) else ""
