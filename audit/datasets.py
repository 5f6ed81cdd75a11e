"""OpenLineage datasets with their facets, from our own description of a step's inputs and outputs."""

from __future__ import annotations

from collections.abc import Sequence

from openlineage.client.event_v2 import InputDataset, OutputDataset
from openlineage.client.facet_v2 import (
    DatasetFacet,
    InputDatasetFacet,
    OutputDatasetFacet,
    column_lineage_dataset,
    data_quality_assertions_dataset,
    dataset_version_dataset,
    output_statistics_output_dataset,
    ownership_dataset,
    schema_dataset,
    tags_dataset,
)

from audit.errors import LineageError
from audit.facets import PRODUCER
from audit.identity import dataset_namespace
from audit.steps import TEAM, Assertion, ColumnEdge, DatasetRef, StepRun
from policy.treatments import TreatmentKind

DATA_CLASS_TAG = "data_class"
TAG_SOURCE = "LAKEWARD"


def input_dataset(step: StepRun, dataset: DatasetRef, assertions: Sequence[Assertion]) -> InputDataset:
    """An input with the results of the checks made on it."""
    facets: dict[str, InputDatasetFacet] = {}
    if assertions:
        facets["dataQualityAssertions"] = data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
            assertions=[
                data_quality_assertions_dataset.Assertion(
                    assertion=one.name,
                    success=one.success,
                    column=one.column,
                    severity=one.severity,
                    params=None,
                )
                for one in assertions
            ],
            producer=PRODUCER,
        )
    return InputDataset(
        namespace=dataset_namespace(step, dataset),
        name=dataset.name,
        facets=_common_facets(dataset),
        inputFacets=facets,
    )


def output_dataset(
    step: StepRun,
    dataset: DatasetRef,
    inputs: Sequence[DatasetRef],
    edges: Sequence[ColumnEdge],
) -> OutputDataset:
    """An output with its column lineage and row count. Raises LineageError for an edge from no input."""
    facets = _common_facets(dataset)
    fields = _lineage_fields(step, {one.name: one for one in inputs}, edges)
    if fields:
        facets["columnLineage"] = column_lineage_dataset.ColumnLineageDatasetFacet(
            fields=fields, dataset=None, producer=PRODUCER
        )
    statistics: dict[str, OutputDatasetFacet] = {}
    if dataset.row_count is not None:
        statistics["outputStatistics"] = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
            rowCount=dataset.row_count, producer=PRODUCER
        )
    return OutputDataset(
        namespace=dataset_namespace(step, dataset),
        name=dataset.name,
        facets=facets,
        outputFacets=statistics,
    )


def _common_facets(dataset: DatasetRef) -> dict[str, DatasetFacet]:
    facets: dict[str, DatasetFacet] = {}
    if dataset.columns:
        facets["schema"] = schema_dataset.SchemaDatasetFacet(
            fields=[
                schema_dataset.SchemaDatasetFacetFields(
                    name=column.name,
                    type=column.type,
                    ordinal_position=position,
                    fields=None,
                )
                for position, column in enumerate(dataset.columns, start=1)
            ],
            producer=PRODUCER,
        )
    if dataset.version is not None:
        facets["version"] = dataset_version_dataset.DatasetVersionDatasetFacet(
            datasetVersion=str(dataset.version), producer=PRODUCER
        )
    if dataset.owner:
        # A contract may name a person or a mailbox as owner; that stays there, and the event points to it.
        team = f"team:{dataset.owner.removeprefix('team:')}"
        urn = team if TEAM.fullmatch(dataset.owner) else f"contract:{dataset.dataset}"
        facets["ownership"] = ownership_dataset.OwnershipDatasetFacet(
            owners=[ownership_dataset.Owner(name=urn, type="OWNER")], producer=PRODUCER
        )
    tags = [
        tags_dataset.TagsDatasetFacetFields(
            key=DATA_CLASS_TAG,
            value=column.data_class,
            source=TAG_SOURCE,
            field=column.name,
        )
        for column in dataset.columns
        if column.data_class is not None
    ]
    if tags:
        facets["tags"] = tags_dataset.TagsDatasetFacet(tags=tags, producer=PRODUCER)
    return facets


def _lineage_fields(
    step: StepRun, inputs: dict[str, DatasetRef], edges: Sequence[ColumnEdge]
) -> dict[str, column_lineage_dataset.Fields]:
    fields: dict[str, column_lineage_dataset.Fields] = {}
    for edge in edges:
        if edge.kind is TreatmentKind.DROP:
            continue
        if edge.output in fields:
            raise LineageError(
                f"two edges lead to the column {edge.output}. To mend it: pass one edge with all inputs."
            )
        fields[edge.output] = column_lineage_dataset.Fields(
            inputFields=[_input_field(step, inputs, name, column, edge) for name, column in edge.inputs],
            transformationDescription=str(edge.kind),
            # Deprecated in the spec, but the only place where older consumers look.
            transformationType=_old_type(edge),
        )
    return fields


def _old_type(edge: ColumnEdge) -> str | None:
    if edge.masking:
        return "MASKED"
    return "IDENTITY" if edge.kind is TreatmentKind.KEEP else None


def _input_field(
    step: StepRun,
    inputs: dict[str, DatasetRef],
    name: str,
    column: str,
    edge: ColumnEdge,
) -> column_lineage_dataset.InputField:
    source = inputs.get(name)
    if source is None:
        raise LineageError(
            f"the column {edge.output} comes from a dataset that is no input of the step. "
            "To mend it: name inputs as `layer.dataset` and pass that dataset as an input."
        )
    return column_lineage_dataset.InputField(
        namespace=dataset_namespace(step, source),
        name=source.name,
        field=column,
        transformations=[
            column_lineage_dataset.Transformation(
                type="DIRECT",
                subtype="IDENTITY" if edge.kind is TreatmentKind.KEEP else "TRANSFORMATION",
                description=str(edge.kind),
                masking=edge.masking,
            )
        ],
    )
