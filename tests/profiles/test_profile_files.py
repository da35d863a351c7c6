"""Profiles as files: the closed shape, each way to be wrong, and quantities read back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from passport.errors import UsageError
from passport.model.inventory import Granularity
from passport.model.profile import Level, Profile, profile, profile_names, read_profile
from passport.model.profile_fit import misfits_of
from passport.model.profile_shape import QuantityShape
from passport.model.quantity import read_quantity
from passport.model.role_map import ANNEX_XIII, role_map

FILES = Path(__file__).parents[2] / "passport" / "model" / "profiles"
SMALL: dict[str, Any] = {
    "format": "carbon-passport/profile/1.0",
    "name": "chair/1",
    "titles": {"en": "Chair", "zh": "椅子"},
    "description": {"en": "For tests", "zh": "测试用"},
    "asOf": "2026-11-22",
    "roleMap": ANNEX_XIII,
    "attributes": [
        {
            "name": "legs",
            "titles": {"en": "Legs", "zh": "腿"},
            "set": "1",
            "value": {"type": "count"},
            "required": ["model"],
            "source": "chosen for tests",
            "standing": "own",
        }
    ],
}


def test_each_file_is_named_as_its_profile_and_reads_back() -> None:
    assert profile_names() == ("battery/1", "device-label/1", "product/1")
    for name in profile_names():
        text = (FILES / f"{name.replace('/', '-')}.json").read_text("utf-8")
        assert read_profile(text) == profile(name)
        assert read_profile(json.dumps(profile(name).to_json())) == profile(name)


def test_levels_are_the_granularities_and_sets_those_of_the_role_map() -> None:
    assert set(get_args(Level)) == {str(each) for each in Granularity}
    for name in profile_names():
        assert {each.set for each in profile(name).attributes} <= set(role_map(profile(name).role_map).sets)


def test_nobody_knows_it() -> None:
    with pytest.raises(UsageError, match=r"a profile that nobody here knows; expected one of battery/1.*battery/2"):
        profile("battery/2")


Change = Callable[[dict[str, Any]], object]
WRONG: dict[str, tuple[Change, str]] = {
    "another format": (lambda p: p.update(format="carbon-passport/profile/2.0"), "carbon-passport/profile/1.0"),
    "a field too many": (lambda p: p.update(colour="blue"), "Extra inputs are not permitted"),
    "a field too many below": (lambda p: p["attributes"][0].update(colour="blue"), "Extra inputs are not permitted"),
    "no version": (lambda p: p.update(name="chair"), "String should match pattern"),
    "no attributes": (lambda p: p.update(attributes=[]), "at least 1 item"),
    "no source": (lambda p: p["attributes"][0].pop("source"), "Field required"),
    "no such shape": (lambda p: p["attributes"][0].update(value={"type": "number"}), "does not match any of"),
    "a quantity without units": (
        lambda p: p["attributes"][0].update(value={"type": "quantity", "units": []}),
        "at least 1 item",
    ),
    "an attribute twice": (lambda p: p["attributes"].append(p["attributes"][0]), "attribute 'legs' is listed twice"),
    "the profile as an attribute": (lambda p: p["attributes"][0].update(name="profile"), "names the profile itself"),
    "a condition on nothing": (
        lambda p: p["attributes"][0].update(when={"attribute": "kind", "values": ["stool"]}),
        "attribute 'kind' is named and not listed",
    ),
    "a stage in two": (
        lambda p: p.update(
            stages=[{"name": name, "titles": {"en": "x", "zh": "x"}, "stages": ["use"], "source": "x"} for name in "AB"]
        ),
        "belongs to two life-cycle stages",
    ),
}


@pytest.mark.parametrize(("change", "reason"), WRONG.values(), ids=WRONG)
def test_a_wrong_profile_is_none(change: Change, reason: str) -> None:
    made = json.loads(json.dumps(SMALL))
    Profile.model_validate(made)
    change(made)
    with pytest.raises(ValidationError, match=reason):
        Profile.model_validate(made)


@given(st.decimals(min_value=-(10**30), max_value=10**30, places=6), st.sampled_from(("Ah", "kg CO2e/kWh", "%")))
def test_a_quantity_reads_back(number: Any, unit: str) -> None:
    text = f"{number:f} {unit}"
    read = read_quantity(text)
    assert read is not None
    assert (read.amount, read.decimals, read.unit) == (number, 6, unit)
    shape = QuantityShape(type="quantity", units=("Ah",))
    assert [each.message for each in misfits_of(shape, text, "x")] == ([] if unit == "Ah" else ["another unit"])


@pytest.mark.parametrize(
    "text", ["94", "94Ah", " 94 Ah", "94 ", "94  Ah", "94 Ah ", "9,4 Ah", "1e3 Ah", "٩٤ Ah", "+1 Ah", ""]
)
def test_what_is_no_quantity(text: str) -> None:
    assert read_quantity(text) is None


def test_neutral_profiles_speak_of_no_category() -> None:
    neutral = profile("product/1")
    assert (neutral.stages, neutral.declared_units) == ((), ())
    assert not any("batter" in json.dumps(each.to_json()).lower() for each in neutral.attributes)
