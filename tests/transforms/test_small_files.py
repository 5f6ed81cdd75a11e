"""However many small files a tenant drops, its partition stays in few."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from transforms import lake as lake_module
from transforms.delta_log import DeltaLog
from transforms.lake import Table

MOST = 2
HEADER = "customer_id,name,level,changed\n"


def live_files(lake, layer):
    files = DeltaLog(Path(lake.ctx.lake.path(Table("us", layer, "people")))).live() or {}
    return Counter(path.partition("/")[0] for path in files)


def drop(lake, tenant, number, level=1):
    lake.drop(tenant, "people", f"{number}.csv", f"{HEADER}C-{number},Maria,{level},2024-01-01\n")


@pytest.fixture
def lake_of_few(small_policies, open_lake, tmp_path, monkeypatch):
    """A lake in which a partition may have two small files."""
    monkeypatch.setattr(lake_module, "SMALL_FILES", MOST)
    return open_lake(tmp_path, small_policies)


def test_small_drops_are_put_together_and_no_row_or_neighbour_is_touched(lake_of_few):
    drop(lake_of_few, "initech", 1)
    counts = []
    for number in range(4):
        drop(lake_of_few, "globex", number, level=1 if number else 9)
        drop(lake_of_few, "globex", 100 + number, level=9)
        lake_of_few.ingest("people")
        counts.append({layer: live_files(lake_of_few, layer) for layer in ("bronze", "quarantine")})
    assert max(most for told in counts for own in told.values() for most in own.values()) <= MOST
    assert counts[-1]["bronze"]["tenant_id=initech"] == 1
    assert len(lake_of_few.rows("bronze", "people", "globex")) == 3
    assert len(lake_of_few.rows("quarantine", "people", "globex")) == 5
