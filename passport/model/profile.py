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
from passport.model.base import DocumentModel, InputAmount, Text, Uri
from passport.model.content import PROFILE_ATTRIBUTE, AttributeName, ProfileName, SetName
from passport.model.inputs import Stage
from passport.model.profile_shape import Shape, UnitText, Word
from passport.model.units import Unit

PROFILE_FORMAT: Final = "carbon-passport/profile/1.0"

Level = Literal["model", "batch", "item"]


class Titles(DocumentModel):
    """Words for people."""

    en: Text
    zh: Text

    def of(self, language: str) -> str:
        """The words in Chinese for `zh`, in English for every other language."""
        return self.zh if language == "zh" else self.en


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
    """

    name: AttributeName
    titles: Titles
    set: SetName
    value: Shape
    required: tuple[Level, ...] = ()
    when: Condition | None = None
    reference: Uri | None = None
    source: Text


class FunctionalUnit(DocumentModel):
    """What the published footprint is per."""

    unit: UnitText
    titles: Titles
    source: Text


class LifeCycleStage(DocumentModel):
    """A stage that the footprint is given by, and the stages of an inventory's inputs that belong to it."""

    name: Word
    titles: Titles
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    source: Text


class FootprintAttributes(DocumentModel):
    """The attributes that state the footprint: the whole, and its parts by stage, which add up to it.

    Attributes:
        whole: A quantity.
        parts: A list of objects, one for each life-cycle stage of the profile.
        stage: The member that names the stage.
        amount: The member with its quantity, in the unit of the whole.
    """

    whole: AttributeName
    parts: AttributeName
    stage: AttributeName
    amount: AttributeName


class PerformanceClass(DocumentModel):
    """One class: what is above the class before it, up to and with `up_to`; the last one has no end."""

    name: Word
    up_to: InputAmount | None = None


class ClassTable(DocumentModel):
    """The classes of some kinds of product from a day on.

    Attributes:
        kinds: Values of the attribute that says the kind.
        since: The day they apply from.
        unit: Of the bounds.
        classes: From the lowest amount up.
        source: The act, with its annex.
    """

    kinds: Annotated[tuple[Word, ...], Field(min_length=1)]
    since: date
    unit: UnitText
    classes: Annotated[tuple[PerformanceClass, ...], Field(min_length=1)]
    source: Text

    @model_validator(mode="after")
    def _rises(self) -> ClassTable:
        *bounds, last = [each.up_to for each in self.classes]
        stated = [bound for bound in bounds if bound is not None]
        if last is not None or len(stated) < len(bounds) or stated != sorted(set(stated)):
            raise ValueError("classes rise: each but the last has an end above the one before")
        return self


class PerformanceClasses(DocumentModel):
    """Performance classes as dated data: without a table that applies there is no class to be in.

    Attributes:
        attribute: That states the class.
        kind: The attribute that says which kind of product it is.
        amount: The attribute that the class follows from.
        as_of: The day on which these tables were all that was known.
        statement: What was known then.
        tables: The tables; none as long as none is adopted.
        source: Which provision asks for them.
    """

    attribute: AttributeName
    kind: AttributeName
    amount: AttributeName
    as_of: date
    statement: Titles
    tables: tuple[ClassTable, ...] = ()
    source: Text

    def table_of(self, kind: str, at: date) -> ClassTable | None:
        """The table that applies to a kind of product on a day: the latest that has begun; None if there is none."""
        begun = [table for table in self.tables if kind in table.kinds and table.since <= at]
        return max(begun, key=lambda table: table.since, default=None)


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
        if self.footprint:
            yield from (self.footprint.whole, self.footprint.parts)
        if self.performance_classes:
            classes = self.performance_classes
            yield from (classes.attribute, classes.kind, classes.amount)

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
