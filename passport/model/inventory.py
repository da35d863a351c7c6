"""The inventory: an issuer's own account of one product, from which a passport is made.

Amounts stand per declared unit, or per period and are then scaled by declared amount / covered quantity. An unknown
input is not left out: it is listed under `missing`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag, field_validator, model_validator

from passport.model.base import (
    DocumentModel,
    HttpsUrl,
    Language,
    NonNegativeAmount,
    Percent,
    PositiveAmount,
    Text,
    Uri,
    Urn,
)
from passport.model.components import CARBON_CONTENTS
from passport.model.content import PROFILE_ATTRIBUTE, ContentSets, ProfileName
from passport.model.electricity import ElectricityInput
from passport.model.inputs import (
    PRIMARY,
    DataQuality,
    DigestText,
    DirectInput,
    Evidence,
    Factor,
    FactorInput,
    GasesInput,
    Known,
    PassportInput,
    Per,
    Period,
    Report,
    Source,
    Stage,
    Uncertainty,
)
from passport.model.internal import MAX_PROCESSES, Input, InternalProcess, InternalUse
from passport.model.material import MaterialInput
from passport.model.process import AllocationMethod, Process
from passport.model.units import PACT_UNITS, Unit

__all__ = [
    "INVENTORY_FORMAT",
    "MAX_INPUTS",
    "PRIMARY",
    "Category",
    "ContentSets",
    "DataQuality",
    "DirectInput",
    "Disclosure",
    "ElectricityInput",
    "Evidence",
    "Exempted",
    "Facility",
    "Factor",
    "FactorInput",
    "GasesInput",
    "Granularity",
    "IdScheme",
    "Input",
    "InternalProcess",
    "InternalUse",
    "Inventory",
    "Known",
    "LedgerCeiling",
    "Links",
    "MaterialInput",
    "MissingInput",
    "PassportInput",
    "Per",
    "Period",
    "Process",
    "Product",
    "Source",
    "Stage",
    "Uncertainty",
]

INVENTORY_FORMAT = "carbon-passport/inventory/1.0"
MAX_INPUTS = 10_000

MAX_IDS = 20
MAX_CLASSES = 50
MAX_MISSING = 1000
MAX_REPORTS = 10
MAX_FORMER = 100
_UNIQUE = Field(json_schema_extra={"uniqueItems": True})


def _unique(value: tuple[str, ...]) -> tuple[str, ...]:
    twice = next((entry for index, entry in enumerate(value) if entry in value[:index]), None)
    if twice is not None:
        raise ValueError(f"{twice!r} stands there twice")
    return value


Urns = Annotated[tuple[Urn, ...], _UNIQUE, AfterValidator(_unique)]
Texts = Annotated[tuple[Text, ...], _UNIQUE, AfterValidator(_unique)]
ProductName = Annotated[Text, StringConstraints(max_length=500)]
Allocation = Annotated[
    Annotated[Text, Tag("words")] | Annotated[Process, Tag("process")],
    Discriminator(lambda value: "words" if isinstance(value, str) else "process"),
]
"""In words, or as the process behind the product, whose shares are then applied and can be re-done."""


class Granularity(StrEnum):
    """What a passport speaks of (UNTP `idGranularity`)."""

    MODEL = "model"
    BATCH = "batch"
    ITEM = "item"


class Disclosure(StrEnum):
    """Whether an issuer hands out the statement behind a passport."""

    OPEN = "open"
    WITHHELD = "withheld"


class IdScheme(DocumentModel):
    """The scheme a product id belongs to."""

    id: Uri
    name: Text


class Category(DocumentModel):
    """One classification of the product, with the scheme it is from."""

    code: Text
    name: Text
    scheme_id: Uri
    scheme_name: Text


class Product(DocumentModel):
    """What the passport speaks of."""

    id: HttpsUrl
    pact_ids: Urns = Field(min_length=1, max_length=MAX_IDS)
    name: ProductName
    names: dict[Language, Text] = Field(default_factory=dict)
    description: Text
    id_scheme: IdScheme
    granularity: Granularity
    model_number: Text | None = None
    batch_number: Text | None = None
    item_number: Text | None = None
    category: tuple[Category, ...] = Field(min_length=1, max_length=MAX_CLASSES)
    classifications: Urns = Field(default=(), max_length=MAX_CLASSES)

    @model_validator(mode="after")
    def _number_of_its_granularity(self) -> Product:
        needed = {Granularity.BATCH: self.batch_number, Granularity.ITEM: self.item_number}
        if self.granularity in needed and needed[self.granularity] is None:
            raise ValueError(f"granularity {self.granularity} needs {self.granularity}Number")
        return self


class Facility(DocumentModel):
    """The plant the product comes from."""

    id: Uri
    name: Text


class Exempted(DocumentModel):
    """The share of the cradle-to-gate total that this issuer left out, estimated conservatively, with the reason."""

    percent: Percent
    reason: Text


class MissingInput(DocumentModel):
    """An input that belongs to the product and is not known: declared, never taken as zero."""

    name: Text
    stage: Stage
    reason: Text


class LedgerCeiling(DocumentModel):
    """The most that anchoring may cost one passport, as its issuer promises it.

    Attributes:
        amount: kg CO2e per passport.
        minimum_batch: Leaves per checkpoint that the promise assumes.
        profile_digest: Digest of the chain profile the promise was computed with.
    """

    amount: NonNegativeAmount
    minimum_batch: int = Field(ge=1, le=2**31)
    profile_digest: DigestText | None = None


class Links(DocumentModel):
    """Other passports of the same goods, by their ids.

    Attributes:
        model: The passport of its model.
        batch: The passport of its batch.
        former: Passports of former lives, where it was re-used, repurposed or remanufactured.
    """

    model: Uri | None = None
    batch: Uri | None = None
    former: Annotated[tuple[Uri, ...], _UNIQUE, AfterValidator(_unique)] = Field(default=(), max_length=MAX_FORMER)


class Inventory(DocumentModel):
    """An issuer's account of one product: the input of `passport issue`."""

    format: Literal["carbon-passport/inventory/1.0"]
    product: Product
    declared_unit: Unit
    declared_amount: PositiveAmount
    mass_per_declared_unit: NonNegativeAmount
    period: Period
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    subdivision: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")] | None = None
    facility: Facility
    company_ids: Urns = Field(default=(), max_length=MAX_IDS)
    standards: Texts = Field(min_length=1, max_length=MAX_IDS)
    gwp: tuple[Report, ...] = Field(min_length=1, max_length=MAX_REPORTS)
    gwp_rule: Literal["PACT grace year"] | None = None
    boundary: Text
    exempted: Exempted
    carbon_contents: dict[str, NonNegativeAmount]
    packaging_emissions_included: bool
    ccs_technological_co2_capture_included: bool = Field(default=False, alias="ccsTechnologicalCO2CaptureIncluded")
    covered_quantity: PositiveAmount
    allocation: Allocation | None = None
    comment: Text | None = None
    disclosure: Disclosure = Disclosure.OPEN
    upstream_public: bool = False
    ledger_ceiling: LedgerCeiling | None = None
    predecessor: Uri | None = None
    links: Links | None = None
    profile: ProfileName | None = None
    content_sets: ContentSets | None = None
    missing: tuple[MissingInput, ...] = Field(default=(), max_length=MAX_MISSING)
    internal: tuple[InternalProcess, ...] | None = Field(default=None, min_length=1, max_length=MAX_PROCESSES)
    inputs: tuple[Input, ...] = Field(min_length=1, max_length=MAX_INPUTS)

    @field_validator("declared_unit")
    @classmethod
    def _pact_unit(cls, value: Unit) -> Unit:
        if value not in PACT_UNITS:
            known = ", ".join(unit for unit in Unit if unit in PACT_UNITS)
            raise ValueError(f"a declared unit is one of PACT's: {known}; found {value}")
        return value

    @field_validator("carbon_contents")
    @classmethod
    def _contents(cls, value: dict[str, NonNegativeAmount]) -> dict[str, NonNegativeAmount]:
        unknown = sorted(set(value) - set(CARBON_CONTENTS))
        if unknown:
            raise ValueError(f"unknown carbon content {unknown[0]!r}; expected {', '.join(CARBON_CONTENTS)}")
        if "fossilCarbonContent" not in value:
            raise ValueError("fossilCarbonContent is required (0 when there is none)")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Inventory:
        seen: set[str] = set()
        for entry in self.all_inputs:
            if entry.id in seen:
                raise ValueError(f"two inputs have the id {entry.id!r}")
            seen.add(entry.id)
        self._check_internal()
        self._check_profile()
        if len(self.gwp) > 1 and self.gwp_rule is None:
            raise ValueError(f"one set of global warming potentials is expected, found {', '.join(self.gwp)}")
        if sorted(set(self.gwp)) != list(self.gwp):
            raise ValueError(f"sets of global warming potentials stand once and in order, found {', '.join(self.gwp)}")
        audiences = self.content_sets.row_audiences if self.content_sets else {}
        unknown = next((each for inputs in audiences.values() for each in inputs if each not in seen), None)
        if unknown is not None:
            raise ValueError(f"`rowAudiences` names no input {unknown!r}")
        self._check_process(seen)
        if self.product.granularity is Granularity.ITEM and self.covered_quantity != self.declared_amount:
            raise ValueError(f"an item covers itself: coveredQuantity must be {self.declared_amount}")
        if self.subdivision and not self.subdivision.startswith(f"{self.country}-"):
            raise ValueError(f"the subdivision {self.subdivision} does not lie in {self.country}")
        return self

    def _check_profile(self) -> None:
        """A profile is of contents, and named once."""
        sets = self.content_sets.sets if self.content_sets else {}
        if any(PROFILE_ATTRIBUTE in values for values in sets.values()):
            raise ValueError(f"no attribute is named `{PROFILE_ATTRIBUTE}`: name the profile beside `contentSets`")
        if self.profile is not None and self.content_sets is None:
            raise ValueError(f"the profile {self.profile} says what `contentSets` holds, and there are none")

    def _check_internal(self) -> None:
        """Processes have names of their own, and what is used is there."""
        names = [process.id for process in self.internal or ()]
        if len(set(names)) < len(names):
            raise ValueError("two internal processes go by one id")
        for entry in self.all_inputs:
            if isinstance(entry, InternalUse) and entry.process not in names:
                raise ValueError(f"input {entry.id} uses no internal process {entry.process!r}: {', '.join(names)}")

    def _check_process(self, input_ids: set[str]) -> None:
        """Credits belong to the co-products of an expanded system, and subdivided inputs are inputs."""
        process = self.process
        may_credit = [entry for entry in self.inputs if isinstance(entry, FactorInput | PassportInput)]
        credited = [entry.substitutes for entry in may_credit if entry.substitutes]
        if process is None or process.method is not AllocationMethod.SYSTEM_EXPANSION:
            if credited:
                raise ValueError("`substitutes` belongs to `allocation` with the method systemExpansion")
        else:
            co_products = [each.id for each in process.outputs if each.id != process.product and not each.waste]
            if sorted(credited) != sorted(co_products):
                raise ValueError(
                    "system expansion credits each co-product once, by an input that `substitutes` it: "
                    f"expected {', '.join(co_products) or 'none'}, found {', '.join(credited) or 'none'}"
                )
        if process is not None:
            unknown = next((each for each in process.subdivided if each not in input_ids), None)
            if unknown is not None:
                raise ValueError(f"`subdivided` names no input {unknown!r}")

    @property
    def contents(self) -> ContentSets | None:
        """What a passport commits to beside its footprint, with the profile that it follows."""
        if self.content_sets is None or self.profile is None:
            return self.content_sets
        return self.content_sets.following(self.profile)

    @property
    def process(self) -> Process | None:
        """The process with several outputs, where allocation is stated as one."""
        return self.allocation if isinstance(self.allocation, Process) else None

    @property
    def passport_inputs(self) -> tuple[PassportInput, ...]:
        """The inputs that stand on other passports."""
        return tuple(entry for entry in self.all_inputs if isinstance(entry, PassportInput))

    @property
    def all_inputs(self) -> tuple[Input, ...]:
        """The product's inputs and those of its internal processes."""
        return (*self.inputs, *(entry for process in self.internal or () for entry in process.inputs))
