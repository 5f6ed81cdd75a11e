"""What ends every command that changed the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.cli.guard import OUT
from dagster_project.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from audit.ledger_delivery import Kept
    from transforms.context import LakeContext


def close(ctx: LakeContext, settings: Settings) -> None:
    """Have the ledger told of what was done, and signed; say what is amiss with its second place.

    Raises LedgerError where the ledger is not what was signed before.
    """
    from dagster_project.failures import plainly
    from dagster_project.ledger_heads import close_ledger

    _tell(plainly(close_ledger)(ctx, settings))


def sign(engine: Engine, settings: Settings) -> None:
    """After a command that entered its own fact and opened no lake: as `close`."""
    from dagster_project.ledger_heads import sign_and_keep

    _tell(sign_and_keep(engine, settings)[1])


def _tell(kept: Kept | None) -> None:
    from dagster_project.ledger_heads import trouble

    if told := trouble(kept):
        OUT.print(f"Ledger: {told}", markup=False, soft_wrap=True)
