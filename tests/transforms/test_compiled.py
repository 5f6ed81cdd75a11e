"""Lakeward's functions for Spark are compiled from their sources, or the error says what to do."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from transforms import compiled, jars

BROKEN = "package lakeward; final class Broken { int answer() { return nothing; } }\n"


@pytest.fixture
def own_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment that has no jar of the functions yet."""
    monkeypatch.setattr(compiled, "jar_folder", lambda: tmp_path / "share" / "jars")
    return tmp_path / "share"


@pytest.fixture
def own_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of sources with one class that needs no other."""
    folder = tmp_path / "jvm"
    folder.mkdir()
    (folder / "Hmac.java").write_text((compiled.SOURCES / "Hmac.java").read_text())
    monkeypatch.setattr(compiled, "SOURCES", folder)
    return folder


def test_the_sources_become_one_jar_and_then_nothing_is_compiled_again(
    own_place: Path, own_sources: Path
) -> None:
    assert compiled.compile_functions()
    with zipfile.ZipFile(compiled.functions_jar()) as jar:
        assert "lakeward/Hmac.class" in jar.namelist()
    assert not compiled.compile_functions()


def test_the_jar_of_other_sources_is_not_taken(own_place: Path, own_sources: Path) -> None:
    compiled.compile_functions()
    with (own_sources / "Hmac.java").open("a") as source:
        source.write("// changed\n")
    with pytest.raises(jars.JarsError, match="make setup"):
        compiled.functions_jar()


def test_sources_that_do_not_compile_are_told_with_file_and_line_and_leave_nothing(
    own_place: Path, own_sources: Path
) -> None:
    (own_sources / "Broken.java").write_text(BROKEN)
    with pytest.raises(jars.JarsError, match=r"Broken\.java', Line 1, .*To mend it"):
        compiled.compile_functions()
    assert list(own_place.iterdir()) == []
