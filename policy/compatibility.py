"""Whether a tenant's files and silver survive a contract's next version, and how a version is remembered."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from policy.contracts import Column, Constraints, Contract, Disposal, LoadMode, LogicalType
from policy.errors import PolicyError, Problem
from policy.treatments import GeneraliseTo, Treatment, TreatmentKind

FORMAT = 1
"""Of the JSON form; a reader refuses what it does not know."""

_SEPARATE = "put the old one back, or deliver the new shape as a dataset of another name"

_RENAMED = "publish it under a new column name, or in a dataset of another name"


def incompatibilities(old: Contract, new: Contract) -> tuple[Problem, ...]:
    """Every reason why `new` cannot take the place of the accepted `old`; empty where it can.

    Both are of one dataset (ValueError otherwise). They may be of different variants, as when a tenant
    leaves the general contract for its own. Descriptions, owner and contact may change under one version.
    """
    if old.dataset != new.dataset:
        raise ValueError("two datasets are no two versions of one contract")
    found = [*_columns(old, new), *_shape(old, new), *_versions(old, new)]
    who = f"dataset {new.dataset}" + (f" of {new.tenant}" if new.tenant else "")
    return tuple(Problem(who, where, fact, mend) for where, fact, mend in found)


def _columns(old: Contract, new: Contract) -> list[tuple[str, str, str]]:
    before = {column.name: column for column in old.columns}
    after = {column.name: column for column in new.columns}
    found = [
        (name, "the column is gone", "put it back as an optional column")
        for name in before
        if name not in after
    ]
    for name, column in after.items():
        was = before.get(name)
        if was is None:
            if column.required:
                found.append(
                    (name, "a new column is required, and earlier files lack it", "make it optional")
                )
            continue
        if was.logical_type is not column.logical_type:
            fact = f"the logical type changed from {was.logical_type} to {column.logical_type}"
            found.append((name, fact, "put the old type back, or add a column of another name"))
        elif was.text_in_silver is not column.text_in_silver:
            found.append((name, _silver_change(column), _RENAMED))
        if was.path != column.path:
            fact = f"its place in the file changed from {'.'.join(was.path)} to {'.'.join(column.path)}"
            found.append((name, fact, "put the old place back, or add a column of another name"))
        if column.required and not was.required:
            found.append(
                (name, "an optional column became required, and earlier files lack it", "make it optional")
            )
        if name in _identifying(old) | _identifying(new) and was.token_domain != column.token_domain:
            fact = f"its tokens would change: {was.token_domain} became {column.token_domain}"
            found.append((name, fact, "put the old classification and namespace back"))
    return found


def _silver_change(column: Column) -> str:
    """A table's column keeps its type, and what it holds already was written in the old one."""
    if column.text_in_silver:
        why = "a class, free text or a treatment of its own was added"
        return f"its type in silver would change from {column.logical_type} to text, as {why}"
    why = "its class, free text or own treatment was taken away"
    return f"its type in silver would change from text to {column.logical_type}, as {why}"


def _identifying(contract: Contract) -> set[str]:
    subject = {contract.subject_column} if contract.subject_column else set()
    return subject | set(contract.primary_key)


def _shape(old: Contract, new: Contract) -> list[tuple[str, str, str]]:
    found = []
    if old.primary_key != new.primary_key:
        fact = f"the primary key changed from {_words(old.primary_key)} to {_words(new.primary_key)}"
        found.append(("primary key", fact, _SEPARATE))
    if old.load_mode is not new.load_mode:
        found.append(
            ("load mode", f"the load mode changed from {old.load_mode} to {new.load_mode}", _SEPARATE)
        )
    if old.subject_column != new.subject_column:
        was, now = old.subject_column or "none", new.subject_column or "none"
        fact = f"the subject column changed from {was} to {now}"
        found.append(("subject column", fact, _SEPARATE))
    return found


def _versions(old: Contract, new: Contract) -> list[tuple[str, str, str]]:
    was, now = _numbers(old.version), _numbers(new.version)
    if now < was:
        fact = f"version {new.version} is below {old.version}, that is accepted already"
        return [("version", fact, f"give it a version above {old.version}")]
    if now == was and _content(old) != _content(new):
        fact = f"the contract changed, but its version is still {old.version}"
        return [("version", fact, f"give it a version above {old.version}")]
    added = {column.name for column in new.columns} - {column.name for column in old.columns}
    if added and now > was and now[:2] == was[:2]:
        fact = f"a column was added between {old.version} and {new.version}, which differ as a repair does"
        return [("version", fact, f"give it version {was[0]}.{was[1] + 1}.0")]
    return []


def _content(contract: Contract) -> Contract:
    columns = tuple(replace(column, description="") for column in contract.columns)
    return replace(contract, columns=columns, version="", owner="", contact="", description="", tenant=None)


def _numbers(version: str) -> tuple[int, int, int]:
    major, minor, patch = (int(part) for part in version.split("."))
    return major, minor, patch


def _words(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"


def contract_to_json(contract: Contract) -> str:
    """The contract as one line of JSON with sorted keys; equal contracts give equal text."""
    body = {"format": FORMAT, **asdict(contract)}
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def contract_from_json(text: str) -> Contract:
    """The contract that `contract_to_json` wrote. Raises PolicyError on any other text."""
    try:
        body = json.loads(text)
        _format(body)
        columns = tuple(_column(each) for each in body.pop("columns"))
        return Contract(
            columns=columns,
            primary_key=tuple(body.pop("primary_key")),
            load_mode=LoadMode(body.pop("load_mode")),
            disposal=Disposal(body.pop("disposal")),
            **body,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        fact = f"this is no contract in format {FORMAT} ({type(error).__name__})"
        mend = "restore the control database from a backup, or use the release that wrote it"
        raise PolicyError([Problem("remembered contract", "", fact, mend)]) from error


def _format(body: dict[str, Any]) -> None:
    if body.pop("format") != FORMAT:
        raise ValueError(f"not format {FORMAT}")


def _column(body: dict[str, Any]) -> Column:
    constraints = body.pop("constraints")
    treatment = body.pop("treatment")
    return Column(
        path=tuple(body.pop("path")),
        logical_type=LogicalType(body.pop("logical_type")),
        constraints=Constraints(allowed=tuple(constraints.pop("allowed")), **constraints),
        treatment=_treatment(treatment) if treatment is not None else None,
        **body,
    )


def _treatment(body: dict[str, Any]) -> Treatment:
    to = body.pop("to")
    return Treatment(TreatmentKind(body.pop("kind")), to=GeneraliseTo(to) if to is not None else None, **body)
