"""Erasure requests of a lake answered: requests from the inbox, the pass, its proof, its lineage."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from dagster_project.settings import Settings
from retention.erasure import Erasure
from retention.inbox import Taken, take_inbox
from retention.prove import Verifier
from retention.requests import Request
from retention.verify import Mode, Place
from transforms.context import LakeContext


@dataclass(frozen=True)
class Answered:
    """What came of it: what the inbox gave, and each request as it stands after that."""

    taken: Taken
    requests: Sequence[Request]


def places_of(settings: Settings) -> list[Place]:
    """Every place in which the lake could hold a person, with the name that receipts give it."""
    places = [
        Place("lake", settings.lake),
        Place("control", settings.control),
        Place("landing", settings.landing, tenant_level=1, names_withheld=True),
        Place("requests", settings.requests, tenant_level=0, names_withheld=True),
        Place("dagster", settings.dagster_home),
        Place("lineage", settings.lineage_file.parent),
    ]
    inside = [one for one in places[2:] if not one.path.is_relative_to(settings.control)]
    return [*places[:2], *(one for one in inside if one.path.exists())]
