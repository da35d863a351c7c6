"""Statements that those who run a ledger sign: a meter's reading, hardware handed over, and hardware received."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from passport.model.amount import Amount
from passport.model.base import DocumentModel, Identifier, Text
from passport.model.digest import DIGEST_PATTERN
from passport.model.party import Party, Scheme

MAX_ITEMS = 1000
_SUM_DIGITS = 60
DigestText = Annotated[str, StringConstraints(pattern=DIGEST_PATTERN)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
NotNegative = Annotated[Amount, Field(ge=0)]


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of amounts, whatever the precision of the surrounding context."""
    result = Decimal(0)
    with localcontext(prec=_SUM_DIGITS):
        for each in amounts:
            result += each
    return result


class Entity(DocumentModel):
    """A legal entity as the registry knows it."""

    scheme: Scheme
    identifier: Identifier
    name: Text

    @classmethod
    def of(cls, party: Party) -> Entity:
        """The entity of a party."""
        return cls(scheme=party.scheme, identifier=party.identifier, name=party.name)

    @property
    def key(self) -> str:
        """Scheme and identifier: two names of one entity are one entity."""
        return f"{self.scheme}:{self.identifier}"


class Days(DocumentModel):
    """From the first day to the last, both included."""

    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self) -> Days:
        if self.last < self.first:
            raise ValueError(f"ends before it begins: {self.first} to {self.last}")
        return self


class Boundary(StrEnum):
    """Where a meter stands."""

    MACHINE = "machine"
    BUILDING = "building"


class Meter(DocumentModel):
    """A meter.

    Attributes:
        serial: Its number.
        accuracy_percent: Its class, percent of the reading either way.
        boundary: At the machine, or before the building's overhead.
    """

    serial: Identifier
    accuracy_percent: Annotated[Amount, Field(ge=0, lt=100)]
    boundary: Boundary


class MeterReading(DocumentModel):
    """What the meter of one node read, signed by whoever runs the node."""

    format: Literal["carbon-passport/meter-reading/1.0"] = "carbon-passport/meter-reading/1.0"
    signed_by: Entity
    chain: Identifier
    node: Identifier
    period: Days
    kwh: NotNegative
    meter: Meter
    country: Country


class HardwareItem(DocumentModel):
    """Machines of one kind."""

    kind: Text
    count: int = Field(ge=1, le=10**9)
    mass_kg: Annotated[Amount, Field(gt=0)]


class HardwareHandover(DocumentModel):
    """Retired hardware that a node's operator hands to a recycler, signed by the operator."""

    format: Literal["carbon-passport/hardware-handover/1.0"] = "carbon-passport/hardware-handover/1.0"
    signed_by: Entity
    recycler: Entity
    chain: Identifier
    day: date
    items: Annotated[tuple[HardwareItem, ...], Field(min_length=1, max_length=MAX_ITEMS)]

    @property
    def mass_kg(self) -> Decimal:
        """The mass of all of it."""
        return exact_sum(each.mass_kg for each in self.items)


class HardwareReceipt(DocumentModel):
    """What a recycler received and did with it, signed by the recycler; the three masses are all that it received."""

    format: Literal["carbon-passport/hardware-receipt/1.0"] = "carbon-passport/hardware-receipt/1.0"
    signed_by: Entity
    operator: Entity
    handover: DigestText
    day: date
    reused_kg: NotNegative
    recycled_kg: NotNegative
    disposed_kg: NotNegative

    @property
    def mass_kg(self) -> Decimal:
        """The mass of all that was received."""
        return exact_sum((self.reused_kg, self.recycled_kg, self.disposed_kg))
