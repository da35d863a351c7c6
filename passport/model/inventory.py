"""The inventory: an issuer's own account of one product, from which a passport is made.

Amounts stand per declared unit, or per period and are then scaled by declared amount / covered quantity. An unknown
input is not left out: it is listed under `missing`.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from passport.model.base import (
    DocumentModel,
    HttpsUrl,
    InputAmount,
    Language,
    NonNegativeAmount,
    Percent,
    PositiveAmount,
    Rating,
    Text,
    Uri,
    Urn,
    UtcTime,
)
from passport.model.components import CARBON_CONTENTS, COMPONENTS, UPTAKE, check_sign
from passport.model.digest import DIGEST_PATTERN
from passport.model.units import PACT_UNITS, Unit, conversion

INVENTORY_FORMAT = "carbon-passport/inventory/1.0"
MAX_INPUTS = 10_000

MAX_IDS = 20
MAX_CLASSES = 50
MAX_EVIDENCE = 100
MAX_MISSING = 1000
_UNIQUE = Field(json_schema_extra={"uniqueItems": True})


def _unique(value: tuple[str, ...]) -> tuple[str, ...]:
    twice = next((entry for index, entry in enumerate(value) if entry in value[:index]), None)
    if twice is not None:
        raise ValueError(f"{twice!r} stands there twice")
    return value


Urns = Annotated[tuple[Urn, ...], _UNIQUE, AfterValidator(_unique)]
Texts = Annotated[tuple[Text, ...], _UNIQUE, AfterValidator(_unique)]
ProductName = Annotated[Text, StringConstraints(max_length=500)]
DigestText = Annotated[str, StringConstraints(pattern=DIGEST_PATTERN)]
InputId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


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


class Period(DocumentModel):
    """The reference period, start included, end excluded."""

    start: UtcTime
    end: UtcTime

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        if self.end <= self.start:
            raise ValueError("period ends before it starts")
        return self


class Facility(DocumentModel):
    """The plant the product comes from."""

    id: Uri
    name: Text


class Exempted(DocumentModel):
    """The share of the cradle-to-gate total that this issuer left out, estimated conservatively, with the reason."""

    percent: Percent
    reason: Text


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

    `lognormal`: `spread` is the geometric standard deviation; `normal`: the relative standard deviation in percent.
    """

    distribution: Literal["lognormal", "normal"]
    spread: PositiveAmount


class Evidence(DocumentModel):
    """A document that backs an input; pinned when its digest is given."""

    uri: Uri
    digest: DigestText | None = None
    name: Text | None = None


class Factor(DocumentModel):
    """Emissions per amount of an activity, with source, year and place."""

    name: Text
    amount: PositiveAmount = Decimal(1)
    unit: Unit
    components: dict[str, InputAmount] = Field(min_length=1)
    source: Source
    year: int = Field(ge=1900, le=2200)
    geography: Text
    primary: bool = False

    @field_validator("components")
    @classmethod
    def _signs(cls, value: dict[str, InputAmount]) -> dict[str, InputAmount]:
        return _checked_components(value)


class _Input(DocumentModel):
    """What every input states."""

    id: InputId
    name: Text
    stage: Stage
    per: Per = Per.DECLARED_UNIT
    known: Known
    uncertainty: Uncertainty | None = None
    data_quality: DataQuality | None = None
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=MAX_EVIDENCE)


class DirectInput(_Input):
    """Emissions of the issuer's own, measured or calculated, in kg CO2e by component."""

    kind: Literal["direct"]
    emissions: dict[str, InputAmount] = Field(min_length=1)

    @field_validator("emissions")
    @classmethod
    def _signs(cls, value: dict[str, InputAmount]) -> dict[str, InputAmount]:
        return _checked_components(value)


class FactorInput(_Input):
    """An activity times an emission factor."""

    kind: Literal["factor"]
    quantity: NonNegativeAmount
    unit: Unit
    factor: Factor

    @model_validator(mode="after")
    def _units_convert(self) -> FactorInput:
        conversion(self.unit, self.factor.unit, where=f"input {self.id}")
        return self


class PassportInput(_Input):
    """A quantity of an upstream product that has a passport (or an imported footprint).

    One of `passport` (its id) and `product` (the product's id: the newest passport of it is taken) is given.
    """

    kind: Literal["passport"]
    quantity: NonNegativeAmount
    unit: Unit
    passport: Uri | None = None
    product: Uri | None = None
    digest: DigestText | None = None
    delivery: DigestText | None = None

    @model_validator(mode="after")
    def _one_reference(self) -> PassportInput:
        if (self.passport is None) == (self.product is None):
            raise ValueError("give either `passport` (the upstream passport's id) or `product` (the product's id)")
        return self


Input = Annotated[DirectInput | FactorInput | PassportInput, Field(discriminator="kind")]


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
    gwp: tuple[Annotated[str, StringConstraints(pattern=r"^AR[0-9]+$")], ...] = Field(min_length=1)
    boundary: Text
    exempted: Exempted
    carbon_contents: dict[str, NonNegativeAmount]
    packaging_emissions_included: bool
    ccs_technological_co2_capture_included: bool = Field(default=False, alias="ccsTechnologicalCO2CaptureIncluded")
    covered_quantity: PositiveAmount
    allocation: Text | None = None
    comment: Text | None = None
    disclosure: Disclosure = Disclosure.OPEN
    upstream_public: bool = False
    ledger_ceiling: LedgerCeiling | None = None
    predecessor: Uri | None = None
    missing: tuple[MissingInput, ...] = Field(default=(), max_length=MAX_MISSING)
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
        for entry in self.inputs:
            if entry.id in seen:
                raise ValueError(f"two inputs have the id {entry.id!r}")
            seen.add(entry.id)
        if len(self.gwp) > 1:
            raise ValueError(f"one set of global warming potentials is expected, found {', '.join(self.gwp)}")
        if self.product.granularity is Granularity.ITEM and self.covered_quantity != self.declared_amount:
            raise ValueError(f"an item covers itself: coveredQuantity must be {self.declared_amount}")
        if self.subdivision and not self.subdivision.startswith(f"{self.country}-"):
            raise ValueError(f"the subdivision {self.subdivision} does not lie in {self.country}")
        return self

    @property
    def passport_inputs(self) -> tuple[PassportInput, ...]:
        """The inputs that stand on other passports."""
        return tuple(entry for entry in self.inputs if isinstance(entry, PassportInput))


def _checked_components(value: dict[str, InputAmount]) -> dict[str, InputAmount]:
    """Refuse unknown components, wrong signs, and emissions that leave the footprint's own fields empty."""
    for name, amount in value.items():
        check_sign(name, amount)
    if not any(COMPONENTS[name].place == "summed" or name == UPTAKE for name in value):
        raise ValueError("states only parts of fields that are not stated; give the field they are part of")
    return value
