"""The inputs of an inventory: emissions, activities with their factors, and products that have a passport."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from passport.model.base import (
    DocumentModel,
    InputAmount,
    NonNegativeAmount,
    PositiveAmount,
    Rating,
    Text,
    Uri,
    UtcTime,
)
from passport.model.components import COMPONENTS, UPTAKE, check_sign
from passport.model.digest import DIGEST_PATTERN
from passport.model.units import Unit, conversion

MAX_EVIDENCE = 100
MAX_GASES = 100
GAS_PATTERN = r"^[A-Za-z0-9()-][A-Za-z0-9()_-]{0,49}$"

SPREAD_RANGE = {"lognormal": (Decimal(1), Decimal(1000)), "normal": (Decimal(0), Decimal(10**9))}
"""Least and greatest geometric standard deviation, and relative standard deviation in percent."""

DigestText = Annotated[str, StringConstraints(pattern=DIGEST_PATTERN)]
InputId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


Report = Annotated[str, StringConstraints(pattern=r"^AR[0-9]+$")]
"""A report of the IPCC whose global warming potentials are used, as PACT writes it."""


class Stage(StrEnum):
    """Life-cycle stage of an input.

    The four of Annex II of Regulation (EU) 2023/1542 (raw material, production, distribution, end of life) with
    transport and packaging shown apart, as PACT reports them, and the use phase for wider boundaries.
    """

    RAW_MATERIAL = "rawMaterialAcquisition"
    INBOUND_TRANSPORT = "inboundTransport"
    PRODUCTION = "mainProduction"
    PACKAGING = "packaging"
    DISTRIBUTION = "distribution"
    USE = "use"
    END_OF_LIFE = "endOfLife"


class Known(StrEnum):
    """How the activity behind an input is known; measured and calculated count as primary data."""

    MEASURED = "measured"
    CALCULATED = "calculated"
    ESTIMATED = "estimated"
    DEFAULT = "default"


PRIMARY = frozenset({Known.MEASURED, Known.CALCULATED})


class Per(StrEnum):
    """What an input's amount refers to."""

    DECLARED_UNIT = "declaredUnit"
    PERIOD = "period"


class Period(DocumentModel):
    """The reference period, start included, end excluded."""

    start: UtcTime
    end: UtcTime

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        if self.end <= self.start:
            raise ValueError("period ends before it starts")
        return self


class Source(DocumentModel):
    """Where a factor is from."""

    name: Text
    version: Text
    url: Uri | None = None


class DataQuality(DocumentModel):
    """PACT's three ratings, 1 best to 5."""

    technological: Rating
    geographical: Rating
    temporal: Rating


class Uncertainty(DocumentModel):
    """How far an input may be off.

    `lognormal`: `spread` is the geometric standard deviation, 1 to 1000, around the stated amount as the median;
    `normal`: the relative standard deviation in percent. Of a direct emission or a factor it is that of the emissions,
    of a passport that of the quantity: how far the passport may be off is what its issuer says.
    """

    distribution: Literal["lognormal", "normal"]
    spread: PositiveAmount

    @model_validator(mode="after")
    def _in_range(self) -> Uncertainty:
        low, high = SPREAD_RANGE[self.distribution]
        if not low <= self.spread <= high:
            raise ValueError(f"a {self.distribution} spread is {low} to {high}, not {self.spread}")
        return self


class Evidence(DocumentModel):
    """A document that backs an input; pinned when its digest is given."""

    uri: Uri
    digest: DigestText | None = None
    name: Text | None = None


class Factor(DocumentModel):
    """Emissions per amount of an activity, with source, year and place; `gwp` where the source states its set."""

    name: Text
    amount: PositiveAmount = Decimal(1)
    unit: Unit
    components: dict[str, InputAmount] = Field(min_length=1)
    source: Source
    year: int = Field(ge=1900, le=2200)
    geography: Text
    primary: bool = False
    gwp: Report | None = None

    @field_validator("components")
    @classmethod
    def _signs(cls, value: dict[str, InputAmount]) -> dict[str, InputAmount]:
        return checked_components(value)


class GasComponent(StrEnum):
    """The PACT components that a mass of gas may count in."""

    FOSSIL = "fossilGhgEmissions"
    LAND_USE_CHANGE = "landUseChangeGhgEmissions"
    BIOGENIC_NON_CO2 = "biogenicNonCO2Emissions"


class InputBase(DocumentModel):
    """What every input states."""

    id: InputId
    name: Text
    stage: Stage
    per: Per = Per.DECLARED_UNIT
    known: Known
    uncertainty: Uncertainty | None = None
    data_quality: DataQuality | None = None
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=MAX_EVIDENCE)


class DirectInput(InputBase):
    """Emissions of the issuer's own, measured or calculated, in kg CO2e by component."""

    kind: Literal["direct"]
    emissions: dict[str, InputAmount] = Field(min_length=1)

    @field_validator("emissions")
    @classmethod
    def _signs(cls, value: dict[str, InputAmount]) -> dict[str, InputAmount]:
        return checked_components(value)


class FactorInput(InputBase):
    """An activity times an emission factor.

    With `substitutes` it is the credit of system expansion: what the co-product of that name displaces, counted off.
    """

    kind: Literal["factor"]
    quantity: NonNegativeAmount
    unit: Unit
    factor: Factor
    substitutes: InputId | None = None

    @model_validator(mode="after")
    def _units_convert(self) -> FactorInput:
        conversion(self.unit, self.factor.unit, where=f"input {self.id}")
        return self


class GasMass(DocumentModel):
    """A mass of one greenhouse gas that was emitted."""

    gas: Annotated[str, StringConstraints(pattern=GAS_PATTERN)]
    quantity: NonNegativeAmount
    unit: Unit = Unit.KILOGRAM
    component: GasComponent = GasComponent.FOSSIL

    @model_validator(mode="after")
    def _is_a_mass(self) -> GasMass:
        conversion(self.unit, Unit.KILOGRAM, where=f"gas {self.gas}")
        return self


class GasesInput(InputBase):
    """Emissions of the issuer's own as masses of gases; they become CO2e by the inventory's set of potentials."""

    kind: Literal["gases"]
    gases: tuple[GasMass, ...] = Field(min_length=1, max_length=MAX_GASES)


class PassportInput(InputBase):
    """A quantity of an upstream product that has a passport (or an imported footprint).

    One of `passport` (its id) and `product` (the product's id: the newest passport of it is taken) is given. With
    `substitutes` it is the credit of system expansion, as of a factor.
    """

    kind: Literal["passport"]
    quantity: NonNegativeAmount
    unit: Unit
    passport: Uri | None = None
    product: Uri | None = None
    digest: DigestText | None = None
    delivery: DigestText | None = None
    substitutes: InputId | None = None

    @model_validator(mode="after")
    def _one_reference(self) -> PassportInput:
        if (self.passport is None) == (self.product is None):
            raise ValueError("give either `passport` (the upstream passport's id) or `product` (the product's id)")
        return self


RowInput = DirectInput | FactorInput | PassportInput
"""The inputs that are one row of the calculation each."""


def checked_components(value: dict[str, InputAmount]) -> dict[str, InputAmount]:
    """Refuse unknown components, wrong signs, and emissions that leave the footprint's own fields empty."""
    for name, amount in value.items():
        check_sign(name, amount)
    if not any(COMPONENTS[name].place == "summed" or name == UPTAKE for name in value):
        raise ValueError("states only parts of fields that are not stated; give the field they are part of")
    return value
