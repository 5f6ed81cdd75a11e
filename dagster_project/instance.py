"""Dagster's own home: made from our template where it is missing."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import dagster as dg


def open_instance(home: Path) -> dg.DagsterInstance:
    """The Dagster instance in `home`, which only its owner can read when it is made here."""
    prepare_home(home)
    return dg.DagsterInstance.from_config(str(home))


def prepare_home(home: Path) -> None:
    """Make the folder and its `dagster.yaml`; one that is there is left as it is."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (home / "dagster.yaml").exists():
        with as_file(files("dagster_project") / "dagster.yaml") as template:
            shutil.copyfile(template, home / "dagster.yaml")
