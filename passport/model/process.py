"""The process behind an inventory that makes more than one product, and how it is allocated among them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from passport.model.base import DocumentModel, NonNegativeAmount, PositiveAmount, Text, Uri
from passport.model.inputs import Factor, InputId
from passport.model.units import Dimension, Unit, conversion, dimension

MAX_OUTPUTS = 100
MAX_SUBDIVIDED = 10_000


class AllocationMethod(StrEnum):
    """How a process is allocated; `pact` is PACT's rule, which chooses by the ratio of values."""

    PACT = "pact"
    MASS = "mass"
    VOLUME = "volume"
    ENERGY = "energy"
    ECONOMIC = "economic"
    SYSTEM_EXPANSION = "systemExpansion"


class PhysicalRelation(StrEnum):
    """What PACT's rule takes where it is physical; `none` says that there is no physical relation."""

    MASS = "mass"
    VOLUME = "volume"
    ENERGY = "energy"
    NONE = "none"


class ValueBase(StrEnum):
    """What the economic value of an output is: all that it earns, or the price of one unit of it."""

    REVENUE = "revenue"
    UNIT_PRICE = "unitPrice"


class Price(DocumentModel):
    """Price of one unit of an output; only ratios count, so `XXX` (ISO 4217) with an index serves as well."""

    amount: PositiveAmount
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    year: int = Field(ge=1900, le=2200)


class Displaced(DocumentModel):
    """The product that a co-product displaces, by the factor or the passport at which it is counted off.

    Attributes:
        name: What is displaced.
        unit: In which it is counted.
        per_unit: How much of it one unit of the co-product replaces.
        factor: Its emissions.
        passport: Or the id of its passport.
    """

    name: Text
    unit: Unit
    per_unit: NonNegativeAmount
    factor: Factor | None = None
    passport: Uri | None = None

    @model_validator(mode="after")
    def _counted_once(self) -> Displaced:
        if (self.factor is None) == (self.passport is None):
            raise ValueError("what is displaced is counted off by its `factor` or by its `passport`")
        if self.factor is not None:
            conversion(self.unit, self.factor.unit, where=f"displaced {self.name}")
        return self


class ProcessOutput(DocumentModel):
    """One output of the process.

    Attributes:
        quantity: Of the whole process, for as long or as much as that of every other output.
        mass_per_unit: Kilograms of one unit, where the unit is none of mass.
        energy_per_unit: Lower heating value of one unit in MJ, where the unit is none of energy.
        price: Of one unit.
        waste: Waste takes no share.
        displaces: System expansion: what it displaces.
        displaced_per_unit: Or only how much, in this output's own unit, of a product that is counted in one alike.
    """

    id: InputId
    name: Text
    quantity: PositiveAmount
    unit: Unit
    mass_per_unit: PositiveAmount | None = None
    energy_per_unit: PositiveAmount | None = None
    price: Price | None = None
    waste: bool = False
    displaced_per_unit: NonNegativeAmount | None = None
    displaces: Displaced | None = None

    @model_validator(mode="after")
    def _stated_once(self) -> ProcessOutput:
        for measured, per_unit in ((Dimension.MASS, self.mass_per_unit), (Dimension.ENERGY, self.energy_per_unit)):
            if per_unit is not None and dimension(self.unit) is measured:
                raise ValueError(f"output {self.id} is counted in a unit of {measured}, which needs none stated")
        if self.displaces is not None and self.displaced_per_unit is not None:
            raise ValueError(f"output {self.id} says twice what it displaces: leave out `displacedPerUnit`")
        return self


class Process(DocumentModel):
    """A process with several outputs, one of which is the inventory's product.

    Attributes:
        method: How what is joint is divided.
        reason: Why so: the product rule that prescribes it, or where in PACT's order it stands.
        product: The output that the inventory is about.
        outputs: All of them, waste included where it is worth saying.
        physical: For PACT's rule.
        value_base: For PACT's rule and for economic allocation.
        subdivided: Ids of the inputs that serve this product alone and are not divided.
    """

    method: AllocationMethod
    reason: Text
    product: InputId
    outputs: tuple[ProcessOutput, ...] = Field(min_length=1, max_length=MAX_OUTPUTS)
    physical: PhysicalRelation = PhysicalRelation.MASS
    value_base: ValueBase = ValueBase.REVENUE
    subdivided: tuple[InputId, ...] = Field(default=(), max_length=MAX_SUBDIVIDED)

    @model_validator(mode="after")
    def _consistent(self) -> Process:
        names = [output.id for output in self.outputs]
        for kind, ids in (("outputs", names), ("subdivided inputs", self.subdivided)):
            if len(set(ids)) < len(ids):
                raise ValueError(f"two {kind} go by one id")
        main = next((output for output in self.outputs if output.id == self.product), None)
        if main is None or main.waste:
            raise ValueError(f"`product` is one of the outputs that are no waste, found {self.product!r}")
        bases = {(output.price.currency, output.price.year) for output in self.outputs if output.price}
        if len(bases) > 1:
            raise ValueError("prices are compared in one currency of one year")
        return self
