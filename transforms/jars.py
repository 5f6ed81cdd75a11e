"""Delta's jars: fetched once at set-up and checked against `jars.sha256`, so that a run needs no network.

`python -m transforms.jars` fetches through the Ivy resolver that Spark carries. Spark reads its
repositories from `spark-defaults.conf` in `$SPARK_CONF_DIR` (`spark.jars.repositories`,
`spark.jars.ivySettings`), so a company's own mirror needs no setting of ours.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pyspark

from policy.errors import LakewardError

PACKAGE = "io.delta:delta-spark_4.2_2.13:4.4.0"

# What Delta's POMs ask for and Spark 4.2 has in its own jars folder (the two for annotations
# apart, which nothing here calls). A second copy beside Spark's is 250 MB and a version conflict.
EXCLUDES = (
    "com.fasterxml.jackson*:*",
    "com.github.luben:zstd-jni",
    "com.google.code.findbugs:jsr305",
    "commons-pool:*",
    "io.airlift:aircompressor",
    "javax.annotation:javax.annotation-api",
    "org.apache.commons:*",
    "org.apache.hadoop:*",
    "org.apache.logging.log4j:*",
    "org.apache.parquet:*",
    "org.locationtech.jts:*",
    "org.roaringbitmap:*",
    "org.slf4j:*",
    "org.xerial.snappy:*",
)

SUMS = Path(__file__).with_name("jars.sha256")
FETCH_SECONDS = 900


class JarsError(LakewardError):
    """Delta's jars are missing, or are not the ones that `jars.sha256` names."""


def jar_folder() -> Path:
    """Where the jars lie: `share/lakeward/jars` of the environment that runs this."""
    return Path(sys.prefix) / "share" / "lakeward" / "jars"


def expected_sums() -> dict[str, str]:
    """File name → SHA-256 in hex, from `jars.sha256` (the format of `sha256sum`)."""
    pairs = (line.split() for line in SUMS.read_text(encoding="ascii").splitlines())
    return {name: digest for digest, name in pairs}


def jar_paths() -> list[str]:
    """The jars for Spark's class path, sorted by name.

    Looks at names only, because it stands in the way of every session; `install` checks content.
    Raises JarsError where one is missing.
    """
    folder = jar_folder()
    paths = [folder / name for name in sorted(expected_sums())]
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        raise JarsError(
            f"{len(missing)} of {len(paths)} Delta jars are not in {folder} ({', '.join(missing)}). "
            "To mend it: run `make setup`, or `python -m transforms.jars` in the same environment."
        )
    return [str(path) for path in paths]


def faults(folder: Path) -> list[str]:
    """What is wrong with a folder of jars, one sentence each: empty where every jar is there and right."""
    found = []
    for name, digest in sorted(expected_sums().items()):
        path = folder / name
        if not path.is_file():
            found.append(f"{name} is missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            found.append(f"{name} has another SHA-256 than transforms/jars.sha256 says")
    return found


def install(folder: Path) -> bool:
    """Put the checked jars into `folder`, whole or not at all; False where they were there already.

    Raises JarsError where they cannot be fetched or are not the expected ones; `folder` is then as before.
    """
    if not faults(folder):
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".jars-", dir=folder.parent) as work:
        _fetch(Path(work))
        fetched = Path(work) / "jars"
        wrong = faults(fetched)
        if wrong:
            raise JarsError(
                f"what the repository gave is not what is expected: {'; '.join(wrong)}. "
                "To mend it: check the repository that Spark is set to use, then run `make setup` again."
            )
        for stranger in fetched.iterdir():
            if stranger.name not in expected_sums():
                stranger.unlink()
        if folder.exists():
            folder.rename(Path(work) / "replaced")
        fetched.rename(folder)
    return True


def _fetch(work: Path) -> None:
    """Let spark-submit resolve PACKAGE into `work/jars`, by running a program that does nothing."""
    program = work / "nothing.py"
    program.write_text("", encoding="ascii")
    home = Path(pyspark.__file__).parent
    environment = os.environ | {
        "SPARK_HOME": str(home),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
    }
    settings = {
        "spark.jars.ivy": work,
        "spark.jars.packages": PACKAGE,
        "spark.jars.excludes": ",".join(EXCLUDES),
    }
    command = [str(home / "bin" / "spark-submit"), "--master", "local[1]"]
    for key, value in settings.items():
        command += ["--conf", f"{key}={value}"]
    try:
        done = subprocess.run(
            [*command, str(program)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
    except OSError as error:
        raise JarsError(
            f"{home / 'bin' / 'spark-submit'} cannot be started: {error.strerror}. "
            "To mend it: run `make clean setup`."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise JarsError(
            f"fetching {PACKAGE} took more than {FETCH_SECONDS} seconds. "
            "To mend it: check the network, then run `make setup` again."
        ) from error
    if done.returncode != 0:
        raise JarsError(
            f"{PACKAGE} could not be fetched: {_reason(done.stderr)}. To mend it: check that Java 17 "
            "or later is on the path and that a Maven repository can be reached, then run `make setup` again."
        )


def _reason(stderr: str) -> str:
    """The first line of spark-submit's output that says why it failed."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    telling = [
        line for line in lines if re.search(r"not found$|JAVA_HOME|No such file|Exception|[Ee]rror", line)
    ]
    return (telling or lines or ["spark-submit said nothing"])[0]


def step(do: Callable[[], str]) -> int:
    """Do a step of the set-up and print what it says of itself. Gives the exit code: 0 done, 1 failed."""
    try:
        told = do()
    except JarsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{told}\n")
    return 0


def _install() -> str:
    folder = jar_folder()
    return f"Delta jars: {'installed in' if install(folder) else 'already in'} {folder}"


if __name__ == "__main__":
    sys.exit(step(_install))
