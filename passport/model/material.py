"""A material that is partly recycled, as an inventory states it by the cut-off approach."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, model_validator

from passport.model.base import DocumentModel, NonNegativeAmount
from passport.model.electricity import MAX_ID
from passport.model.inputs import Factor, InputBase, Stage
from passport.model.units import Unit, conversion


def _at_most_one(value: Decimal) -> Decimal:
    if value > 1:
        raise ValueError(f"a share lies between 0 and 1, found {value}; 30 percent is 0.3")
    return value


Share = Annotated[NonNegativeAmount, AfterValidator(_at_most_one)]
"""A share from 0 to 1, exactly."""


class EndOfLife(DocumentModel):
    """Where a material goes after its use.

    Attributes:
        recycled: The share that leaves for recycling, without burden and without credit.
        disposal: Emissions of what is disposed of; needed unless all is recycled.
        stage: In which the disposal counts.
    """

    recycled: Share
    disposal: Factor | None = None
    stage: Stage = Stage.END_OF_LIFE


class MaterialInput(InputBase):
    """A material with recycled content, by the cut-off approach (recycled content, 100:0).

    Attributes:
        recycled_content: The share of the quantity that was recycled.
        virgin: Emissions of primary material; needed unless all is recycled.
        recycling: Emissions of recycled material from its collection on, nothing of its first life.
        end_of_life: Where the same quantity goes, where the boundary holds that.
    """

    kind: Literal["material"]
    quantity: NonNegativeAmount
    unit: Unit
    recycled_content: Share
    virgin: Factor | None = None
    recycling: Factor | None = None
    end_of_life: EndOfLife | None = None

    @model_validator(mode="after")
    def _consistent(self) -> MaterialInput:
        if len(self.id) > MAX_ID:
            raise ValueError(f"the id of a material has at most {MAX_ID} characters")
        end = self.end_of_life
        parts = [
            ("virgin", self.virgin, 1 - self.recycled_content),
            ("recycling", self.recycling, self.recycled_content),
        ]
        if end is not None:
            parts.append(("disposal", end.disposal, 1 - end.recycled))
        for name, factor, share in parts:
            if (factor is not None) != (share > 0):
                needed = "needed" if share else "of nothing"
                raise ValueError(f"the factor `{name}` is {needed}: its share of {self.id} is {share}")
            if factor is not None:
                conversion(self.unit, factor.unit, where=f"input {self.id}: {name}")
        return self
