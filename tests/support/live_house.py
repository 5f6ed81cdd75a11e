"""A lake in a folder of its own, with the commands and the UI that people use on it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import requests
from nginx import free_port
from tracked_files import REPOSITORY

PICTURES = os.environ.get("LAKEWARD_PICTURES")
LAKEWARD = str(Path(sys.executable).with_name("lakeward"))
WAIT = 1800.0
_RUN = "query Run($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
_LAUNCH = """
mutation Launch($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}
"""


class House:
    """The lake under `home`, and its UI at `address` while `ui` is open."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        self.address = f"http://127.0.0.1:{self.port}"

    def command(self, *words: str, typed: str = "") -> str:
        """What a `lakeward` command printed; it has to end well."""
        done = subprocess.run(
            [LAKEWARD, *words],
            cwd=REPOSITORY, env=self._environment(), input=typed, capture_output=True, text=True,
            timeout=1800, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def ui(self, *options: str) -> Iterator[None]:
        """The UI, as `lakeward dev` opens it with these options (`--port` among them)."""
        port = options[options.index("--port") + 1]
        process = subprocess.Popen(
            [LAKEWARD, "dev", *options],
            cwd=REPOSITORY, env=self._environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _until(lambda: process.poll() is None and _answers(f"http://127.0.0.1:{port}/server_info"))
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)

    def launch(self, job: str, tags: Mapping[str, str] = MappingProxyType({})) -> None:
        """Launch a job as the launchpad does, under these tags, and wait until it has ended well."""
        selector = {
            "repositoryLocationName": "lakeward", "repositoryName": "__repository__", "pipelineName": job,
        }  # fmt: skip
        params = {
            "selector": selector, "runConfigData": "{}", "mode": "default",
            "executionMetadata": {"tags": [{"key": key, "value": value} for key, value in tags.items()]},
        }  # fmt: skip
        told = self.graphql(_LAUNCH, {"params": params})["data"]["launchRun"]
        assert told["__typename"] == "LaunchRunSuccess", told
        self.ended(told["run"]["runId"])

    def ended(self, run_id: str) -> None:
        """Wait until a run has ended well."""

        def look() -> bool:
            status = self.graphql(_RUN, {"id": run_id})["data"]["runOrError"]["status"]
            assert status not in ("FAILURE", "CANCELED"), status
            return bool(status == "SUCCESS")

        _until(look)

    def graphql(self, query: str, variables: dict[str, Any], address: str | None = None) -> dict[str, Any]:
        """What the UI's own interface answers."""
        asked = {"query": query, "variables": variables}
        return dict(requests.post(f"{address or self.address}/graphql", json=asked, timeout=WAIT).json())

    def picture(self, name: str) -> Path | None:
        """Where a picture of this name goes: to the folder LAKEWARD_PICTURES, or nowhere."""
        return Path(PICTURES) / f"{name}.png" if PICTURES else None

    def _environment(self) -> dict[str, str]:
        own = {
            "LAKEWARD_LANDING": str(self.home / "landing"), "LAKEWARD_LAKE": str(self.home / "lake"),
            "LAKEWARD_POLICIES": str(self.home / "policies"), "COLUMNS": "120",
        }  # fmt: skip
        kept = {k: v for k, v in os.environ.items() if not k.startswith("LAKEWARD_") and k != "DAGSTER_HOME"}
        return kept | own


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


def _until(look: Any) -> None:
    deadline = time.monotonic() + WAIT
    while not look():
        assert time.monotonic() < deadline, "it did not come to an end"
        time.sleep(1)
