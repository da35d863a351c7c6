"""docs/profiles.md: its examples follow their profiles, and its table lists the profiles that there are."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml
from markdown_blocks import ROOT, blocks

from passport.model.content import ContentSets
from passport.model.profile import profile, profile_names
from passport.model.profile_check import misfits_of_contents, outside_profile
from passport.model.quantity import read_quantity

PAGE = "docs/profiles.md"
EXAMPLES: list[dict[str, Any]] = [yaml.safe_load(block.text) for block in blocks(PAGE, "yaml")]
NAMES = ("shirt", "server", "label")


def amount(text: str) -> Decimal:
    quantity = read_quantity(text)
    assert quantity is not None, text
    return quantity.amount


def test_the_table_lists_the_profiles() -> None:
    text = (ROOT / PAGE).read_text("utf-8")
    assert sorted(re.findall(r"^\| `([a-z-]+/\d+)` \|", text, re.MULTILINE)) == sorted(profile_names())


@pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)
def test_an_example_follows_its_profile(example: dict[str, Any]) -> None:
    stated = ContentSets.model_validate(example["contentSets"])
    known = profile(example["profile"])
    sets = {name: stated.values_of(name) for name in stated.set_names}
    assert misfits_of_contents(known, sets, granularity="model", at=date(2026, 11, 22)) == []
    assert outside_profile(known, sets) == []
    first = next(attribute.name for attribute in known.attributes if attribute.required)
    lacking = {**sets, "1": {name: value for name, value in sets["1"].items() if name != first}}
    (misfit,) = misfits_of_contents(known, lacking, granularity="model", at=date(2026, 11, 22))
    assert (misfit.where, misfit.message.partition(",")[0]) == (f"set 1: {first}", "missing")


def test_the_label_is_right_by_hand() -> None:
    """200 W all year are 1752 kWh; six years of them at 0.25 kg are 2628 kg; shares of the shirt make a whole."""
    label = EXAMPLES[2]["contentSets"]["sets"]["1"]
    states = label["powerStates"]
    by_state = [amount(each["power"]) * amount(each["hoursPerDay"]) for each in states if "hoursPerDay" in each]
    mean = sum(by_state, Decimal(0)) / 24
    assert mean == 200
    energy = mean * 24 * 365 / 1000
    assert energy == amount(label["energyPerYear"])
    use = next(each for each in label["carbonFootprintByStage"] if each["stage"] == "Use")
    assert energy * amount(label["lifetime"]) * amount(label["useElectricity"]["factor"]) == amount(
        use["carbonFootprint"]
    )
    for example in EXAMPLES[:2]:
        assert sum(amount(each["share"]) for each in example["contentSets"]["sets"]["1"]["materials"]) == 100
