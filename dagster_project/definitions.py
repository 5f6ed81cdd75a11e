"""What `workspace.yaml` names: the definitions of the lake that the environment describes."""

from __future__ import annotations

from dagster_project.build import build_definitions
from dagster_project.settings import load_settings

defs = build_definitions(load_settings())
