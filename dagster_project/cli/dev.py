"""`lakeward dev`: the Dagster UI and its daemon, on this machine only."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from dagster_project.cli.guard import FAILED, OUT, WrongUse, guarded, need_folder
from dagster_project.cli.options import Lake, Landing, Policies
from dagster_project.settings import Settings, load_settings

HOST = "127.0.0.1"
WORKSPACE = Path(__file__).parents[2] / "workspace.yaml"
Port = Annotated[int, typer.Option(help="The UI's port on this machine.", min=1024, max=65535)]


@guarded
def dev(landing: Landing = None, lake: Lake = None, policies: Policies = None, port: Port = 3000) -> None:
    """Open the Dagster UI on this machine, with schedules and sensors. Ends with Ctrl-C."""
    settings = load_settings(landing=landing, lake=lake, policies=policies)
    need_folder(settings.policies, "policies", "give --policies, or make the folder")
    _free(port)
    _prepare(settings)
    OUT.print(f"Dagster UI: http://{HOST}:{port}   (Ctrl-C ends it)", soft_wrap=True)
    target = ["-w", str(WORKSPACE)] if WORKSPACE.is_file() else ["-m", "dagster_project.definitions"]
    command = [sys.executable, "-m", "dagster", "dev", *target, "-h", HOST, "-p", str(port)]
    child = subprocess.Popen([*command, "--log-level", "warning"], env=environment(settings))
    raise typer.Exit(_wait(child))


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment, with the settings for whatever Dagster starts."""
    names = ("landing", "lake", "policies", "control", "root_key", "lineage_file", "dagster_home")
    paths = {f"LAKEWARD_{name.upper()}": str(getattr(settings, name)) for name in names}
    own = {
        "DAGSTER_HOME": str(settings.dagster_home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PYTHONWARNINGS": "ignore",
    }
    return {**os.environ, **paths, **own}


def _prepare(settings: Settings) -> None:
    from dagster_project.instance import open_instance
    from dagster_project.partitions import sync_tenants
    from policy import load_policies

    bundle = load_policies(settings.policies)
    with open_instance(settings.dagster_home) as instance:
        sync_tenants(instance, bundle.tenants)


def _free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise WrongUse(f"port {port} is taken. To mend it: give another --port") from None


def _wait(child: subprocess.Popen[bytes]) -> int:
    """The exit code; Ctrl-C reaches the child by itself, and is its way to end well."""
    while True:
        try:
            return FAILED if child.wait() not in (0, -2) else 0
        except KeyboardInterrupt:
            continue
