"""Great Expectations as the judge of what Spark counted: which tenant breaks which promise."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import pandas as pd

from transforms.quiet_import import not_a_doctest

_TENANT, _PROMISE, _ROWS = "tenant", "promise", "rows"


def broken_promises(counts: Mapping[str, Mapping[str, int]]) -> dict[str, list[str]]:
    """Tenant to the promises that it breaks. `counts`: tenant to promise to rows that break it.

    A tenant is judged by the promises that it was counted for. Where the counts cannot be evaluated, every
    promise counts as broken.
    """
    # Importing takes seconds; only a run that checks should pay.
    with not_a_doctest():
        import great_expectations as gx
        from great_expectations.expectations.core.expect_column_values_to_be_in_set import (
            ExpectColumnValuesToBeInSet,
        )

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    source = context.data_sources.add_pandas("counts")
    batch = source.add_dataframe_asset("promises").add_batch_definition_whole_dataframe("all")
    # One expectation over all counts: each one that a suite has costs it as much as looking through them.
    kept = ExpectColumnValuesToBeInSet(column=_ROWS, value_set=[0])
    suite = context.suites.add(gx.ExpectationSuite(name="promises", expectations=[kept]))
    definition = gx.ValidationDefinition(data=batch, suite=suite, name="silver")
    context.validation_definitions.add(definition)
    rows = [(tenant, promise, found) for tenant, own in counts.items() for promise, found in own.items()]
    outcome = definition.run(
        batch_parameters={"dataframe": pd.DataFrame(rows, columns=[_TENANT, _PROMISE, _ROWS])},
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": [_TENANT, _PROMISE]},
    )
    if outcome.success:
        return {tenant: [] for tenant in counts}
    listed = [row for result in outcome.results for row in result.result.get("unexpected_index_list") or []]
    judged = {(str(row[_TENANT]), str(row[_PROMISE])) for row in listed}
    return {
        tenant: [promise for promise in own if not judged or (tenant, promise) in judged]
        for tenant, own in counts.items()
    }
