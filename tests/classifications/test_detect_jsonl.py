from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from classifications.detector import Detector
from classifications.jsonl import Done, detect_file
from policy.errors import LakewardError

DETECTOR = Detector.default()
# The labelled set lies beside the repository where there is one; it is not part of it.
SHARED = Path(__file__).resolve().parents[3] / "shared"
GOLD = SHARED / "data" / "pii_dev" / "synth_dataset_v2.jsonl"


def run(folder: Path, content: str | bytes) -> tuple[Done, list[dict], list[int]]:
    source, target, told = folder / "in.jsonl", folder / "out.jsonl", []
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    done = detect_file(source, target, DETECTOR, told.append)
    return done, [json.loads(line) for line in target.read_text().splitlines()], told


def test_each_line_gets_its_spans_in_order(tmp_path):
    lines = [{"id": 7, "text": "mail ann@example.com"}, {"id": "b", "text": ""}]
    done, out, told = run(tmp_path, "\n".join(map(json.dumps, lines)) + "\n\n")
    span = {"start": 5, "end": 20, "type": "EMAIL_ADDRESS", "score": 1.0, "group": "email"}
    assert out == [{"id": 7, "spans": [span]}, {"id": "b", "spans": []}]
    assert (done, told) == (Done(2, Counter()), [2])


def test_an_empty_file_gives_an_empty_file(tmp_path):
    assert run(tmp_path, "") == (Done(0, Counter()), [], [])


@pytest.mark.parametrize(
    "line",
    ["{secret", '"secret"', '{"id": 1}', '{"text": "secret"}', '{"id": 1, "text": 5}', b"\xff\xfesecret"],
)
def test_a_wrong_line_is_named_by_number_only_and_leaves_no_output(tmp_path, line):
    wrong = line if isinstance(line, bytes) else line.encode()
    with pytest.raises(LakewardError, match="line 2 ") as caught:
        run(tmp_path, b'{"id": 1, "text": "fine"}\n' + wrong + b"\n")
    assert "secret" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_an_older_result_survives_a_failed_run(tmp_path):
    (tmp_path / "out.jsonl").write_text("older")
    with pytest.raises(LakewardError):
        run(tmp_path, "{wrong")
    assert (tmp_path / "out.jsonl").read_text() == "older"


@pytest.mark.skipif(not GOLD.exists(), reason="the labelled set is not here")
def test_recall_and_precision_hold_what_the_page_on_detection_says(tmp_path):
    predicted = tmp_path / "out.jsonl"
    detect_file(GOLD, predicted, DETECTOR, lambda _: None)
    command = [sys.executable, str(SHARED / "tools/score_pii.py"), str(GOLD), str(predicted)]
    score = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert score["recall"] >= 0.9
    assert score["precision"] >= 0.94
