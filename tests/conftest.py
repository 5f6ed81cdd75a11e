"""One Spark session for the whole test run, made on first use; long programs run beside the other tests."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from few_rows import FEW_ROWS
from hypothesis import settings
from memory_disk import use_memory
from pyspark.sql import SparkSession

from transforms.session import build_session

# How long an example takes says something of the machine, not of the code.
settings.register_profile("lakeward", deadline=None)
settings.load_profile("lakeward")


@dataclass(frozen=True)
class Program:
    """A program that a module's `begin(folder, output)` started; it works in `folder`."""

    folder: Path
    process: subprocess.Popen[bytes]

    def printed(self) -> str:
        """What it has printed, both ways, at its end."""
        self.process.wait()
        return (self.folder / "output.txt").read_text(encoding="utf-8")


PROGRAMS = pytest.StashKey[dict[object, Program]]()


def pytest_configure() -> None:
    use_memory()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_waits_for_a_program)


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Iterator[None]:
    """The programs of the tests that ask for `program` start first, and their tests come last."""
    asking = [] if session.config.option.collectonly else filter(_waits_for_a_program, session.items)
    modules = dict.fromkeys(item.module for item in asking if isinstance(item, pytest.Function))
    programs = session.stash.setdefault(PROGRAMS, {})
    try:
        for module in modules:
            folder = Path(tempfile.mkdtemp(prefix="lakeward-tests-"))
            with (folder / "output.txt").open("wb") as output:
                programs[module] = Program(folder, module.begin(folder, output))
        return (yield)
    finally:
        for one in programs.values():
            one.process.kill()
            one.process.wait()
            shutil.rmtree(one.folder)


@pytest.fixture(scope="module")
def program(request: pytest.FixtureRequest) -> Program:
    return request.session.stash[PROGRAMS][request.module]


def _waits_for_a_program(item: pytest.Item) -> bool:
    return program.__name__ in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    session = build_session(tmp_path_factory.mktemp("spark"), FEW_ROWS)
    yield session
    session.stop()


@pytest.fixture(scope="session")
def examples() -> Path:
    return Path(__file__).parents[1] / "examples"
