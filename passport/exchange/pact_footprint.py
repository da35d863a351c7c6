"""What a PACT product footprint of somebody else states, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from passport.errors import ArithmeticRuleError
from passport.model.amount import to_text
from passport.model.components import SUMMED, TOTAL_EXCLUDING
from passport.model.digest import Digest
from passport.model.footprint import FootprintTexts, UpstreamFacts
from passport.model.units import Unit

_RATINGS = ("technological", "geographical", "temporal")


class Code(StrEnum):
    """The rules a footprint can break and still be read."""

    UNATTRIBUTED = "unattributed"
    """The stated components add up to less than the total excluding uptake."""
    COMPONENTS_ABOVE_TOTAL = "components-above-total"
    """They add up to more than it."""
    SUM_INCLUDING = "sum-including-uptake"
    """The total including uptake is not the total excluding it plus the uptake."""
    PART_ABOVE_WHOLE = "part-above-whole"
    """An "of which" field exceeds what it is part of."""
    SIGN = "sign"
    """An emission or content below zero, or a removal or uptake above it."""
    UPTAKE_CARBON = "uptake-carbon"
    """The uptake is not the biogenic carbon content times 44/12."""
    CARBON_ABOVE_MASS = "carbon-above-mass"
    """The product holds more carbon than it weighs."""
    PRIMARY_DATA_SHARE_FRACTION = "primary-data-share-fraction"
    """The primary data share lies between 0 and 1, where a percentage is meant."""
    PRIMARY_DATA_SHARE_RANGE = "primary-data-share-range"
    """It is no percentage."""
    RATING_RANGE = "rating-range"
    """A data quality rating outside 1 to 5."""
    EXEMPTED_LIMIT = "exempted-limit"
    """More emissions left out than the methodology allows."""
    EXEMPTED_RANGE = "exempted-range"
    """The share of emissions left out is no percentage."""
    PACKAGING_FLAG = "packaging-flag"
    """Packaging emissions are stated though they are said not to be included."""
    CCS_FLAG = "ccs-flag"
    """Carbon capture is stated though it is said not to be included."""
    PERIOD_ORDER = "period-order"
    """The reference period ends before it begins."""
    VALIDITY_ORDER = "validity-order"
    """The validity ends before it begins."""
    VALIDITY_START = "validity-start"
    """The validity begins before the reference period has ended."""
    VALIDITY_LENGTH = "validity-length"
    """The validity ends more than three years after the reference period."""
    URN_SHAPE = "urn-shape"
    """An identifier that is no well-formed URN, or not of PACT's form though in PACT's namespace."""
    ID_REPEATED = "id-repeated"
    """Two footprints of one document have the same id and differ."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule of PACT that a footprint breaks.

    Attributes:
        code: Which rule.
        field: The place in the footprint as a JSON path.
        message: What is wrong, in a sentence.
        expected: What the rule asks for.
        found: What the document says.
    """

    code: Code
    field: str
    message: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class ImportedFootprint:
    """What one product footprint states; amounts are per declared unit (`declared_amount` of `declared_unit`).

    Attributes:
        id: The footprint's UUID.
        position: Its place in the received document, from 0.
        original: The received document, byte for byte; it may hold more footprints.
        body: The footprint without `status`, in canonical form (RFC 8785): what its digest is taken of.
        digest: The digest of `body`.
        spec_version: The PACT version it follows.
        status: `Active` or `Deprecated`, as it was when it was received; None when read from its stored body.
        created: When it was made.
        preceding_ids: The footprints it takes the place of.
        company_name: Who states it.
        company_ids: Their URNs.
        product_name: What it is of.
        product_ids: The product's URNs.
        classifications: URNs of product classes.
        declared_unit: The unit that amounts refer to.
        declared_amount: How many of it.
        mass_kg: Mass of the product without packaging, 0 for energy and services.
        period_start: Begin of the reference period.
        period_end: Its end.
        valid_from: Begin of the validity, if stated.
        valid_until: Its end, if stated.
        geography: Subdivision, country or region by its code or name; None is the world.
        components: The stated components in kg CO2e (land area in m2 year); one that is absent is unknown, not zero.
        carbon_contents: The stated carbon contents in kg carbon.
        total_excluding: Total without biogenic uptake, kg CO2e.
        total_including: Total with it, kg CO2e.
        outbound_logistics: Transport to the buyer that the company pays for, outside the total, kg CO2e.
        primary_data_share: As it was stated; it should be percent, see the problem `primary-data-share-fraction`.
        data_quality: Technological, geographical, temporal rating.
        exempted_percent: Share of emissions left out.
        gwp: The IPCC reports whose warming potentials were used.
        packaging_included: Whether the total includes packaging; None if it is not said.
        ccs_included: Whether there is carbon capture and storage in it; None if it is not said.
        problems: The rules that the document breaks.
    """

    id: str
    position: int
    original: bytes
    body: bytes
    digest: Digest
    spec_version: str
    status: str | None
    created: datetime
    preceding_ids: tuple[str, ...]
    company_name: str
    company_ids: tuple[str, ...]
    product_name: str
    product_ids: tuple[str, ...]
    classifications: tuple[str, ...]
    declared_unit: Unit
    declared_amount: Decimal
    mass_kg: Decimal
    period_start: datetime
    period_end: datetime
    valid_from: datetime | None
    valid_until: datetime | None
    geography: str | None
    components: Mapping[str, Decimal]
    carbon_contents: Mapping[str, Decimal]
    total_excluding: Decimal
    total_including: Decimal
    outbound_logistics: Decimal | None
    primary_data_share: Decimal | None
    data_quality: tuple[Decimal, Decimal, Decimal] | None
    exempted_percent: Decimal
    gwp: tuple[str, ...]
    packaging_included: bool | None
    ccs_included: bool | None
    problems: tuple[Problem, ...] = ()

    def upstream_facts(self) -> UpstreamFacts:
        """What a buyer's row copies from this document.

        Raises:
            AmountError: An amount does not fit our documents (more than 15 digits on a side).
            ArithmeticRuleError: The components exceed the total by more than the digits given can explain.
        """
        stated = {name: self.components[name] for name in SUMMED if name in self.components}
        gap = Fraction(self.total_excluding) - sum(map(Fraction, stated.values()))
        if gap < -rounding(self.total_excluding, *stated.values()):
            raise ArithmeticRuleError(
                "the components exceed the total",
                where=f"$.pcf.{TOTAL_EXCLUDING}",
                expected=f"at least {sum(stated.values())}",
                found=self.total_excluding,
                hint="ask the supplier for a corrected footprint",
            )
        ratings = self.data_quality
        return UpstreamFacts(
            id=f"urn:uuid:{self.id.lower()}",
            digest=self.digest,
            document="imported",
            subject_id=self.product_ids[0],
            declared_unit=str(self.declared_unit),
            declared_amount=to_text(self.declared_amount),
            mass_per_declared_unit=to_text(self.mass_kg),
            gwp=self.gwp,
            footprint=FootprintTexts(
                components={name: to_text(amount) for name, amount in self.components.items()},
                total=to_text(self.total_excluding),
                total_including_uptake=to_text(self.total_including),
                unattributed=to_text(exact_decimal(gap)),
                primary_data_share=None if self.primary_data_share is None else to_text(self.primary_data_share),
                data_quality=None if ratings is None else dict(zip(_RATINGS, map(to_text, ratings), strict=True)),
                exempted_percent=to_text(self.exempted_percent),
            ),
        )


def rounding(*amounts: Decimal) -> Fraction:
    """How far a sum of amounts may be off because each was rounded to the digits it is given with: half a unit each.

    Zeros without decimals are exact ("0" means that there is none), and an exponent does not make digits uncertain:
    otherwise `0e30` would excuse any difference.
    """
    return sum(
        (Fraction(1, 2 * 10 ** _decimals(amount)) for amount in amounts if amount or _decimals(amount)), Fraction()
    )


def _decimals(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def exact_decimal(amount: Fraction) -> Decimal:
    """The decimal that equals a sum of decimals."""
    places = 0
    while (amount * 10**places).denominator != 1:
        places += 1
    return Decimal(f"{int(amount * 10**places)}E-{places}")
