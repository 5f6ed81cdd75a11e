"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Landing = Annotated[Path | None, typer.Option(help="The tenants' drop-off. [env: LAKEWARD_LANDING]")]
Lake = Annotated[Path | None, typer.Option(help="Where the Delta tables lie. [env: LAKEWARD_LAKE]")]
Policies = Annotated[
    Path | None, typer.Option(help="Tenants, contracts, treatments. [env: LAKEWARD_POLICIES]")
]
