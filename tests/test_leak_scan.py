"""The search for leaks finds each kind of leak; only then is its silence worth something."""

from __future__ import annotations

import base64
import gzip
import sqlite3
from pathlib import Path

import pytest
from leak_scan import find_leaks, write_parquet

CANARY = "zorblax4711@example.org"


def _sqlite(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("create table t (v text)")
        connection.execute("insert into t values (?)", (f"before {CANARY} after",))


PLANTED = {
    "plain": lambda path: path.write_text(f"log line: {CANARY}!"),
    "other case": lambda path: path.write_text(CANARY.upper()),
    "utf-16": lambda path: path.write_bytes(f"x{CANARY}".encode("utf-16")),
    "base64": lambda path: path.write_bytes(base64.b64encode(f"a{CANARY}z".encode())),
    "base64, other alignment": lambda path: path.write_bytes(base64.b64encode(f"ab{CANARY}".encode())),
    "hex": lambda path: path.write_text(CANARY.encode().hex()),
    "gzip": lambda path: path.write_bytes(gzip.compress(CANARY.encode())),
    "cut gzip": lambda path: path.write_bytes(gzip.compress(CANARY.encode() * 50)[:-9]),
    "parquet": lambda path: write_parquet(path, f"snappy {CANARY} snappy"),
    "sqlite": _sqlite,
    "hidden file": lambda path: path.with_name(".hidden.crc").write_text(CANARY),
    "file name": lambda path: path.with_name(CANARY).touch(),
    "link target": lambda path: path.symlink_to(f"/nowhere/{CANARY}"),
}


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_leak_is_found(tmp_path, plant):
    (tmp_path / "deep").mkdir()
    plant(tmp_path / "deep" / "file")
    assert {leak.text for leak in find_leaks(tmp_path, [CANARY])} == {CANARY}


def test_a_clean_folder_has_no_leak(tmp_path):
    (tmp_path / "file").write_text("zorblax4712@example.org and user.contact.email")
    assert find_leaks(tmp_path, [CANARY]) == []
