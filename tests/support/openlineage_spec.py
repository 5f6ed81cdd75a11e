"""The OpenLineage spec's own JSON schemas (2-0-2 and its facets), from openlineage/, and ours with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from audit.facets import SCHEMAS, facet_schema

SPEC = Path(__file__).with_name("openlineage")


@cache
def registry() -> Registry[Any]:
    """Every schema by the name that `_schemaURL` gives it; nothing is fetched."""
    schemas = [json.loads(path.read_text()) for path in sorted(SPEC.glob("*.json"))]
    schemas += [facet_schema(key) for key in SCHEMAS]
    return Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in schemas)


@cache
def validator(url: str) -> Draft202012Validator:
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator({"$ref": url}, registry=registry(), format_checker=checker)


def facets_of(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every facet in an event, with its key."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, dict) and "_schemaURL" in inner:
                yield key, inner
            yield from facets_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from facets_of(inner)


def faults(event: dict[str, Any]) -> list[str]:
    """What the schemas have against an event. Raises for a `_schemaURL` that leads to no schema here."""
    found = [f"event: {one.message}" for one in validator(event["schemaURL"]).iter_errors(event)]
    for key, facet in facets_of(event):
        # A facet's schema describes an object that holds it under its key; the definition it points to is it.
        found += [f"{key}: {one.message}" for one in validator(facet["_schemaURL"]).iter_errors(facet)]
    return found
