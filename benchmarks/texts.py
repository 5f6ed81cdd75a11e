"""Free text → redacted text in Spark, Delta to Delta: ours beside Presidio's own way, on the same texts.

*unique*: no text comes twice, nor was one seen before. *tickets*: templates, signatures and automatic
replies come again and again: of `distinct` texts, the n-th most frequent is drawn with a weight of 1/n.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from presidio_analyzer import AnalyzerEngine
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from benchmarks.detection_texts import labelled_texts
from benchmarks.figures import Figure
from benchmarks.measure import clocked
from benchmarks.processes import peak_worker_bytes
from benchmarks.stock import anonymizing, stock_engines
from benchmarks.world import Stage
from classifications.detector import Detector
from transforms.treatments.redact import redacted

PART = "texts"
SEED = 4_711
WARM_UP = 50
TICKETS_OF_EACH = 20
AIMS = {"unique": 1 / 10, "tickets": 1 / 50}


def texts(stage: Stage) -> list[Figure]:
    """Rows a second of both ways over unique texts and over tickets, the recall of both, a worker's memory.

    The ratio is our seconds a row over theirs: an aim of 0.1 is ten times as fast.
    """
    asked = stage.asked
    stage.tell(f"{PART}: making {asked.texts:,} texts")
    made = labelled_texts(SEED)
    warm, unique, tickets = (list(islice(made, count)) for count in (WARM_UP, asked.texts, asked.texts // 2))
    weights = [1 / (rank + 1) for rank in range(len(tickets))]
    drawn = random.Random(SEED).choices(tickets, weights, k=len(tickets) * TICKETS_OF_EACH)
    cases = {"unique": unique, "tickets": drawn}
    ours = {name: _clock(stage, name, _ours, [warm, own]) for name, own in cases.items()}
    memory = peak_worker_bytes(os.getpid())  # before the workers take in the stock engines
    few = asked.stock_rows
    stock = _one_by_one(anonymizing(stage.spark))
    figures = [Figure(PART, "peak: a worker", "the largest of ours", memory / (1 << 20), "MiB")]
    for name, own in cases.items():
        theirs = _clock(stage, f"{name}, stock", stock, [warm, own[:few]])
        figures += _figures(name, ours[name], [text for text, _ in own], theirs, few)
    stage.tell(f"{PART}: recall over {len(unique[:few]):,} texts")
    return [*figures, *_recalls(unique[:few])]


Way = Callable[[DataFrame], DataFrame]
"""Rows with a column `text` to their redacted texts."""


def _ours(rows: DataFrame) -> DataFrame:
    """As protect does it: equal texts are dealt out to one worker (`transforms.alike`)."""
    alike = rows.repartition(rows.sparkSession.sparkContext.defaultParallelism, "text")
    return alike.select(redacted(F.col("text"), F.lit(bytes(32)), F.lit("1"), Detector.default()))


def _one_by_one(way: Callable[[Column], Column]) -> Way:
    """As Presidio's sample does it, over all cores."""
    return lambda rows: rows.repartition(rows.sparkSession.sparkContext.defaultParallelism).select(
        way(F.col("text"))
    )


def _clock(
    stage: Stage, name: str, way: Way, tables: Sequence[Sequence[tuple[str, object]]]
) -> tuple[float, float]:
    """Seconds for the last of the tables, after the others to warm up."""
    taken = (0.0, 0.0)
    for number, labelled in enumerate(tables):
        stage.tell(f"{PART}: {name}, {len(labelled):,} rows")
        table = stage.folder / f"{PART}-{name.replace(', ', '-')}-{number}"
        frame = stage.spark.createDataFrame([(text,) for text, _ in labelled], "text string")
        frame.repartition(stage.spark.sparkContext.defaultParallelism).write.format("delta").save(str(table))
        taken = clocked(
            _writer(stage.spark.read.format("delta").load(str(table)), way),
            table.with_name(f"{table.name}-out"),
        )
    return taken


def _writer(rows: DataFrame, way: Way) -> Callable[[Path], None]:
    return lambda folder: way(rows).toDF("text").write.format("delta").save(str(folder))


def _figures(
    name: str, ours: tuple[float, float], rows: list[str], theirs: tuple[float, float], asked: int
) -> list[Figure]:
    few = min(asked, len(rows))
    each = [(ours[n] / len(rows)) / (theirs[n] / few) for n in (0, 1)]
    stock = f"{name}, stock presidio"
    about = f"{len(set(rows)):,} distinct texts; ratio by seconds a row"
    first = f"the first {few:,} of the same rows"
    return [
        Figure(PART, stock, first, theirs[0], "s", few, more={"cpu": theirs[1]}),
        Figure(PART, name, about, ours[0], "s", len(rows), stock, *each, AIMS[name], {"cpu": ours[1]}),
    ]


def _recalls(labelled: Sequence[tuple[str, list[tuple[int, int]]]]) -> list[Figure]:
    """The share of personal values of which at least half of the characters are found, whatever the type."""
    rows = [text for text, _ in labelled]
    analyzer: AnalyzerEngine = stock_engines()[0]
    found = {
        "ours": [[(span.start, span.end) for span in spans] for spans in Detector.default().detect(rows)],
        "stock presidio": [
            [(span.start, span.end) for span in analyzer.analyze(text=text, language="en")] for text in rows
        ],
    }
    values = sum(len(spans) for _, spans in labelled)
    return [
        Figure(
            PART,
            f"recall, {who}",
            f"{values:,} values in {len(rows):,} unique texts",
            sum(_half(place, own) for (_, spans), own in zip(labelled, all_, strict=True) for place in spans)
            / values,
            "",
        )
        for who, all_ in found.items()
    ]


def _half(place: tuple[int, int], found: Sequence[tuple[int, int]]) -> bool:
    covered = {at for start, end in found for at in range(max(place[0], start), min(place[1], end))}
    return 2 * len(covered) >= place[1] - place[0]
