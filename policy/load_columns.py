"""The properties of an ODCS schema object as flat columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from policy.contracts import Column, LogicalType
from policy.load_constraints import load_constraints
from policy.load_names import PATH_RULE, PATH_SEGMENT, RESERVED_NAMES, silver_name
from policy.load_node import Node, close_match, quoted
from policy.load_properties import COLUMN_PROPERTIES, own_properties
from policy.load_treatment import misfit, parse_treatment
from policy.taxonomy import Taxonomy

NAMESPACE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TYPES = [*LogicalType, "object"]


@dataclass
class Leaves:
    """The columns of one contract in declared order, with the place and the key position of each."""

    columns: dict[str, Column] = field(default_factory=dict)
    places: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, int | None] = field(default_factory=dict)

    def primary_key(self) -> tuple[str, ...]:
        """The key columns in their order; positions are given for all of them or for none."""
        positions = [position for position in self.keys.values() if position is not None]
        if positions and (len(positions) < len(self.keys) or len(set(positions)) < len(positions)):
            at = self.places[next(iter(self.keys))]
            at.fault(
                "the positions of the primary key are not clear",
                "give each key column its own primaryKeyPosition",
            )
            return tuple(self.keys)
        return tuple(sorted(self.keys, key=lambda name: self.keys[name] or 0))


def load_columns(properties: Node, taxonomy: Taxonomy) -> Leaves:
    """Flattens `properties` (objects into their leaves); faults go to the node's list."""
    leaves = Leaves()
    _flatten(properties, (), (), True, taxonomy, leaves)
    return leaves


def _flatten(
    properties: Node,
    path: tuple[str, ...],
    names: tuple[str, ...],
    needed: bool,
    taxonomy: Taxonomy,
    leaves: Leaves,
) -> None:
    """`needed` says whether everything above is required."""
    if not properties.value:
        properties.fault("there are no properties", "list at least one")
        return
    for prop in properties.items():
        if not isinstance(prop.value, dict):
            prop.fault("a property is a mapping", "write name, logicalType and the rest")
            continue
        segment, name = _names(prop)
        type_ = _logical_type(prop)
        if segment is None or name is None or type_ is None:
            continue
        if prop.child("required").value is True and not needed:
            prop.child("required").fault(
                f"{quoted(name)} is required inside an object that is not", "make both required, or neither"
            )
        if type_ == "object":
            _refuse_on_object(prop)
            inner = needed and prop.child("required").value is True
            _flatten(prop.child("properties"), (*path, segment), (*names, name), inner, taxonomy, leaves)
            continue
        _add(prop, (*path, segment), silver_name(*names, name), LogicalType(type_), taxonomy, leaves)


def _names(prop: Node) -> tuple[str | None, str | None]:
    """What the file calls it (`physicalName`, else `name`), and what silver builds its name from (`name`)."""
    if prop.child("name").value is None:
        prop.child("name").fault("the property has no name", "add name")
        return None, None
    name = prop.child("name").matching(PATH_SEGMENT, "a column name", PATH_RULE)
    if prop.child("physicalName").value is None:
        return name, name
    return prop.child("physicalName").matching(PATH_SEGMENT, "a column name", PATH_RULE), name


def _logical_type(prop: Node) -> str | None:
    node = prop.child("logicalType")
    if node.value is None:
        node.fault("the property has no logicalType", "add logicalType")
        return None
    return node.choice(_TYPES)


def _refuse_on_object(prop: Node) -> None:
    for key in ("classification", "enum", "primaryKey", "logicalTypeOptions", "unique"):
        if prop.child(key).value:
            prop.child(key).fault(
                f"{key} stands on an object, where nothing would read it", "move it to the properties"
            )
    for name, value in own_properties(prop, COLUMN_PROPERTIES).items():
        value.fault(
            f"lakeward.{name} stands on an object, where nothing would read it", "move it to the properties"
        )


def _refuse_in_items(items: Node) -> None:
    """What stands inside an array's items would be ignored: the array is treated as one value."""
    if not isinstance(items.value, dict):
        return
    for key in ("classification", "customProperties"):
        if items.child(key).value:
            items.child(key).fault(
                f"{key} stands inside an array, which is treated as one value",
                "give the array itself a class",
            )
    _refuse_in_items(items.child("items"))
    for prop in items.child("properties").items() if items.child("properties").value else []:
        _refuse_in_items(prop)


def _add(
    prop: Node, path: tuple[str, ...], name: str, type_: LogicalType, taxonomy: Taxonomy, leaves: Leaves
) -> None:
    at = prop.child("name")
    if name in leaves.columns:
        at.fault(
            f"its silver name {quoted(name)} is taken by {quoted('.'.join(leaves.columns[name].path))}",
            "choose another name; physicalName can hold the name in the file",
        )
        return
    if name in RESERVED_NAMES:
        at.fault(
            f"the silver name {quoted(name)} is one of Lakeward's own columns",
            "choose another name and write the one in the file as physicalName",
        )
        return
    if any(path == other.path for other in leaves.columns.values()):
        prop.child("physicalName").fault(
            f"{quoted('.'.join(path))} is declared twice", "remove one of the two"
        )
        return
    if prop.child("properties").value:
        prop.child("properties").fault(f"a {type_} has no properties", "make it an object, or remove them")
    _refuse_in_items(prop.child("items"))
    is_key = prop.child("primaryKey").value is True
    required = prop.child("required").value
    if is_key:
        _check_key(prop, type_, required)
        position = prop.child("primaryKeyPosition").value
        leaves.keys[name] = position if isinstance(position, int) and position > 0 else None
    if prop.child("unique").value is True and not is_key:
        prop.child("unique").fault("unique is not checked outside the primary key", "remove it")
    leaves.places[name] = prop
    leaves.columns[name] = _column(prop, path, name, type_, bool(required) or is_key, taxonomy)


def _check_key(prop: Node, type_: LogicalType, required: object) -> None:
    if required is False:
        prop.child("required").fault("a column of the primary key is not optional", "remove required: false")
    if type_ is LogicalType.ARRAY:
        prop.child("primaryKey").fault("an array cannot be in the primary key", "choose another column")


def _column(
    prop: Node, path: tuple[str, ...], name: str, type_: LogicalType, required: bool, taxonomy: Taxonomy
) -> Column:
    own = own_properties(prop, COLUMN_PROPERTIES)
    data_class = None
    given = prop.child("classification").value
    if given is not None:
        data_class = given if isinstance(given, str) and given in taxonomy else None
        if data_class is None:
            prop.child("classification").fault(
                f"{quoted(given)} is no data class", close_match(given, taxonomy.classes)
            )
    namespace = None
    if "namespace" in own:
        rule = "begin with a lower-case letter; go on with lower-case letters, digits and _"
        namespace = own["namespace"].matching(NAMESPACE, "a namespace", rule)
        if given is None:
            own["namespace"].fault("a namespace needs a data class", "add classification")
    free_text = bool(own["freeText"].flag()) if "freeText" in own else False
    if free_text and type_ not in (LogicalType.STRING, LogicalType.ARRAY):
        own["freeText"].fault(f"a {type_} column is no free text", "remove lakeward.freeText")
    treatment = parse_treatment(own["treatment"]) if "treatment" in own else None
    if treatment and (reason := misfit(treatment, type_)):
        own["treatment"].fault(reason, "choose another treatment, or another logicalType")
    description = prop.child("description").value
    constraints = load_constraints(prop, type_)
    text = description.strip() if isinstance(description, str) else ""
    return Column(path, name, type_, required, data_class, namespace, free_text, treatment, constraints, text)
