"""Role maps: which content sets of a product each kind of reader may see, as data with its source.

The sets of Annex XIII of Regulation (EU) 2023/1542 do not nest, so a level of access would be the wrong picture: a
role has a list of sets.

    >>> role_map(ANNEX_XIII).sets_of("legitimate")
    ('1', '2', '4')
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final

from passport.errors import UsageError

ROLE_MAPS_FORMAT: Final = "carbon-passport/role-maps/1.0"
ANNEX_XIII: Final = "urn:carbon-passport:role-map:eu-2023-1542-annex-xiii:1"
"""The role map of the battery passport."""


class Audience(StrEnum):
    """The kinds of readers that every role map speaks of."""

    PUBLIC = "public"
    LEGITIMATE = "legitimate"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True)
class RoleMap:
    """One role map.

    Attributes:
        id: Its name; another map, or another version, has another name.
        title: What it follows.
        source: Where that can be read.
        sets: Titles of the content sets, by set.
        roles: The sets of each role.
    """

    id: str
    title: str
    source: str
    sets: Mapping[str, str]
    roles: Mapping[str, tuple[str, ...]]

    def sets_of(self, role: str) -> tuple[str, ...]:
        """The sets that a role may see, in order.

        Raises:
            UsageError: The map has no such role.
        """
        if role not in self.roles:
            raise UsageError("no such role", expected=f"one of {', '.join(self.roles)}", found=role)
        return self.roles[role]


def role_map(name: str) -> RoleMap:
    """The role map of that id.

    Raises:
        UsageError: There is none here.
    """
    maps = _role_maps()
    if name not in maps:
        raise UsageError("a role map that nobody here knows", expected=f"one of {', '.join(maps)}", found=name)
    return maps[name]


@cache
def _role_maps() -> dict[str, RoleMap]:
    known = json.loads(resources.files("passport.model").joinpath("data", "role_maps.json").read_text(encoding="utf-8"))
    if known["format"] != ROLE_MAPS_FORMAT:
        raise UsageError("role maps of another format", expected=ROLE_MAPS_FORMAT, found=known["format"])
    return {
        each["id"]: RoleMap(
            each["id"],
            each["title"],
            each["source"],
            {name: content["title"] for name, content in each["sets"].items()},
            {name: tuple(role["sets"]) for name, role in each["roles"].items()},
        )
        for each in known["roleMaps"]
    }
