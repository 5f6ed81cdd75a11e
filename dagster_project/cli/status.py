"""`lakeward status`."""

from __future__ import annotations

from dagster_project.cli.guard import OUT, guarded, need_folder
from dagster_project.cli.options import Lake, Policies
from dagster_project.settings import load_settings


@guarded
def status(lake: Lake = None, policies: Policies = None) -> None:
    """Show what stands in the lake. Starts no Spark and needs no key."""
    from dagster_project.cli.show import near, show_lake
    from dagster_project.house import control_state
    from policy import load_policies

    settings = load_settings(lake=lake, policies=policies)
    need_folder(settings.policies, "policies", "give --policies, or make the folder")
    bundle = load_policies(settings.policies)
    if not settings.control_db.exists():
        OUT.print(f"Nothing has run yet for {near(settings.lake)}. To begin: lakeward run", markup=False)
        return
    with control_state(settings) as engine:
        show_lake(engine, bundle, settings)
