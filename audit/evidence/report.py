"""`report.html`: the bundle for who reads and does not compute. One page, no network, pictures drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from audit.evidence.draw_journey import draw_journey
from audit.evidence.policies import CopiedPolicies
from audit.evidence.processing import rules_of
from audit.evidence.story import Story
from audit.pages.draw_time import draw_detections, draw_requests, draw_retention
from audit.pages.page import drawing, rendered
from audit.pages.words import COLOURS, EXPLAINED, STATES, class_words, treatment_words
from policy.bundle import PolicyBundle

REPORT = "report.html"
LEFT_OUT = {
    "entries_of_others": "ledger entries of other tenants and of the platform's own running",
    "entries_outside_the_period": "ledger entries of this tenant from outside the period",
    "entries_that_name_others": "ledger entries that also name somebody else",
    "receipts_missing": "receipts that the ledger names and that are not in the lake's folder any more",
    "receipts_that_name_others": "receipts that also name somebody else",
    "lists_of_searched_files_that_name_others": "lists of searched files, which name every tenant's files; "
    "each receipt holds its list's SHA-256",
    "policy_files_of_others": "policy files that are about others",
    "older_policies_not_kept": "sets of older policies of which no copy is kept",
}


@dataclass(frozen=True)
class Told:
    """What the report is made from. `about`: the manifest; `record`: of processing; `older`: policies."""

    about: dict[str, Any]
    story: Story
    bundle: PolicyBundle
    record: Sequence[dict[str, Any]]
    policies: CopiedPolicies
    older: Sequence[dict[str, Any]]
    key_id: str


def write_report(folder: Path, told: Told) -> None:
    """Write the page into the folder."""
    template = files("audit.evidence").joinpath("report.html.j2").read_text(encoding="utf-8")
    page = rendered(template, _facts(told))
    (folder / REPORT).write_text(page, encoding="utf-8")


def _facts(told: Told) -> dict[str, Any]:
    story, about, tenant = told.story, told.about, told.bundle.tenants[told.about["tenant"]]
    rules = rules_of(told.bundle, tenant.id)
    left_out = about["counts"]["left_out"]
    return {
        "about": about,
        "tenant": tenant,
        "story": story,
        "counts": about["counts"],
        "left_out": [(words, left_out[name]) for name, words in LEFT_OUT.items() if left_out[name]],
        "journey": drawing(draw_journey(story.journey)),
        "retention": drawing(draw_retention(rules)),
        "requests": drawing(draw_requests(list(story.requests.values()), about["made"])),
        "detections": drawing(draw_detections(story.detections)),
        "treatments": [(words, colour, EXPLAINED[words]) for words, colour in COLOURS.items()],
        "paths": _paths(story),
        "states": STATES,
        "record": told.record,
        "checks": _checks(story),
        "policies": told.policies,
        "older": {one["digest"]: one.get("folder", one["copy"]) for one in told.older},
        "policies_digest": told.bundle.digest,
        "key_id": told.key_id,
        "gone": [(*key, rows) for key, rows in sorted(story.gone.items()) if rows],
        "kept_out": sorted({*story.quarantined, *story.refused}),
    }


def _paths(story: Story) -> list[dict[str, Any]]:
    """A line a class: its columns by where they stand and what was done."""
    journey = story.journey
    return [
        {
            "words": class_words(key),
            "key": key,
            "from": [f"{one.dataset}.{one.column}" for one in journey.of_class(key).get("landing", ())],
            "to": [
                (f"{one.dataset}.{one.column}", treatment_words(one.treatment))
                for one in journey.of_class(key).get("silver", ())
            ],
            "gone": [f"{one.dataset}.{one.column}" for one in journey.of_class(key).get("dropped", ())],
        }
        for key in journey.classes()
        if key.startswith("user")
    ]


def _checks(story: Story) -> list[tuple[str, int, int, str]]:
    """By dataset: how many checks passed and failed when they were last made, and when that was."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for (dataset, _), result in sorted(story.checks.items()):
        found.setdefault(dataset, []).append(result)
    return [
        (
            dataset,
            sum(ok for _, ok in results),
            sum(not ok for _, ok in results),
            max(at for at, _ in results),
        )
        for dataset, results in found.items()
    ]
