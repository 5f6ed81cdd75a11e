"""Exit codes and messages: 0 done, 1 something failed, 2 wrong use."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import typer
from rich.console import Console

from dagster_project.settings import Settings, debugging
from policy.errors import LakewardError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from policy import PolicyBundle

FAILED, WRONG_USE = 1, 2
OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)

P = ParamSpec("P")
R = TypeVar("R")


class WrongUse(LakewardError):
    """The command was given something that is not there or does not fit."""


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """The command with every error turned into one message and an exit code.

    An error that is not our own is told by its kind alone, because its text may quote data;
    with LAKEWARD_DEBUG=1 it is let through.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (typer.Exit, typer.Abort):
            raise
        except KeyboardInterrupt:
            _tell("stopped. What was done is kept; run it again to go on")
            raise typer.Exit(FAILED) from None
        except WrongUse as error:
            _tell(str(error))
            raise typer.Exit(WRONG_USE) from None
        except LakewardError as error:
            _tell(str(error))
            raise typer.Exit(FAILED) from None
        except Exception as error:
            if debugging():
                raise
            _tell(f"failed with {type(error).__name__}; LAKEWARD_DEBUG=1 shows where, and may show data")
            raise typer.Exit(FAILED) from None

    return run


def need_folder(path: object, what: str, mend: str) -> None:
    """Raise WrongUse where the folder is not there."""
    from pathlib import Path

    if not Path(str(path)).is_dir():
        raise WrongUse(f"the {what} folder {path} is not there. To mend it: {mend}")


def need_tenants(bundle: PolicyBundle, *tenants: str) -> None:
    """Raise WrongUse where one of these is no tenant of the policies."""
    if set(tenants) - set(bundle.tenants):
        raise WrongUse(f"no tenant of that id. To mend it: one of {', '.join(sorted(bundle.tenants))}")


def need_lake(settings: Settings) -> None:
    """Raise WrongUse where no run has made the lake yet."""
    if not settings.control_db.exists():
        raise WrongUse(
            f"there is no lake at {settings.lake}. To mend it: give --lake, or begin with lakeward run"
        )


def open_state(settings: Settings) -> tuple[Engine, PolicyBundle]:
    """Control database and policies of a lake that is there. Raises WrongUse where it is not."""
    from dagster_project.house import open_control_state
    from policy import load_policies

    need_folder(settings.policies, "policies", "give --policies, or make the folder")
    bundle = load_policies(settings.policies)
    need_lake(settings)
    return open_control_state(settings), bundle


def _tell(message: str) -> None:
    ERR.print(f"lakeward: {message}", style="red", markup=False)
