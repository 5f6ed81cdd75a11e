"""The detector that a command reads with, and what it tells of recognizers that failed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.guard import ERR, FAILED, WrongUse, need_folder, need_tenants
from dagster_project.settings import load_settings

if TYPE_CHECKING:
    from classifications.detector import Detector
    from policy import PolicyBundle

Tenant = Annotated[
    str | None,
    typer.Option("--tenant", help="Read as this tenant's texts are read, by detection.yaml of the policies."),
]


def detector_of(tenant: str | None, policies: Path | None) -> Detector:
    """The detector of a tenant of the policies; without a tenant, as it ships, and no policies are read."""
    from classifications.detector import Detector
    from policy import load_policies

    if tenant is None:
        if policies is not None:
            raise WrongUse("--policies is given without --tenant. To mend it: say whose texts they are")
        return Detector.default()
    settings = load_settings(policies=policies)
    need_folder(settings.policies, "policies", "give --policies, or make the folder")
    bundle = load_policies(settings.policies)
    need_tenants(bundle, tenant)
    return _detector(bundle, tenant)


def detector_by(folder: Path, tenant: str) -> Detector:
    """The detector of a tenant whom the policies in `folder` may not know yet.

    Without a detection.yaml there it is as it ships.
    """
    from classifications.detector import Detector
    from policy import load_policies

    if not (folder / "detection.yaml").is_file():
        return Detector.default()
    return _detector(load_policies(folder), tenant)


def _detector(bundle: PolicyBundle, tenant: str) -> Detector:
    from classifications.detector import Detector
    from classifications.detector_config import check_detection

    check_detection(bundle.detection)
    return Detector.of(bundle.detection.of(tenant))


def tell_skipped(skipped: Mapping[str, int], what: str) -> None:
    """Name each recognizer that failed, and on how many `what`; the command then ends as failed."""
    if not skipped:
        return
    for told, count in sorted(skipped.items()):
        ERR.print(f"The recognizer {told} on {count:,} {what}, which all others read.", markup=False)
    ERR.print("Less was found than detection.yaml asks for. To mend it: repair it there, and run this again")
    raise typer.Exit(FAILED)
