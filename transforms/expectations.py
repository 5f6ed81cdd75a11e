"""Great Expectations as the judge of what Spark counted: which tenant breaks which promise."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import pandas as pd

from transforms.quiet_import import not_a_doctest

_TENANT = "tenant"


def broken_promises(counts: Mapping[str, Mapping[str, int]]) -> dict[str, list[str]]:
    """Tenant to the promises that it breaks. `counts`: tenant to promise to rows that break it.

    A tenant is judged by the promises that it was counted for. A promise that cannot be evaluated
    counts as broken by each tenant that it was made to.
    """
    # Importing takes seconds; only a run that checks should pay.
    with not_a_doctest():
        import great_expectations as gx
        from great_expectations.expectations.core.expect_column_values_to_be_in_set import (
            ExpectColumnValuesToBeInSet,
        )

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    promises = sorted({promise for own in counts.values() for promise in own})
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    source = context.data_sources.add_pandas("counts")
    batch = source.add_dataframe_asset("tenants").add_batch_definition_whole_dataframe("all")
    suite = context.suites.add(gx.ExpectationSuite(name="promises"))
    for promise in promises:
        kept = ExpectColumnValuesToBeInSet(column=promise, value_set=[0], meta={"promise": promise})
        suite.add_expectation(kept)
    definition = gx.ValidationDefinition(data=batch, suite=suite, name="silver")
    context.validation_definitions.add(definition)
    rows = [{_TENANT: tenant} | dict(own) for tenant, own in counts.items()]
    outcome = definition.run(
        batch_parameters={"dataframe": pd.DataFrame(rows, columns=[_TENANT, *promises])},
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": [_TENANT]},
    )
    judged: dict[str, set[str]] = {}
    for result in outcome.results:
        meta = result.expectation_config.meta if result.expectation_config is not None else None
        named = {str(row[_TENANT]) for row in result.result.get("unexpected_index_list") or []}
        judged[(meta or {})["promise"]] = set() if result.success else named or set(counts)
    return {
        tenant: [promise for promise in own if tenant in judged.get(promise, counts)]
        for tenant, own in counts.items()
    }
