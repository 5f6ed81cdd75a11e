"""`lakeward onboard`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from dagster_project.cli.classify import Files, read, skipped_of
from dagster_project.cli.guard import OUT, WrongUse, guarded
from dagster_project.cli.reader import detector_by, tell_skipped

Tenant = Annotated[str, typer.Option("--tenant", help="The tenant's id: lower-case letters, digits and _.")]
Folder = Annotated[Path, typer.Option("--out", file_okay=False, help="The policies folder to write.")]


@guarded
def onboard(files: Files, tenant: Tenant, out: Folder = Path("policies")) -> None:
    """Draft a contract for each file, and treatments, from what its columns hold. Writes over nothing.

    A detection.yaml in the folder holds for the tenant already: files are read as its texts will be.
    """
    from classifications import draft
    from policy.tenants import TENANT_ID

    if not TENANT_ID.fullmatch(tenant):
        raise WrongUse(
            "the tenant's id is none. To mend it: begin with a lower-case letter; go on with lower-case "
            "letters, digits and _; 2 to 40 characters"
        )
    detector, skipped = detector_by(out, tenant), Counter[str]()
    texts: dict[Path, str] = {}
    for name, text in (("tenants.yaml", draft.tenants(tenant)), ("treatments.yaml", draft.treatments())):
        if not (out / name).exists():  # a folder that has policies already keeps them
            texts[out / name] = text
    for path in files:
        records = read(path, detector)
        skipped += skipped_of(records)
        if not records:
            raise WrongUse(
                f"{path.name} has no columns. To mend it: give a file with a header or with records"
            )
        target = out / "datasets" / f"{draft.dataset_name(records[0].table)}.{tenant}.yaml"
        if target.exists() or target in texts:
            raise WrongUse(
                f"{target} is there already. To mend it: remove it, or choose another folder by --out"
            )
        nested = any(suffix in {".json", ".jsonl", ".ndjson", ".parquet"} for suffix in path.suffixes)
        texts[target] = draft.contract(records, tenant, nested=nested)
    (out / "datasets").mkdir(parents=True, exist_ok=True)
    for target, text in texts.items():
        target.write_text(text, encoding="utf-8")
        OUT.print(f"{target}", markup=False, soft_wrap=True)
    OUT.print(f"Read what was drafted, then: lakeward policy check {out}", markup=False, soft_wrap=True)
    tell_skipped(skipped, "values")
