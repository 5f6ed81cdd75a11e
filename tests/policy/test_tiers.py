"""What a tier's limits are read as, and which tenant they hold for."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy import PolicyError, Tier, load_policies


def test_a_tier_has_its_limits_in_bytes_files_and_rows(folder: Path):
    assert load_policies(folder).tier_of("acme") == Tier("standard", 10**9, 100, 5 * 2**30, 1_000_000)


@pytest.mark.parametrize(
    ("written", "bytes_"),
    [
        ("1", 1), ("500 MB", 500_000_000), ("500MB", 500_000_000), ('"2 kB"', 2000), ("3 TB", 3 * 10**12),
        ("2 KiB", 2048), ("2 MiB", 2 << 20), ("1 TiB", 1 << 40),
    ],
)  # fmt: skip
def test_a_size_is_a_number_or_a_text_with_its_unit(folder: Path, written: str, bytes_: int):
    (folder / "tiers.yaml").write_text(f"tiers: {{standard: {{max_file_bytes: {written}}}}}")
    assert load_policies(folder).tier_of("acme") == Tier("standard", max_file_bytes=bytes_)


def test_a_limit_that_is_left_out_is_none(folder: Path):
    (folder / "tiers.yaml").write_text("tiers: {standard: {}}")
    assert load_policies(folder).tier_of("acme") == Tier("standard")


def test_without_tiers_any_word_is_a_tier_without_limits(folder: Path):
    (folder / "tiers.yaml").unlink()
    assert load_policies(folder).tier_of("acme") == Tier("standard")


def test_tiers_are_part_of_the_digest(folder: Path):
    before = load_policies(folder).digest
    path = folder / "tiers.yaml"
    path.write_text(path.read_text().replace("1 GB", "2 GB"))
    assert load_policies(folder).digest != before


def test_a_faulty_tier_is_not_told_again_as_an_unknown_one(folder: Path):
    (folder / "tiers.yaml").write_text("tiers: [standard]")
    with pytest.raises(PolicyError) as refused:
        load_policies(folder)
    assert {problem.file for problem in refused.value.problems} == {"tiers.yaml"}


def test_each_tenant_of_an_unknown_tier_is_told(folder: Path):
    (folder / "tiers.yaml").write_text("tiers: {premium: {}}")
    with pytest.raises(PolicyError) as refused:
        load_policies(folder)
    assert [problem.where for problem in refused.value.problems] == [
        "tenants[0].tier (line 5)",
        "tenants[1].tier (line 10)",
    ]
