"""Whatever stands in a policy file, the loader answers with a bundle or with a PolicyError."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy import PolicyBundle, PolicyError, load_policies

FILES = ["tenants.yaml", "treatments.yaml", "tiers.yaml", "retention.yaml", "datasets/people.yaml"]

junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.dates()
    | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "value", "property", "properties", "logicalType", "generalise", "to", "size", "x"]
            )
            | st.integers(0, 3),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [place for key, each in pairs for place in places(each, (*path, key))]


def load(folder: Path) -> None:
    with contextlib.suppress(PolicyError):
        assert isinstance(load_policies(folder), PolicyBundle)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(file=st.sampled_from(FILES), data=st.data(), value=junk)
def test_any_value_in_any_place_is_taken_or_refused(folder: Path, file: str, data: st.DataObject, value: Any):
    good = (folder / file).read_text()
    tree = yaml.safe_load(good)
    *above, last = data.draw(st.sampled_from(places(tree)))
    holder = tree
    for key in above:
        holder = holder[key]
    holder[last] = value
    try:
        (folder / file).write_text(yaml.safe_dump(tree), encoding="utf-8")
        load(folder)
    finally:
        (folder / file).write_text(good)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    file=st.sampled_from(FILES),
    content=st.binary(max_size=40) | st.text("ab:-[]{}&*!|>'\"#%@\n ?,", max_size=20).map(str.encode),
)
def test_any_bytes_as_a_file_are_taken_or_refused(folder: Path, file: str, content: bytes):
    good = (folder / file).read_bytes()
    try:
        (folder / file).write_bytes(content)
        load(folder)
    finally:
        (folder / file).write_bytes(good)


@pytest.mark.parametrize("depth", [20, 90])
def test_a_deep_object_is_taken_or_refused(folder: Path, depth: int):
    inner = "{name: leaf, logicalType: string}"
    for _ in range(depth):
        inner = f"{{name: a, logicalType: object, properties: [{inner}]}}"
    path = folder / "datasets" / "people.yaml"
    path.write_text(path.read_text() + f"      - {inner}\n")
    load(folder)
