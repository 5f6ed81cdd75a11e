"""Personal values of a JSON-lines file of texts, as another JSON-lines file."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifications.detector import Detector
from classifications.spans import Span
from policy.errors import LakewardError

_BATCH = 256


@dataclass(frozen=True)
class Done:
    """How many texts were read, and on how many of them a recognizer was `skipped` (see `Reading`)."""

    texts: int
    skipped: Counter[str]


def detect_file(source: Path, target: Path, detector: Detector, progress: Callable[[int], None]) -> Done:
    """Read lines `{"id", "text"}`; write `{"id", "spans": [{"start", "end", "type", "score", "group"}]}`.

    `target` appears whole or not at all. `progress` is told the number of lines done so far, after
    each batch. Empty lines are passed over. A recognizer of a policy that fails on a text is passed over
    there. Raises LakewardError for a line that is not such an object, naming its number only.
    """
    done = 0
    skipped: Counter[str] = Counter()
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out, source.open("rb") as lines:
            for batch in _batches(lines):
                found = detector.read([text for _, text in batch])
                skipped.update(one for own in found.skipped for one in own)
                for (identifier, _), spans in zip(batch, found.spans, strict=True):
                    record = {"id": identifier, "spans": [_as_json(span, detector) for span in spans]}
                    out.write(json.dumps(record, ensure_ascii=False) + "\n")
                done += len(batch)
                progress(done)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return Done(done, skipped)


def _batches(lines: Iterator[bytes] | Any) -> Iterator[list[tuple[Any, str]]]:
    batch: list[tuple[Any, str]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        batch.append(_parse(line, number))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _parse(line: bytes, number: int) -> tuple[Any, str]:
    try:
        record = json.loads(line)
    except ValueError:
        record = None  # the parser's own message may quote the line
    if not isinstance(record, dict) or "id" not in record or not isinstance(record.get("text"), str):
        raise LakewardError(
            f'line {number} is not a JSON object with "id" and a text in "text". '
            "To mend it: write each line as one such object, in UTF-8"
        )
    return record["id"], record["text"]


def _as_json(span: Span, detector: Detector) -> dict[str, Any]:
    return {
        "start": span.start,
        "end": span.end,
        "type": span.entity,
        "score": span.score,
        "group": detector.group_of(span),
    }
