"""What ends every command that changed the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.cli.guard import OUT
from dagster_project.settings import Settings

if TYPE_CHECKING:
    from transforms.context import LakeContext


def close(ctx: LakeContext, settings: Settings) -> None:
    """Have the ledger told of what was done, and signed; say what is amiss with its second place.

    Raises LedgerError where the ledger is not what was signed before.
    """
    from dagster_project.failures import plainly
    from dagster_project.ledger_heads import close_ledger, trouble

    if told := trouble(plainly(close_ledger)(ctx, settings)):
        OUT.print(f"Ledger: {told}", markup=False, soft_wrap=True)
