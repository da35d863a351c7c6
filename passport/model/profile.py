"""Profiles: what a passport of one kind of product states beyond its footprint, as versioned data with sources.

A profile lists attributes (set, shape of the value, unit, for which granularity it is required, the published attribute
it is) and what the footprint is given by: declared units, functional unit, life-cycle stages, classes with their dates.
A published attribute is referred to by its identifier; nothing of its publisher is copied.

    >>> profile("battery/1").functional_unit.unit
    'kWh'
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib import resources
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from passport.errors import UsageError
from passport.model.base import DocumentModel, Text, Uri
from passport.model.content import PROFILE_ATTRIBUTE, AttributeName, ProfileName, SetName
from passport.model.inputs import Stage
from passport.model.profile_rules import (
    EnergyBound,
    FootprintAttributes,
    PerformanceClasses,
    Rising,
    SecondLife,
    Titles,
    UsePhase,
)
from passport.model.profile_shape import Shape, UnitText, Word
from passport.model.units import Unit

PROFILE_FORMAT: Final = "carbon-passport/profile/1.0"

Level = Literal["model", "batch", "item"]
Standing = Literal["read", "secondary", "unread", "own"]
"""How far a source is known: its text was read; others tell what it asks; nobody has looked; none, our own choice."""


_STANDINGS: Final = {
    "read": "",
    "secondary": "as secondary sources tell it",
    "unread": "its text was not read",
    "own": "this profile's own choice",
}


class Condition(DocumentModel):
    """An attribute is required only where another one has one of some values."""

    attribute: AttributeName
    values: Annotated[tuple[Word, ...], Field(min_length=1)]


class Attribute(DocumentModel):
    """One attribute of the contents.

    Attributes:
        name: Under which a passport states it.
        titles: For people.
        set: The content set it stands in, which says who may see it.
        value: The shape of its value.
        required: Passports of which granularity must state it.
        when: Under which condition alone.
        reference: The published attribute that it is, by its identifier.
        source: What asks for it, with the point.
        standing: How far that source is known; only what was read is said to be asked for by it.
    """

    name: AttributeName
    titles: Titles
    set: SetName
    value: Shape
    required: tuple[Level, ...] = ()
    when: Condition | None = None
    reference: Uri | None = None
    source: Text
    standing: Standing

    @property
    def asked_by(self) -> str:
        """Who asks for it, in words that claim no more than is known."""
        told = _STANDINGS[self.standing]
        return self.source if not told else f"{self.source} ({told})" if self.standing != "own" else told


class FunctionalUnit(DocumentModel):
    """What the published footprint is per."""

    unit: UnitText
    titles: Titles
    source: Text


class LifeCycleStage(DocumentModel):
    """A stage that the footprint is given by.

    Attributes:
        name: As contents name it.
        titles: For people.
        stages: The stages of an inventory's inputs that belong to it; none where it lies beyond the gate, at which the
            passport's own total ends: its amount is stated, and computed nowhere here.
        source: What asks for it.
    """

    name: Word
    titles: Titles
    stages: tuple[Stage, ...] = ()
    source: Text


class Reading(DocumentModel):
    """How a source is known that a profile names.

    Attributes:
        source: The text, with its part.
        how: What was read of it, where and when; or who tells of it.
    """

    source: Text
    how: Text


class Profile(DocumentModel):
    """One version of one profile.

    Attributes:
        format: Of the file.
        name: Its name and version; what changes gets another version.
        titles: For people.
        description: What it is for.
        as_of: The state of knowledge.
        role_map: Whose content sets these are.
        declared_units: An inventory's declared unit is one of these; any, where none is named.
        functional_unit: What the published footprint is per, where it is not the declared unit.
        stages: The life-cycle stages of its footprint; inputs of other stages are outside it. Any, where none is named.
        footprint: The attributes that state the footprint, where some do.
        performance_classes: Classes, where there are to be any.
        rising: Quantities that do not fall.
        energy_bound: What bounds the energy that is delivered.
        use_phase: How the use of a device is re-done.
        second_life: What a later life links to.
        readings: How the sources are known that the attributes name.
        attributes: In the order in which they are shown.
    """

    format: Literal["carbon-passport/profile/1.0"]
    name: ProfileName
    titles: Titles
    description: Titles
    as_of: date
    role_map: Uri
    declared_units: tuple[Unit, ...] = ()
    functional_unit: FunctionalUnit | None = None
    stages: tuple[LifeCycleStage, ...] = ()
    footprint: FootprintAttributes | None = None
    performance_classes: PerformanceClasses | None = None
    rising: tuple[Rising, ...] = ()
    energy_bound: EnergyBound | None = None
    use_phase: UsePhase | None = None
    second_life: SecondLife | None = None
    readings: tuple[Reading, ...] = ()
    attributes: Annotated[tuple[Attribute, ...], Field(min_length=1, max_length=1000)]

    @model_validator(mode="after")
    def _whole(self) -> Profile:
        names = [attribute.name for attribute in self.attributes]
        twice = next((name for index, name in enumerate(names) if name in names[:index]), None)
        if twice is not None:
            raise ValueError(f"attribute {twice!r} is listed twice")
        if PROFILE_ATTRIBUTE in names:
            raise ValueError(f"{PROFILE_ATTRIBUTE!r} names the profile itself")
        absent = next((name for name in self._named() if name not in names), None)
        if absent is not None:
            raise ValueError(f"attribute {absent!r} is named and not listed")
        mapped = [stage for each in self.stages for stage in each.stages]
        if len(set(mapped)) < len(mapped):
            raise ValueError("a stage of inputs belongs to two life-cycle stages")
        return self

    def _named(self) -> Iterator[str]:
        """Attributes that other parts of the profile name."""
        yield from (attribute.when.attribute for attribute in self.attributes if attribute.when)
        yield from (path.partition(".")[0] for rule in self.rising for path in rule.paths)
        for rule in (self.footprint, self.performance_classes, self.energy_bound, self.use_phase, self.second_life):
            if rule is not None:
                yield from rule.named()

    def to_json(self) -> dict[str, Any]:
        """The profile as its file has it."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of that name; None if the profile has none."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)


def read_profile(data: str | bytes) -> Profile:
    """Read a profile.

    Args:
        data: Its file.

    Raises:
        pydantic.ValidationError: It is none.
        ValueError: It is not JSON.
    """
    return Profile.model_validate(json.loads(data))


def profile(name: str) -> Profile:
    """The profile of that name and version.

    Raises:
        UsageError: There is none here.
    """
    known = _profiles()
    if name not in known:
        raise UsageError(
            "a profile that nobody here knows",
            expected=f"one of {', '.join(known)}",
            found=name,
            hint="`passport profile list` says which there are",
        )
    return known[name]


def profile_names() -> tuple[str, ...]:
    """The profiles that are known here, in order."""
    return tuple(_profiles())


@cache
def _profiles() -> dict[str, Profile]:
    folder = resources.files("passport.model").joinpath("profiles")
    read = [
        read_profile(file.read_text(encoding="utf-8"))
        for file in sorted(folder.iterdir(), key=lambda each: each.name)
        if file.name.endswith(".json")
    ]
    return {each.name: each for each in read}
