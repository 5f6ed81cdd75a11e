"""A tenant's own recognizers, from its first file to silver: its texts only, and no failure is silent."""

from __future__ import annotations

import pytest
from small_lake import POLICIES, load_texts

from transforms import classify
from transforms.classify import classify_dataset

PEOPLE = "customer_id,name,remark,changed\nC-1,Maria Anders,the tag qx-tulip is hers,2024-01-01\n"
OWN = """\
recognizers:
  - name: the tags
    data_class: user.unique_id
    patterns: [{name: the tag, regex: 'qx-[a-z]{5}', score: 0.9}]
    tenants: [globex]
"""
ENDLESS = OWN.replace("qx-[a-z]{5}", "(u|uu)+!")
TAG = "qx-tulip"


@pytest.fixture(scope="session")
def with_own(tmp_path_factory):
    def load(detection):
        return load_texts(tmp_path_factory.mktemp("own"), {**POLICIES, "detection.yaml": detection})

    return load


@pytest.fixture
def lake(small_lake):
    """Two tenants of one region wrote the same remark."""
    classify.metadata.create_all(small_lake.ctx.engine)
    for tenant in ("globex", "initech"):
        small_lake.drop(tenant, "people", "a.csv", PEOPLE)
    small_lake.ingest("people")
    return small_lake


def remarks(lake):
    return {tenant: lake.rows("silver", "people", tenant)[0].remark for tenant in ("globex", "initech")}


def test_a_recognizer_reads_its_tenants_texts_only_and_silver_is_made_anew_for_them(lake, with_own):
    assert {one.failed for one in lake.protect("people").values()} == {None}
    before = remarks(lake)
    assert all(TAG in remark for remark in before.values())
    changed = lake.with_policies(with_own(OWN))
    changed.protect("people")
    after = remarks(changed)
    assert after["initech"] == before["initech"]
    assert after["globex"].startswith("the tag <user.unique_id:")
    assert TAG not in after["globex"]


def test_classification_sees_it_in_its_tenants_texts_only(lake, with_own):
    changed = lake.with_policies(with_own(OWN))
    found = {
        one.tenant: {f.data_class for f in one.findings if f.column == "remark"}
        for one in classify_dataset(changed.ctx, "people", ["globex", "initech"])
    }
    assert "user.unique_id" in found["globex"]
    assert "user.unique_id" not in found["initech"]


def test_one_that_fails_is_told_at_each_look_and_stops_only_its_tenants_silver(lake, with_own):
    for tenant in ("globex", "initech"):
        lake.drop(tenant, "people", "b.csv", PEOPLE.replace("C-1", "C-2").replace(TAG, "u" * 80))
    lake.ingest("people")
    broken = lake.with_policies(with_own(ENDLESS))
    for _ in range(2):
        globex, initech = classify_dataset(broken.ctx, "people", ["globex", "initech"])
        assert globex.failed is None
        assert globex.skipped == ('remark: "the tags" failed with TimeoutError on 1 values',)
        assert not initech.skipped
    outcomes = broken.protect("people")
    assert outcomes["globex"].failed == "RECOGNIZER_FAILED.the_tags.TimeoutError"
    assert outcomes["initech"].failed is None
