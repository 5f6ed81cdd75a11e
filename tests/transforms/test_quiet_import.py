"""Great Expectations can be imported in a process whose main module has no file."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.slow
def test_great_expectations_is_imported_without_a_main_file() -> None:
    script = (
        "import sys\n"
        "from transforms.quiet_import import not_a_doctest\n"
        "with not_a_doctest():\n"
        "    import great_expectations\n"
        "assert not hasattr(sys.modules['__main__'], '__file__')\n"
        "print('imported')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "imported"), done.stderr
