"""The import rules of docs/architecture.md hold, and would be seen to break."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PACKAGES = ("dagster_project", "retention", "audit", "transforms", "classifications", "tenancy", "policy")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    script = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(script), "--no-logo", "--no-cache"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_import_contract_is_kept() -> None:
    done = lint_imports(REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("package", "statement"),
    [
        ("policy", "import tenancy"),
        ("tenancy", "import classifications"),
        ("classifications", "import tenancy"),
        ("audit", "import transforms"),
        ("transforms", "import audit"),
        ("audit", "import classifications"),
        ("retention", "import classifications"),
        ("transforms", "import dagster"),
        ("retention", "import dagster"),
        ("dagster_project", "import presidio_analyzer"),
        ("transforms", "import spacy"),
        ("classifications", "import pyspark"),
        ("audit", "from delta.tables import DeltaTable"),
        ("retention", "import great_expectations"),
    ],
)
def test_a_forbidden_import_is_seen(package: str, statement: str, tmp_path: Path) -> None:
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    for name in PACKAGES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
    assert lint_imports(tmp_path).returncode == 0
    (tmp_path / package / "planted.py").write_text(f"{statement}\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert f"{package}.planted" in done.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_the_one_of_this_repository(package: str) -> None:
    found = importlib.import_module(package).__file__
    assert found is not None
    assert Path(found).is_relative_to(REPOSITORY)


def test_the_wheel_has_every_package_and_no_other() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == set(PACKAGES)
    assert set(project["tool"]["importlinter"]["root_packages"]) == set(PACKAGES)
