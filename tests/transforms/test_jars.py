"""Delta's jars are all there and right, or the error says what to do; a failed fetch leaves nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from transforms import jars

CONTENT = {"a.jar": b"first", "b.jar": b"second"}


@pytest.fixture
def two_jars(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A sums file of two small jars, and a folder that may get them."""
    sums = tmp_path / "jars.sha256"
    sums.write_text(
        "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in CONTENT.items())
    )
    monkeypatch.setattr(jars, "SUMS", sums)
    monkeypatch.setattr(jars, "jar_folder", lambda: tmp_path / "share" / "jars")
    return tmp_path / "share" / "jars"


def fetch(content: dict[str, bytes]) -> object:
    def fake(work: Path) -> None:
        (work / "jars").mkdir()
        for name, body in content.items():
            (work / "jars" / name).write_bytes(body)

    return fake


def test_the_sums_name_delta_for_this_spark() -> None:
    assert "io.delta_delta-spark_4.2_2.13-4.4.0.jar" in jars.expected_sums()
    assert all(len(digest) == 64 for digest in jars.expected_sums().values())


def test_the_environment_has_the_jars() -> None:
    assert jars.faults(jars.jar_folder()) == []


def test_jars_are_installed_and_found_by_name(two_jars: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "_fetch", fetch(CONTENT))
    assert jars.install(two_jars)
    assert jars.jar_paths() == [str(two_jars / "a.jar"), str(two_jars / "b.jar")]


def test_a_second_install_fetches_nothing(two_jars: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "_fetch", fetch(CONTENT))
    jars.install(two_jars)
    monkeypatch.setattr(jars, "_fetch", lambda work: pytest.fail("fetched again"))
    assert not jars.install(two_jars)


def test_a_damaged_jar_is_replaced(two_jars: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "_fetch", fetch(CONTENT))
    jars.install(two_jars)
    (two_jars / "a.jar").write_bytes(b"damaged")
    assert jars.install(two_jars)
    assert jars.faults(two_jars) == []


def test_a_jar_that_nobody_asked_for_is_not_installed(
    two_jars: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "_fetch", fetch(CONTENT | {"stranger.jar": b"x"}))
    jars.install(two_jars)
    assert {path.name for path in two_jars.iterdir()} == set(CONTENT)


@pytest.mark.parametrize(
    "given", [{"a.jar": b"first"}, {"a.jar": b"first", "b.jar": b"other"}], ids=["missing", "other"]
)
def test_wrong_jars_are_refused_and_nothing_is_left(
    given: dict[str, bytes], two_jars: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "_fetch", fetch(given))
    with pytest.raises(jars.JarsError, match=r"b\.jar .*To mend it"):
        jars.install(two_jars)
    assert list(two_jars.parent.iterdir()) == []


def test_wrong_jars_leave_the_old_ones_in_place(two_jars: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two_jars.mkdir(parents=True)
    (two_jars / "a.jar").write_bytes(b"old")
    monkeypatch.setattr(jars, "_fetch", fetch({}))
    with pytest.raises(jars.JarsError):
        jars.install(two_jars)
    assert (two_jars / "a.jar").read_bytes() == b"old"


def test_a_missing_jar_is_told_with_its_mend(two_jars: Path) -> None:
    with pytest.raises(jars.JarsError, match="make setup"):
        jars.jar_paths()


@pytest.mark.parametrize(
    ("stderr", "told"),
    [
        (":: UNRESOLVED DEPENDENCIES ::\n\t\t:: io.x#y;1: not found\n", ":: io.x#y;1: not found"),
        ("JAVA_HOME is not set\n", "JAVA_HOME is not set"),
        ("line 71: /x/java: No such file or directory\n", "line 71: /x/java: No such file or directory"),
        ("", "spark-submit said nothing"),
    ],
)  # fmt: skip
def test_the_reason_of_a_failed_fetch_is_the_telling_line(stderr: str, told: str) -> None:
    assert jars._reason(stderr) == told
