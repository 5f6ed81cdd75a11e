"""The `lakeward` command."""

from __future__ import annotations

from dagster_project.cli.app import app, main

__all__ = ["app", "main"]
