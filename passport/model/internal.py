"""Processes inside one inventory that supply the product and each other, loops included."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from passport.model.base import DocumentModel, NonNegativeAmount, PositiveAmount, Text
from passport.model.electricity import ElectricityInput
from passport.model.inputs import DirectInput, FactorInput, GasesInput, InputId, PassportInput, Per
from passport.model.material import MaterialInput
from passport.model.units import Unit

MAX_PROCESSES = 50
MAX_PROCESS_INPUTS = 1000


class InternalUse(DocumentModel):
    """A quantity of what an internal process makes; it becomes no row, but a part of the process's activity level."""

    id: InputId
    kind: Literal["internal"]
    process: InputId
    quantity: NonNegativeAmount
    unit: Unit
    per: Per = Per.DECLARED_UNIT


Input = Annotated[
    DirectInput | FactorInput | PassportInput | ElectricityInput | GasesInput | MaterialInput | InternalUse,
    Field(discriminator="kind"),
]


class InternalProcess(DocumentModel):
    """A process of the issuer's own that supplies the product or other such processes.

    Attributes:
        amount: What its inputs are stated for, of what it makes.
        inputs: For that amount.
    """

    id: InputId
    name: Text
    amount: PositiveAmount
    unit: Unit
    inputs: tuple[Input, ...] = Field(min_length=1, max_length=MAX_PROCESS_INPUTS)

    @model_validator(mode="after")
    def _for_its_amount(self) -> InternalProcess:
        for entry in self.inputs:
            if entry.per is not Per.DECLARED_UNIT:
                raise ValueError(f"input {entry.id} of process {self.id} is for the process's amount, not for a period")
            if isinstance(entry, FactorInput | PassportInput) and entry.substitutes is not None:
                raise ValueError(f"input {entry.id}: credits are inputs of the product, not of process {self.id}")
        return self
