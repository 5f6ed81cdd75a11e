"""Where data of each class came from, what was done to it, and who gets it: from column lineage alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from policy.treatments import TreatmentKind

GOVERNANCE = "lakeward_governance"
DROP = str(TreatmentKind.DROP)
EXPORTS = "_export"
"""Layers of what left the lake are named `<kind>_export`."""


@dataclass
class Stop:
    """A column of a dataset as lineage last told it: the class that it holds, and how it came about."""

    layer: str
    dataset: str
    column: str
    data_class: str | None = None
    treatment: str | None = None
    masked: bool = False
    sources: tuple[str, ...] = ()


@dataclass
class Flow:
    """One kind of step between two tables: how often it was completed, and the first and last time."""

    job: str
    source: str
    target: str
    runs: int = 0
    first: str = ""
    last: str = ""
    rows: int = 0
    policies: list[str] = field(default_factory=list)

    @property
    def dataset(self) -> str:
        """The dataset that it leads to, without its layer."""
        return self.target.partition(".")[2]


@dataclass
class Journey:
    """Everything that COMPLETE events told, folded: it grows with columns, never with runs."""

    stops: dict[str, Stop] = field(default_factory=dict)
    flows: dict[tuple[str, str, str], Flow] = field(default_factory=dict)
    policies: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The first and the last time that a step was told to be done under policies of this digest."""

    def take(self, event: Mapping[str, Any]) -> None:
        """Fold one event in."""
        if event.get("eventType") != "COMPLETE":
            return
        for dataset in (*event.get("inputs", ()), *event.get("outputs", ())):
            self._columns(dataset)
        promised = event["run"].get("facets", {}).get(GOVERNANCE, {})
        at = str(event["eventTime"])
        if (digest := promised.get("policyDigest")) is not None:
            first, last = self.policies.get(digest, (at, at))
            self.policies[digest] = min(first, at), max(last, at)
        for output in event.get("outputs", ()):
            self._lineage(output)
            for source in event.get("inputs", ()):
                self._flow(event, source["name"], output)

    def classes(self) -> list[str]:
        """Every data class that a column holds, in order."""
        return sorted({one.data_class for one in self.stops.values() if one.data_class is not None})

    def of_class(self, data_class: str) -> dict[str, list[Stop]]:
        """The way of the columns that hold the class anywhere, by layer.

        A column is followed by its name, because detection can give it another class than its contract does.
        What came in and has no value in silver, where that was made, stands under `dropped`.
        """
        ways = {(one.dataset, one.column) for one in self.stops.values() if one.data_class == data_class}
        found: dict[str, list[Stop]] = {}
        for one in self._sorted():
            if (one.dataset, one.column) in ways and one.treatment != DROP:
                found.setdefault(one.layer, []).append(one)
        kept = {(one.dataset, one.column) for one in found.get("silver", ())}
        treated = {one.dataset for one in self.stops.values() if one.layer == "silver"}
        gone = [
            one for one in found.get("landing", ())
            if one.dataset in treated and (one.dataset, one.column) not in kept
        ]  # fmt: skip
        if gone:
            found["dropped"] = gone
        return found

    def exports(self) -> list[Flow]:
        """What left the lake."""
        return [one for one in self.flows.values() if one.target.partition(".")[0].endswith(EXPORTS)]

    def document(self) -> dict[str, Any]:
        """The whole map, to be written as JSON."""
        return {
            "classes": [self._document_of(key) for key in self.classes()],
            "flows": [dict(vars(one)) for one in self.flows.values()],
        }

    def _document_of(self, key: str) -> dict[str, Any]:
        steps = self.of_class(key)
        datasets = {one.dataset for stops in steps.values() for one in stops}
        return {
            "class": key,
            "steps": {layer: [dict(vars(one)) for one in stops] for layer, stops in steps.items()},
            "recipients": {
                "readers_of_silver": sorted({one.dataset for one in steps.get("silver", ())}),
                "exports": [dict(vars(one)) for one in self.exports() if one.dataset in datasets],
            },
        }

    def _sorted(self) -> list[Stop]:
        return sorted(self.stops.values(), key=lambda one: (one.layer, one.dataset, one.column))

    def _columns(self, dataset: Mapping[str, Any]) -> None:
        layer, _, name = str(dataset["name"]).partition(".")
        facets = dataset.get("facets", {})
        classes = {tag.get("field"): tag["value"] for tag in facets.get("tags", {}).get("tags", ())}
        for column in facets.get("schema", {}).get("fields", ()):
            key = f"{dataset['name']}.{column['name']}"
            stop = self.stops.setdefault(key, Stop(layer, name, column["name"]))
            stop.data_class = classes.get(column["name"])

    def _lineage(self, output: Mapping[str, Any]) -> None:
        facets = output.get("facets", {})
        fields = facets.get("columnLineage", {}).get("fields", {})
        if fields:
            # A dropped column stays in the table, without a value; no edge leads to it.
            for column in facets.get("schema", {}).get("fields", ()):
                stop = self.stops[f"{output['name']}.{column['name']}"]
                stop.treatment, stop.masked, stop.sources = DROP, True, ()
        layer, _, name = str(output["name"]).partition(".")
        for column, told in fields.items():
            stop = self.stops.setdefault(f"{output['name']}.{column}", Stop(layer, name, column))
            steps = [step for one in told["inputFields"] for step in one.get("transformations", ())]
            stop.treatment = steps[0].get("description") if steps else told.get("transformationDescription")
            stop.masked = any(step.get("masking") for step in steps)
            stop.sources = tuple(f"{one['name']}.{one['field']}" for one in told["inputFields"])

    def _flow(self, event: Mapping[str, Any], source: str, output: Mapping[str, Any]) -> None:
        job, at = str(event["job"]["name"]), str(event["eventTime"])
        flow = self.flows.setdefault(
            (job, source, output["name"]), Flow(job, source, output["name"], first=at)
        )
        flow.runs, flow.last = flow.runs + 1, max(at, flow.last)
        flow.first = min(at, flow.first)
        policy = event["run"].get("facets", {}).get(GOVERNANCE, {}).get("policyDigest")
        if policy is not None and policy not in flow.policies:
            flow.policies.append(policy)
        flow.rows += output.get("outputFacets", {}).get("outputStatistics", {}).get("rowCount", 0)
