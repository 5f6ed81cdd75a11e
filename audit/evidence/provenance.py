"""The journey as W3C PROV-JSON: tables are entities, kinds of step activities, the software an agent."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from prov.model import PROV_TYPE, ProvDocument

from audit.evidence.journey import Journey
from audit.evidence.reading import Scope
from audit.facets import PRODUCER

NAMESPACE = "urn:lakeward:"


def write_provenance(path: Path, scope: Scope, journey: Journey) -> None:
    """Write the document. It grows with tables and kinds of step, not with runs; those are in the events."""
    document = ProvDocument()
    document.add_namespace("lw", NAMESPACE)
    agent = document.agent("lw:software", {PROV_TYPE: "prov:SoftwareAgent", "lw:producer": PRODUCER})
    tables = {
        name: document.entity(f"lw:{scope.tenant}/{name}", {"lw:layer": name.partition(".")[0]})
        for name in sorted({end for flow in journey.flows.values() for end in (flow.source, flow.target)})
    }
    digests = {one for flow in journey.flows.values() for one in flow.policies}
    plans = {one: document.entity(f"lw:policy/{one}", {PROV_TYPE: "prov:Plan"}) for one in sorted(digests)}
    for (job, source, target), flow in sorted(journey.flows.items()):
        activity = document.activity(
            f"lw:{scope.tenant}/{job}/{source}/{target}",
            datetime.fromisoformat(flow.first),
            datetime.fromisoformat(flow.last),
            {"lw:completed": flow.runs},
        )
        document.used(activity, tables[source])
        document.wasGeneratedBy(tables[target], activity)
        if source != target:
            document.wasDerivedFrom(tables[target], tables[source], activity)
        for digest in flow.policies:
            document.wasAssociatedWith(activity, agent, plans[digest])
    document.serialize(str(path), format="json", indent=1)
