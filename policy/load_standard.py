"""A dataset file as an Open Data Contract Standard document: right keys, right types.

The reference model (package open-data-contract-standard) ignores keys that it does not know below the
top; here they are faults, because a misspelt `classification` would leave a column in the clear.
"""

from __future__ import annotations

import copy
from typing import Any, get_args, get_origin

from open_data_contract_standard.model import OpenDataContractStandard
from pydantic import BaseModel, ValidationError

from policy.load_node import Node, Path, close_match, quoted

API_VERSIONS = ("v3.1.0", "v3.2.0")
"""Accepted releases of the standard; what Lakeward reads has one meaning in both. `enum` came with v3.2.0."""


def read_standard(root: Node) -> OpenDataContractStandard | None:
    """The document as the reference model, without the places that had a fault; None if nothing is left."""
    if not isinstance(root.value, dict):
        root.fault("a data contract is a mapping", "write apiVersion, kind, id, version, schema and the rest")
        return None
    _refuse_unknown(root, OpenDataContractStandard)
    raw = copy.deepcopy(root.value)
    for key in [key for key in raw if key not in _aliases(OpenDataContractStandard)]:
        del raw[key]
    # A value of the wrong type is reported and taken out, so that the rest is checked in the same run.
    taken: set[Path] = set()
    while True:
        try:
            model = OpenDataContractStandard.model_validate(raw, strict=True)
            break
        except ValidationError as error:
            if not _take_out(root, raw, error, taken):
                root.fault("this is no data contract", "compare it with the standard's own example")
                return None
    _check_head(root)
    return model


def _check_head(root: Node) -> None:
    for key in ("apiVersion", "kind", "id", "version"):
        if root.child(key).value is None:
            root.fault(f"the key {quoted(key)} is missing", f"add {key}")
    if root.child("apiVersion").value is not None:
        root.child("apiVersion").choice(API_VERSIONS)
    if root.child("kind").value is not None:
        root.child("kind").choice(["DataContract"])


def _take_out(root: Node, raw: Any, error: ValidationError, taken: set[Path]) -> bool:
    """Reports each wrong value once and empties its place in `raw`; False if no new place was found."""
    removed = False
    for detail in error.errors(include_url=False, include_input=False):
        path = _existing(raw, detail["loc"])
        if not path or path in taken:
            continue  # the branches of a union each report the same place
        taken.add(path)
        holder = raw
        for part in path[:-1]:
            holder = holder[part]
        wants_text = detail["type"] == "string_type"
        holder[path[-1]] = None if isinstance(holder, dict) else "" if wants_text else {}
        removed = True
        node = root
        for part in path:
            node = node.child(part)
        message = detail["msg"].removeprefix("Input should be ")
        mend = "write it in quotes" if wants_text else f"write {message}"
        node.fault(f"this should be {message}", mend)
        node.mute()
    return removed


def _existing(raw: Any, location: tuple[int | str, ...]) -> Path:
    """The part of an error's location that exists in the document; the rest names branches of a type."""
    path: Path = ()
    for part in location:
        in_list = isinstance(raw, list) and isinstance(part, int) and part < len(raw)
        if not in_list and not (isinstance(raw, dict) and part in raw):
            break
        raw = raw[part]
        path = (*path, part)
    return path


def _aliases(model: type[BaseModel]) -> dict[str, Any]:
    return {info.alias or name: info.annotation for name, info in model.model_fields.items()}


def _refuse_unknown(node: Node, model: type[BaseModel]) -> None:
    if not isinstance(node.value, dict):
        return
    known = _aliases(model)
    for key, value in node.value.items():
        child = node.child(key)
        if key not in known:
            child.fault(f"the key {quoted(key)} is not known to the standard", close_match(key, known))
        elif isinstance(value, list):
            for nested in _models(known[key], in_list=True):
                for item in child.items():
                    _refuse_unknown(item, nested)
        else:
            for nested in _models(known[key], in_list=False):
                _refuse_unknown(child, nested)


def _models(annotation: Any, *, in_list: bool) -> list[type[BaseModel]]:
    """The models that a mapping at this place (or each entry of a list) is read as."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [] if in_list else [annotation]
    if get_origin(annotation) is list:
        return _models(get_args(annotation)[0], in_list=False) if in_list else []
    if get_origin(annotation) is dict:
        return []
    return [model for each in get_args(annotation) for model in _models(each, in_list=in_list)]
