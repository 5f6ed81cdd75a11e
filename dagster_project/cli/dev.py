"""`lakeward dev`: the Dagster UI and its daemon, on this machine only."""

from __future__ import annotations

import os
import signal
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
ReadOnly = Annotated[
    bool,
    typer.Option("--read-only", help="For auditors: nothing can be run or changed; no schedule, no sensor."),
]


@guarded
def dev(
    landing: Landing = None, lake: Lake = None, policies: Policies = None, port: Port = 3000,
    read_only: ReadOnly = False,
) -> None:  # fmt: skip
    """Open the Dagster UI on this machine, with schedules and sensors. Ends with Ctrl-C."""
    settings = load_settings(landing=landing, lake=lake, policies=policies)
    need_folder(settings.policies, "policies", "give --policies, or make the folder")
    _free(port)
    _prepare(settings)
    kind = ", read only" if read_only else ""
    OUT.print(f"Dagster UI{kind}: http://{HOST}:{port}   (Ctrl-C ends it)", soft_wrap=True)
    raise typer.Exit(_until_ended(command(port, read_only=read_only), environment(settings)))


def command(port: int, *, read_only: bool) -> list[str]:
    """The UI with its daemon; or, read only, the UI alone beside one that another process runs."""
    program = ["dagster_webserver", "--read-only"] if read_only else ["dagster", "dev"]
    target = ["-w", str(WORKSPACE)] if WORKSPACE.is_file() else ["-m", "dagster_project.definitions"]
    return [
        sys.executable, "-m", *program, *target, "-h", HOST, "-p", str(port), "--log-level", "warning",
    ]  # fmt: skip


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
    from dagster_project.run_locks import fail_dead_runs
    from policy import load_policies

    bundle = load_policies(settings.policies)
    with open_instance(settings.dagster_home) as instance:
        fail_dead_runs(instance, settings.leases)
        sync_tenants(instance, bundle.tenants)


def _free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise WrongUse(f"port {port} is taken. To mend it: give another --port") from None


def _until_ended(command: list[str], env: dict[str, str]) -> int:
    """Run it until it ends by itself, by Ctrl-C or by SIGTERM; the exit code."""
    asked: list[int] = []

    def ask(number: int, _frame: object) -> None:
        # Passed on once: a second signal would cut Dagster's ending short.
        if not asked:
            child.terminate()
        asked.append(number)

    # Set before the child starts, which would otherwise inherit a shell's "ignore SIGINT" and never end; a
    # session of its own, so that a terminal's Ctrl-C reaches it through us alone.
    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    child = subprocess.Popen(command, env=env, start_new_session=True)
    code = child.wait()
    return 0 if asked or code == 0 else FAILED
