"""What the README and the pages under docs/ show is there: links, commands, settings, and a whole example."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from tracked_files import REPOSITORY, tracked

from dagster_project.checks_data import BRONZE_CHECKS, SILVER_CHECKS
from dagster_project.cli.app import app
from dagster_project.defs.verdicts import DONE
from dagster_project.mends import KINDS, PLAYBOOK
from dagster_project.settings import Settings
from policy import LoadMode, PolicyBundle, load_policies
from transforms.mends import GUIDE

OWN_DATA = REPOSITORY / "docs" / "bring-your-own-data.md"
PAGES = sorted([REPOSITORY / "README.md", *REPOSITORY.glob("docs/**/*.md")])
NAMED_BLOCK = re.compile(r"^`((?:policies|landing)/[^`]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)?(?:#([^)\s]+))?\)")


def example_files(page: str) -> dict[str, str]:
    """Relative path → content of every named block of the page."""
    return dict(NAMED_BLOCK.findall(page))


def lay_out(files: dict[str, str], folder: Path) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


@cache
def anchors(page: Path) -> frozenset[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads)


def dead_links(page: Path) -> list[str]:
    dead = []
    for target, anchor in LINK.findall(page.read_text()):
        if target.startswith(("https://", "http://")):
            continue
        file = (page.parent / target).resolve() if target else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            dead.append(f"{target}#{anchor}")
    return dead


@pytest.fixture
def bundle(tmp_path: Path) -> PolicyBundle:
    lay_out(example_files(OWN_DATA.read_text()), tmp_path)
    return load_policies(tmp_path / "policies")


def test_the_example_of_ones_own_data_is_accepted(bundle: PolicyBundle) -> None:
    assert bundle.datasets == ("members",)
    contract = bundle.contract_for("riverside", "members")
    assert contract is not None
    assert contract.load_mode is LoadMode.MERGE


def test_the_example_treats_each_column_as_the_page_says(bundle: PolicyBundle) -> None:
    contract = bundle.contract_for("riverside", "members")
    assert contract is not None
    said = {c.name: str(bundle.treatment_for("riverside", "members", c)) for c in contract.columns}
    assert said == {
        "member_id": "token",
        "name": "token",
        "email": "token",
        "phone": "seal",
        "born": "generalise to year",
        "postcode": "generalise to prefix 3",
        "membership": "keep",
        "remark": "redact",
        "changed": "keep",
    }


def test_the_example_file_lies_where_its_contract_expects_it(bundle: PolicyBundle) -> None:
    (landing,) = [name for name in example_files(OWN_DATA.read_text()) if name.startswith("landing/")]
    _, region, tenant, dataset, _ = landing.split("/")
    assert bundle.tenants[tenant].region == region
    assert bundle.contract_for(tenant, dataset) is not None


def test_a_block_without_a_name_is_no_file_of_the_example() -> None:
    assert example_files("```yaml\ntenants: []\n```\n") == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert dead_links(page) == []


def test_a_dead_link_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Head\n[a](none.md) [b](#head) [c](#tail) [d](page.md#head)\n")
    assert dead_links(page) == ["none.md#", "#tail"]


def named_pages(text: str) -> set[str]:
    """Every page under docs/ that a text names from the repository's root."""
    return set(re.findall(r"(?<![\w./-])docs/[\w./-]+?\.md\b", text))


def test_every_page_that_code_or_a_page_names_is_there() -> None:
    named = {
        (path.relative_to(REPOSITORY).as_posix(), page)
        for path in tracked()
        if path.suffix in {".py", ".md", ".yaml", ".toml"} and path != Path(__file__)
        for page in named_pages(path.read_text())
    }
    assert {PLAYBOOK, GUIDE} <= {page for _, page in named}
    assert sorted(one for one in named if not (REPOSITORY / one[1]).is_file()) == []


def test_a_page_that_is_named_is_seen_and_another_project_s_is_not() -> None:
    text = 'GUIDE = "docs/none.md"  # see (docs/limits.md), not https://a.example/docs/their.md'
    assert named_pages(text) == {"docs/none.md", "docs/limits.md"}


def test_the_playbook_knows_every_check_and_every_kind_of_error_that_has_a_mend() -> None:
    page = (REPOSITORY / PLAYBOOK).read_text()
    known = {DONE, *BRONZE_CHECKS, *SILVER_CHECKS, *KINDS}
    assert sorted(name for name in known if f"`{name}" not in page) == []


def test_the_guide_to_power_loss_has_the_parts_that_errors_name() -> None:
    sources = [REPOSITORY / "transforms" / "mends.py", REPOSITORY / "tenancy" / "control.py"]
    named = {part for path in sources for part in re.findall(r", part (\d)", path.read_text())}
    there = set(re.findall(r"^## Part (\d):", (REPOSITORY / GUIDE).read_text(), re.MULTILINE))
    assert named == there == {"1", "2", "3", "4"}


def variables(text: str) -> set[str]:
    return set(re.findall(r"LAKEWARD_[A-Z_]+", text))


def test_the_readme_lists_every_setting_and_no_other() -> None:
    listed = re.findall(r"^\| `(LAKEWARD_[A-Z_]+)` \|", (REPOSITORY / "README.md").read_text(), re.MULTILINE)
    fields = {f"LAKEWARD_{name.upper()}" for name in Settings.model_fields}
    session = variables((REPOSITORY / "transforms" / "session.py").read_text())
    assert len(listed) == len(set(listed))
    assert set(listed) == fields | session


def test_no_page_names_a_setting_that_the_readme_does_not_list() -> None:
    known = variables((REPOSITORY / "README.md").read_text())
    assert {page.name: variables(page.read_text()) - known for page in PAGES} == {
        page.name: set() for page in PAGES
    }


def commands(page: Path) -> set[tuple[str, ...]]:
    """The commands of `lakeward` that a page shows in a block of code or between backticks."""
    found = re.findall(r"^(?:\.venv/bin/)?lakeward ([^\n`]+)", page.read_text(), flags=re.MULTILINE)
    found += re.findall(r"`(?:\.venv/bin/)?lakeward ([^\n`]+)`", page.read_text())
    return {tuple(line.split()) for line in found}


def refused(line: tuple[str, ...]) -> str | None:
    """Why the command line does not take these words; None where it does. Nothing is run."""
    command: Any = typer.main.get_command(app)
    words = list(line)
    while hasattr(command, "commands"):
        if command.invoke_without_command and not (words and words[0] in command.commands):
            break
        name = words.pop(0) if words else ""
        if name not in command.commands:
            return f"no command {name!r}"
        command = command.commands[name]
    flags = {flag for option in command.params for flag in option.opts}
    unknown = [word for word in words if word.startswith("--") and word not in flags]
    return f"no option {unknown}" if unknown else None


def test_the_command_line_takes_every_command_that_a_page_shows() -> None:
    shown = {line for page in PAGES for line in commands(page)}
    assert {"run", "status", "quarantine", "detect", "policy"} <= {line[0] for line in shown}
    assert {line: why for line in shown if (why := refused(line))} == {}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("forget", "no command 'forget'"),
        ("run --lakes x", "no option ['--lakes']"),
        ("quarantine", "no command ''"),
    ],
)
def test_a_command_that_is_not_there_is_seen(line: str, why: str) -> None:
    assert refused(tuple(line.split())) == why
