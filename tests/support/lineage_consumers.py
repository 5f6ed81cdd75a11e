"""What three consumers of OpenLineage do with an event, by their documentation: refuse it, or draw edges."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from lineage_endpoint import Answer, Request, status
from openlineage_spec import faults


@dataclass
class Consumer:
    """Takes events at its own path; anything else is 404, and what is no event by the spec is 400."""

    path: str
    edges: set[tuple[str, str]] = field(default_factory=set)
    masked: set[str] = field(default_factory=set)
    passed_by: int = 0

    def answer(self, request: Request) -> Answer:
        if request.path != self.path:
            return status(404)
        event = json.loads(request.body)
        if faults(event):
            return status(400)
        self.take(event)
        return status(201)

    def take(self, event: dict[str, Any]) -> None:
        """An edge from each input to each output."""
        self.edges |= {(i["name"], o["name"]) for i in event["inputs"] for o in event["outputs"]}


class OpenMetadata(Consumer):
    """Looks at COMPLETE alone, and draws an edge only where there are inputs and outputs."""

    def take(self, event: dict[str, Any]) -> None:
        if event["eventType"] != "COMPLETE" or not event["inputs"] or not event["outputs"]:
            self.passed_by += 1
            return
        super().take(event)


class Marquez(Consumer):
    """Knows columns by the deprecated `transformationType` of a field, and nothing of newer places."""

    def take(self, event: dict[str, Any]) -> None:
        super().take(event)
        for output in event["outputs"]:
            fields = output["facets"].get("columnLineage", {}).get("fields", {})
            self.masked |= {
                f"{output['name']}.{name}"
                for name, one in fields.items()
                if one.get("transformationType") == "MASKED"
            }


def consumers() -> dict[str, Consumer]:
    return {
        "OpenMetadata": OpenMetadata("/api/v1/openlineage/lineage"),
        "Marquez": Marquez("/api/v1/lineage"),
        "DataHub": Consumer("/api/v2/lineage"),
    }
