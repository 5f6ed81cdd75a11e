"""Lakeward's own functions for Spark (`transforms/jvm`), compiled once at set-up.

`python -m transforms.compiled` uses the compiler that Spark carries for its generated code (Janino), so that
a Java without one will do. It knows Java without type arguments and lambdas.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkRuntimeError
from pyspark.java_gateway import launch_gateway

from transforms.jars import JarsError, jar_folder, step

SOURCES = Path(__file__).with_name("jvm")
CATALOG = "lakeward.Functions"
"""The class by which Spark finds the functions."""
JAVA = 8
"""The newest version of the language that the compiler takes whole."""


def functions_jar() -> Path:
    """The jar of the functions as their sources are now. Raises JarsError where it was not made."""
    jar = _place()
    if not jar.is_file():
        raise JarsError(
            f"{jar} is missing, which has Lakeward's functions for Spark. "
            "To mend it: run `make setup`, or `python -m transforms.compiled` in the same environment."
        )
    return jar


def compile_functions() -> bool:
    """Make the jar; False where it was there already.

    Raises JarsError where Java does not start or the sources do not compile.
    """
    jar = _place()
    if jar.is_file():
        return False
    jar.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".functions-", dir=jar.parent) as work:
        classes, packed = Path(work) / "classes", Path(work) / jar.name
        _compile(classes)
        with zipfile.ZipFile(packed, "w") as archive:
            for path in sorted(classes.rglob("*.class")):
                archive.write(path, path.relative_to(classes))
        for old in jar.parent.glob("functions-*.jar"):
            old.unlink()
        packed.replace(jar)
    return True


def _place() -> Path:
    """Where the jar lies; it has a digest of the sources in its name, so that no old one is taken for it."""
    digest = hashlib.sha256()
    for source in _sources():
        digest.update(f"{source.name}\n".encode() + source.read_bytes())
    return jar_folder().parent / f"functions-{digest.hexdigest()[:16]}.jar"


def _sources() -> list[Path]:
    return sorted(SOURCES.glob("*.java"))


def _compile(classes: Path) -> None:
    try:
        gateway = launch_gateway(popen_kwargs={"stderr": subprocess.DEVNULL})  # type: ignore[no-untyped-call]
    except PySparkRuntimeError as error:
        raise JarsError(
            "Java did not start. To mend it: check that Java 17 or later is on the path, then `make setup`."
        ) from error
    try:
        jvm, sources = gateway.jvm, _sources()
        files = gateway.new_array(jvm.java.io.File, len(sources))
        for number, source in enumerate(sources):
            files[number] = jvm.java.io.File(str(source))
        compiler = jvm.org.codehaus.janino.CompilerFactory().newCompiler()
        loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()
        compiler.setIClassLoader(jvm.org.codehaus.janino.ClassLoaderIClassLoader(loader))
        compiler.setSourceVersion(JAVA)
        compiler.setTargetVersion(JAVA)
        compiler.setDestinationDirectory(jvm.java.io.File(str(classes)), False)
        compiler.compile(files)
    except Py4JJavaError as error:
        told = error.java_exception.getMessage()
        raise JarsError(
            f"{SOURCES} does not compile: {told}. To mend it: correct it, then run `make setup`."
        ) from error
    finally:
        end_java(gateway)


def end_java(gateway: Any) -> None:
    """End the Java process behind a gateway of PySpark, and wait until it is gone."""
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()


def _make() -> str:
    return f"Functions for Spark: {'compiled to' if compile_functions() else 'already in'} {_place()}"


if __name__ == "__main__":
    sys.exit(step(_make))
