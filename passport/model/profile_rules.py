"""What a profile asks of several attributes together: amounts that follow from each other or from the passport.

Each rule names attributes of the profile; a path `a.b` is the member `b` of the object `a`. What is not stated is not
judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from passport.model.base import DocumentModel, InputAmount, Text
from passport.model.content import AttributeName
from passport.model.profile_shape import UnitText, Word

Path = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9._-]{0,99}$")]


class Titles(DocumentModel):
    """Words for people."""

    en: Text
    zh: Text

    def of(self, language: str) -> str:
        """The words in Chinese for `zh`, in English for every other language."""
        return self.zh if language == "zh" else self.en


class FootprintAttributes(DocumentModel):
    """The attributes that state the footprint, and what they are compared with in the passport itself.

    Attributes:
        whole: A quantity: the footprint of one functional unit.
        parts: A list of objects, one for each life-cycle stage of the profile, which add up to the whole.
        stage: The member that names the stage.
        amount: The member with its quantity, in the unit of the whole.
        per: The attribute that says how many functional units one piece gives over its life; one, where none is named.
        absolute: The attribute with the footprint of one piece.
        mass: The attribute with the mass of one piece, which is the inventory's too.
        source: What asks for the footprint in this form.
    """

    whole: AttributeName
    parts: AttributeName
    stage: AttributeName
    amount: AttributeName
    per: AttributeName | None = None
    absolute: AttributeName | None = None
    mass: AttributeName | None = None
    source: Text

    def named(self) -> Iterator[str]:
        """Attributes that it names."""
        yield from (name for name in (self.whole, self.parts, self.per, self.absolute, self.mass) if name)


class Rising(DocumentModel):
    """Quantities that do not fall from one to the next.

    Attributes:
        paths: From the least on.
        source: Why.
    """

    paths: Annotated[tuple[Path, ...], Field(min_length=2)]
    source: Text


class EnergyBound(DocumentModel):
    """More energy than charge, voltage and cycles can give is delivered by no battery.

    Attributes:
        energy: Over the service life, in kWh.
        capacity: In Ah.
        voltage: The highest, in V.
        cycles: A count.
        source: Why.
    """

    energy: AttributeName
    capacity: AttributeName
    voltage: AttributeName
    cycles: AttributeName
    source: Text

    def named(self) -> Iterator[str]:
        """Attributes that it names."""
        yield from (self.energy, self.capacity, self.voltage, self.cycles)


class UsePhase(DocumentModel):
    """The use of a device, re-done: power by state gives the energy of a year, and that the footprint of the use.

    Attributes:
        states: A list of objects: power in W, hours a day.
        power: The member with the power.
        hours: The member with the hours a day; those that state some come to 24.
        energy: Of a year, in kWh/year.
        lifetime: In years.
        factor: The path of the electricity's factor, in kg CO2e/kWh.
        other: The attribute with what the use emits beside its electricity, in kg CO2e.
        stage: The life-cycle stage that it is.
        source: Why.
    """

    states: AttributeName
    power: AttributeName
    hours: AttributeName
    energy: AttributeName
    lifetime: AttributeName
    factor: Path
    other: AttributeName
    stage: Word
    source: Text

    def named(self) -> Iterator[str]:
        """Attributes that it names."""
        yield from (self.states, self.energy, self.lifetime, self.factor.partition(".")[0], self.other)


class SecondLife(DocumentModel):
    """A passport of what was used before links to those of its former lives, or says why there are none.

    Attributes:
        attribute: That says which life it is.
        first: Its values for a first life.
        later: Its values for a later one.
        absent: The attribute that says why no former passport is linked to.
        source: What asks for it.
    """

    attribute: AttributeName
    first: Annotated[tuple[Word, ...], Field(min_length=1)]
    later: Annotated[tuple[Word, ...], Field(min_length=1)]
    absent: AttributeName
    source: Text

    def named(self) -> Iterator[str]:
        """Attributes that it names."""
        yield from (self.attribute, self.absent)


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
        names = [each.name for each in self.classes]
        if len(set(names)) < len(names):
            raise ValueError("classes rise: no two go by one name")
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

    def named(self) -> Iterator[str]:
        """Attributes that it names."""
        yield from (self.attribute, self.kind, self.amount)

    def table_of(self, kind: str, at: date) -> ClassTable | None:
        """The table that applies to a kind of product on a day: the latest that has begun; None if there is none."""
        begun = [table for table in self.tables if kind in table.kinds and table.since <= at]
        return max(begun, key=lambda table: table.since, default=None)
