"""Electricity as an inventory states it: how much, on which grid, and the instruments that cover a part of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from passport.errors import UnitError
from passport.model.base import DocumentModel, NonNegativeAmount, PositiveAmount, Text
from passport.model.inputs import MAX_EVIDENCE, Evidence, Factor, InputBase, Period
from passport.model.tracking import Keeper, TrackingSystem, check_country
from passport.model.units import Unit, conversion

MAX_INSTRUMENTS = 100
MAX_ID = 80
"""Characters of an electricity input's id: its rows go by the id and what they stand for."""

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
TrackingId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\s]+( [^\s]+)*$")]


class Instrument(StrEnum):
    """By what a consumption claims the emissions of certain plants."""

    CERTIFICATE = "certificate"
    POWER_PURCHASE_AGREEMENT = "powerPurchaseAgreement"
    SUPPLIER_CONTRACT = "supplierContract"


class Rest(StrEnum):
    """At what the part counts that no instrument covers."""

    RESIDUAL_MIX = "residualMix"
    GRID_AVERAGE = "gridAverage"


class Matching(StrEnum):
    """By what rule instruments cover use at other moments than those in which their electricity was made."""

    CALENDAR_YEAR = "calendarYear"


class InstrumentUse(DocumentModel):
    """What one contract or certificate covers of a consumption.

    Attributes:
        registry: The system that tracks a certificate.
        keeper: The legal entity that sells under a contract.
        tracking_id: Its number there; with registry or keeper it names one instrument for everybody.
        issued_quantity: What the instrument is for in all.
        quantity: What of it is used here.
        unit: Of both.
        period: When its electricity was made.
        country: Where.
        market: The market that its country and the consumption's share, where they differ.
        factor: Emissions of the plants it stands for.
    """

    instrument: Instrument
    registry: TrackingSystem | None = None
    keeper: Keeper | None = None
    tracking_id: TrackingId
    issued_quantity: PositiveAmount
    quantity: PositiveAmount
    unit: Unit
    period: Period
    country: Country
    market: Text | None = None
    factor: Factor
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=MAX_EVIDENCE)

    @model_validator(mode="after")
    def _energy(self) -> InstrumentUse:
        where = f"instrument {self.tracking_id}"
        conversion(self.unit, Unit.KILOWATT_HOUR, where=where)
        conversion(self.factor.unit, Unit.KILOWATT_HOUR, where=where)
        is_certificate = self.instrument is Instrument.CERTIFICATE
        if is_certificate != (self.registry is not None) or is_certificate == (self.keeper is not None):
            raise ValueError(
                "a certificate goes by the `registry` that tracks it, a contract by its `keeper`, who sells"
            )
        if self.registry is not None:
            check_country(self.registry, self.country)
        if self.quantity > self.issued_quantity:
            raise ValueError(f"uses {self.quantity} of an instrument for {self.issued_quantity} {self.unit}")
        return self


class RestOfElectricity(DocumentModel):
    """What no instrument covers: at the residual mix, whose factor is given, or at the grid's average by name."""

    basis: Rest
    factor: Factor | None = None

    @model_validator(mode="after")
    def _factor_of_its_basis(self) -> RestOfElectricity:
        if (self.basis is Rest.RESIDUAL_MIX) != (self.factor is not None):
            raise ValueError("a residual mix needs its factor, the grid's average has that of `grid`")
        return self


class ElectricityInput(InputBase):
    """Electricity that was used; without instruments it counts at the grid's average.

    Attributes:
        country: Of the grid it was taken from.
        grid: The grid's average; left out, the figure that comes with the program, with its source.
        rest: What the part counts at that no instrument covers; needed where there is one.
        used_in: When it was used, where that is less than the whole reference period.
        matching: The rule of the market, where instruments cover use at other moments.
    """

    kind: Literal["electricity"]
    quantity: NonNegativeAmount
    unit: Unit
    country: Country
    grid: Factor | None = None
    instruments: tuple[InstrumentUse, ...] = Field(default=(), max_length=MAX_INSTRUMENTS)
    rest: RestOfElectricity | None = None
    used_in: Period | None = None
    matching: Matching | None = None

    @model_validator(mode="after")
    def _consistent(self) -> ElectricityInput:
        if len(self.id) > MAX_ID:
            raise ValueError(f"the id of an electricity input has at most {MAX_ID} characters")
        units = [self.unit]
        units += [factor.unit for factor in (self.grid, self.rest.factor if self.rest else None) if factor]
        for unit in units:
            try:
                conversion(unit, Unit.KILOWATT_HOUR)
            except UnitError as error:
                raise UnitError(
                    "electricity is counted in units of energy",
                    where=f"input {self.id}",
                    expected=error.expected,
                    found=unit,
                ) from None
        if self.matching is not None and not self.instruments:
            raise ValueError("`matching` is a rule for instruments, and there are none")
        for each in self.instruments:
            if each.country != self.country and each.market is None:
                raise ValueError(
                    f"instrument {each.tracking_id} is of {each.country}, the electricity of {self.country}: "
                    "name the `market` that both belong to"
                )
        return self
