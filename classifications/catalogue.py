"""What the columns of a file hold, one record a column, without a contract and without a lake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from classifications import headers
from classifications.column_evidence import Values
from classifications.columns import profile_values
from classifications.detector import Detector
from classifications.profiles import ColumnProfile
from classifications.scan import scan
from classifications.suggested import treatment_of
from classifications.table_files import batches, table_name
from classifications.validators import is_date, is_ssn
from policy.taxonomy import Taxonomy

FREE_TEXT = "user.content"
# Names of companies, places and sites in prose say little of anybody by themselves.
_WEAK = frozenset(
    {
        headers.ORGANISATION,
        headers.URL,
        "user.location",
        "user.demographic",
        "user.demographic.race_ethnicity",
    }
)
_RARELY = 0.02  # a share of texts below which the model's finds are taken for its mistakes
_SURE, _LIKELY, _UNKNOWN = 0.95, 0.75, 0.5


@dataclass(frozen=True)
class ColumnRecord:
    """One column: `data_class` is None where nothing personal is known of it.

    `group` is the plain word for the class, `inside` the classes within free text, `confidence` lies
    between 0 and 1 and is that of the whole verdict, `treatment` a suggestion, `form` what all values are
    built like (`integer`, `date`, …), `skipped` on how many values a recognizer of a policy failed.
    """

    table: str
    column: str
    data_class: str | None
    group: str
    personal: bool
    confidence: float
    reason: str
    treatment: str
    inside: dict[str, int] = field(default_factory=dict)
    form: str = "string"
    skipped: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The record with `class` for `data_class`; `inside` only where something is."""
        record = asdict(self)
        inside = record.pop("inside")
        del record["form"], record["skipped"]
        shown = {("class" if key == "data_class" else key): value for key, value in record.items()}
        return shown | ({"inside": inside} if inside else {})


def catalogue(path: Path, detector: Detector) -> list[ColumnRecord]:
    """A record for each column of the file, in order. Raises LakewardError where it cannot be read."""
    columns = scan(batches(path))
    table = table_name(path)
    profiles = profile_values(columns, table, detector)
    return [
        replace(
            _record(table, profile, columns[profile.column], detector.taxonomy),
            form=columns[profile.column].form,
            skipped=profile.skipped,
        )
        for profile in profiles
    ]


def _record(table: str, profile: ColumnProfile, values: Values, taxonomy: Taxonomy) -> ColumnRecord:
    if profile.free_text:
        return _prose(table, profile)
    if profile.data_class is None:
        return _impersonal(table, profile, values)
    group = taxonomy[profile.data_class].group
    if profile.data_class == headers.NATIONAL_ID and _are_ssns(values.sample):
        group = "ssn"
    return ColumnRecord(
        table,
        profile.column,
        profile.data_class,
        group,
        True,
        profile.confidence,
        profile.reason,
        treatment_of(profile.data_class, taxonomy),
    )


def _prose(table: str, profile: ColumnProfile) -> ColumnRecord:
    """Free text is personal where something in it tells of somebody."""
    inside = dict(profile.inside) | {headers.NAME: int(profile.evidence["named"])}
    least = max(1, _RARELY * profile.evidence["sampled"])
    telling = [key for key, count in inside.items() if key not in _WEAK and count >= least]
    return ColumnRecord(
        table,
        profile.column,
        FREE_TEXT,
        "free_text",
        bool(telling),
        profile.confidence if telling else _LIKELY,
        profile.reason,
        "redact" if telling else "keep",
        dict(sorted(profile.inside.items(), key=lambda item: (-item[1], item[0]))),
    )


def _impersonal(table: str, profile: ColumnProfile, values: Values) -> ColumnRecord:
    """Nothing personal: how sure that is depends on what the values look like."""
    said = headers.class_by_header(profile.column)
    if (said is not None and said[0] == headers.ORGANISATION) or "companies" in profile.evidence:
        return ColumnRecord(
            table,
            profile.column,
            headers.ORGANISATION,
            "organisation",
            False,
            _LIKELY,
            profile.reason,
            "keep",
        )
    confidence = _LIKELY
    if not values.sample:
        confidence = _UNKNOWN
    elif all(_is_number(value) or is_date(value[:10]) for value in values.sample):
        confidence = _SURE
    return ColumnRecord(table, profile.column, None, "other", False, confidence, profile.reason, "keep")


def _are_ssns(sample: Sequence[str]) -> bool:
    return sum(map(is_ssn, sample)) >= 0.5 * max(1, len(sample))


def _is_number(value: str) -> bool:
    return value.replace(".", "").replace(",", "").lstrip("+-").isdigit()
