"""A template becomes a whole page: what all pages have in common, and how numbers and days are written."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from audit.pages.words import class_words, day


def rendered(template: str, facts: Mapping[str, Any]) -> str:
    """The page of a template that may extend the ones of this package; every fact is escaped."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        loader=FunctionLoader(shared_template),
    )  # fmt: skip
    environment.filters |= {"day": day, "class_words": class_words, "number": lambda number: f"{number:,}"}
    return environment.from_string(template).render(facts)


def shared_template(name: str) -> str:
    """The text of a template that lies beside this module."""
    return files("audit.pages").joinpath(name).read_text(encoding="utf-8")


def drawing(svg: str) -> Markup:
    """A picture as the page takes it in. Its texts were escaped where they were drawn (`audit.pages.svg`)."""
    return Markup(svg)  # noqa: S704 - as said above
