"""Two folders have one digest only if they are the same byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import load_policies
from policy.digest import digest_of

names = st.text(alphabet="ab/", min_size=1, max_size=4)
folders = st.dictionaries(names, st.binary(max_size=6), min_size=1, max_size=4)


@given(folders, folders)
def test_different_folders_have_different_digests(first: dict[str, bytes], second: dict[str, bytes]):
    assert (digest_of(first) == digest_of(second)) == (first == second)


@given(folders, st.data())
def test_any_byte_changed_changes_the_digest(files: dict[str, bytes], data: st.DataObject):
    name = data.draw(st.sampled_from(sorted(files)))
    content = files[name] or b"?"
    place = data.draw(st.integers(0, len(content) - 1))
    changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    assert digest_of({**files, name: changed}) != digest_of(files)


@given(folders, names)
def test_a_file_renamed_changes_the_digest(files: dict[str, bytes], new: str):
    old, content = next(iter(files.items()))
    rest = {name: each for name, each in files.items() if name != old}
    assert (digest_of({**rest, new: content}) == digest_of(files)) == (new == old)


@given(st.binary(min_size=1, max_size=6), st.integers(1, 5))
def test_a_byte_moved_from_one_file_to_the_next_changes_the_digest(content: bytes, cut: int):
    one, two = {"a": content, "b": b""}, {"a": content[:cut], "b": content[cut:]}
    assert (digest_of(one) == digest_of(two)) == (cut >= len(content))


@given(folders)
def test_the_order_in_which_files_are_found_does_not_count(files: dict[str, bytes]):
    assert digest_of(dict(reversed(files.items()))) == digest_of(files)


def test_the_digest_is_pinned():
    digest = digest_of({"tenants.yaml": b"tenants: []\n", "datasets/a.yaml": b""})
    assert digest == "sha256:9b7af4971ffa5748044a14ead32f9d1dad54f110bf5bc6d7a870dcc11ce96a77"


@pytest.mark.parametrize("change", [lambda text: text.replace("\n", "\r\n"), lambda text: text + "\n"])
def test_line_endings_count(folder: Path, change):
    before = load_policies(folder)
    path = folder / "tenants.yaml"
    path.write_bytes(change(path.read_text()).encode())
    after = load_policies(folder)
    assert after.tenants == before.tenants
    assert after.digest != before.digest
