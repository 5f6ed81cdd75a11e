"""The archive of Java's classes: sessions map it where it is there, and start without it where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from transforms import session
from transforms.session import class_archive


def options():
    return session._on_this_machine()["spark.driver.extraJavaOptions"]


def test_a_session_is_pointed_at_the_archive_only_where_there_is_one(tmp_path, monkeypatch):
    place = tmp_path / "classes.jsa"
    monkeypatch.setattr(session, "class_archive", lambda: place)
    assert "SharedArchiveFile" not in options()
    place.touch()
    assert f"-XX:SharedArchiveFile={place}" in options()


def test_another_class_path_is_another_archive(monkeypatch):
    ours = class_archive()
    monkeypatch.setattr(session, "class_path", lambda: ["another.jar"])
    assert (class_archive() != ours, class_archive().parent) == (True, ours.parent)


def test_java_maps_the_archive_that_the_set_up_made(spark):
    archive = class_archive()
    if not archive.is_file():
        pytest.skip("this Java makes no archive")
    process = spark._jvm.java.lang.ProcessHandle.current().pid()
    assert str(archive) in Path(f"/proc/{process}/maps").read_text()
