"""docs/content-sets.md: its table is the role map, and its inventory lines are what the model takes."""

from __future__ import annotations

import re

import yaml
from markdown_blocks import blocks, section

from passport.model.content import ContentSets
from passport.model.role_map import ANNEX_XIII, role_map

PAGE = "docs/content-sets.md"


def test_the_table_is_the_role_map() -> None:
    text = section(PAGE, "Contents that are shown by role")
    rows = re.findall(r"^\| `(\w+)` \| ([\d, ]+) \|", text, re.MULTILINE)
    known = role_map(ANNEX_XIII)
    assert {role: tuple(sets.split(", ")) for role, sets in rows} == dict(known.roles)


def test_the_inventory_lines_are_taken() -> None:
    (block,) = blocks(PAGE, "yaml")
    stated = ContentSets.model_validate(yaml.safe_load(block.text)["contentSets"])
    assert set(stated.sets) == {"1", "2", "3", "4"}
    assert stated.role_map == ANNEX_XIII
