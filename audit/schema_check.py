"""Is an event what the OpenLineage core spec 2-0-2 asks for? Without a network and without the spec's files.

The auditor's half of the promise: what was built with the client library is checked here by rules written
from the spec, plus the spec's advice that a COMPLETE event names inputs and outputs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from audit.facets import SCHEMAS, facet_schema

DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
EVENT_TYPES = frozenset({"START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"})
RUN_EVENT_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"


def validate_event(event: object) -> list[str]:
    """What is wrong with a run event, as `place: fault`, in the event's order; empty if nothing is.

    Faults name places and rules, never the value found.
    """
    if not isinstance(event, Mapping):
        return ["event: is no object"]
    return list(_event_faults(event))


def _event_faults(event: Mapping[str, Any]) -> Iterator[str]:
    yield from _text(event, "eventTime", "event", is_date_time, "is no date-time with a zone")
    yield from _text(event, "producer", "event", is_uri, "is no URI")
    yield from _text(event, "schemaURL", "event", is_uri, "is no URI")
    if event.get("schemaURL") != RUN_EVENT_SCHEMA:
        yield "event.schemaURL: is not that of a run event of spec 2-0-2"
    if event.get("eventType") not in EVENT_TYPES:
        yield "event.eventType: is missing or unknown"
    yield from _object(event, "run", _run_faults)
    yield from _object(event, "job", _job_faults)
    for side, own_facets in (("inputs", "inputFacets"), ("outputs", "outputFacets")):
        datasets = event.get(side, [])
        if not isinstance(datasets, list):
            yield f"event.{side}: is no array"
            continue
        if event.get("eventType") == "COMPLETE" and not datasets:
            yield f"event.{side}: is empty in a COMPLETE event"
        for place, dataset in enumerate(datasets):
            yield from _dataset_faults(dataset, f"event.{side}[{place}]", own_facets)


def _run_faults(run: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from _text(run, "runId", where, is_uuid, "is no UUID")
    yield from _facet_faults(run.get("facets", {}), f"{where}.facets")
    facets = run.get("facets")
    for key in SCHEMAS:
        if isinstance(facets, Mapping) and key in facets:
            yield from _own_faults(key, facets[key], f"{where}.facets.{key}")


def _job_faults(job: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from _names(job, where)
    yield from _facet_faults(job.get("facets", {}), f"{where}.facets")


def _dataset_faults(dataset: object, where: str, own_facets: str) -> Iterator[str]:
    if not isinstance(dataset, Mapping):
        yield f"{where}: is no object"
        return
    yield from _names(dataset, where)
    for group in ("facets", own_facets):
        yield from _facet_faults(dataset.get(group, {}), f"{where}.{group}")


def _facet_faults(facets: object, where: str) -> Iterator[str]:
    if not isinstance(facets, Mapping):
        yield f"{where}: is no object"
        return
    for key, facet in facets.items():
        if not isinstance(facet, Mapping):
            yield f"{where}.{key}: is no object"
            continue
        yield from _text(facet, "_producer", f"{where}.{key}", is_uri, "is no URI")
        yield from _text(facet, "_schemaURL", f"{where}.{key}", is_uri, "is no URI")


def _own_faults(key: str, facet: object, where: str) -> Iterator[str]:
    schema = facet_schema(key)
    registry: Registry[Any] = Registry().with_resource(schema["$id"], Resource.from_contents(schema))
    validator = Draft202012Validator({"$ref": SCHEMAS[key][0]}, registry=registry)
    for fault in validator.iter_errors(facet):
        place = "".join(f".{part}" for part in fault.absolute_path)
        # The validator's own message quotes the value, so only the rule's name is told.
        yield f"{where}{place}: breaks `{fault.validator}` of our facet's schema"


def _names(thing: Mapping[str, Any], where: str) -> Iterator[str]:
    for key in ("namespace", "name"):
        yield from _text(thing, key, where, bool, "is empty")


def _object(
    event: Mapping[str, Any], key: str, faults: Callable[[Mapping[str, Any], str], Iterator[str]]
) -> Iterator[str]:
    value = event.get(key)
    if isinstance(value, Mapping):
        yield from faults(value, f"event.{key}")
    else:
        yield f"event.{key}: is missing or no object"


def _text(
    thing: Mapping[str, Any], key: str, where: str, holds: Callable[[str], bool], fault: str
) -> Iterator[str]:
    value = thing.get(key)
    if not isinstance(value, str):
        yield f"{where}.{key}: is missing or no text"
    elif not holds(value):
        yield f"{where}.{key}: {fault}"


def is_date_time(text: str) -> bool:
    """True for RFC 3339 date-times: a date, a `T`, a time and a zone."""
    # The pattern first, because fromisoformat also reads week dates and times without a zone.
    if not DATE_TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True


def is_uri(text: str) -> bool:
    """True for a text with a scheme and something after it, in ASCII without blanks (RFC 3986)."""
    if not text.isascii() or any(character.isspace() for character in text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme) and bool(parts.netloc or parts.path)


def is_uuid(text: str) -> bool:
    """True for the 36-character form of RFC 9562; the UUID class alone would take braces and bare hex too."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
