"""The rules of PACT v3 that a schema cannot check, each broken one named instead of hidden.

Sources: PACT Technical Specifications 3.0 (OpenAPI 3.0.4: sum rule, signs, flags, ranges, lifecycle, product
identifier URNs) and PACT Methodology 3.0 (exemptions 3.3.1.2, primary data 4.2.2, data quality 4.2.3). Sums may differ
by half a unit of the last digit of each number in them, because they were rounded before they were written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Context, Decimal
from fractions import Fraction

from passport.exchange.pact_footprint import Code, ImportedFootprint, Problem, rounding
from passport.model.base import time_text
from passport.model.components import COMPONENTS, REMOVALS, SUMMED, TOTAL_EXCLUDING, TOTAL_INCLUDING, UPTAKE, Place
from passport.model.statement import VALIDITY_YEARS, validity_end
from passport.model.units import Unit

EXEMPTED_LIMIT_PERCENT = 3
CO2_PER_CARBON = Fraction(44, 12)
"""Mass of CO2 per mass of carbon in it: 12 + 2 x 16 over 12, as PACT's examples round it."""

_HELD = ("fossilCarbonContent", "biogenicCarbonContent")
"""Contents that do not overlap; recycled and CCU carbon are part of these."""

_URN = re.compile(r"[uU][rR][nN]:([A-Za-z0-9][A-Za-z0-9-]{0,30}[A-Za-z0-9]):(\S+)\Z")
"""RFC 8141: a namespace of 2 to 32 characters, then a string that the namespace defines."""
_NSS = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})+(?:[?#].*)?\Z")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]\Z")


def find_problems(footprint: ImportedFootprint) -> tuple[Problem, ...]:
    """Every rule that a footprint breaks, in a fixed order."""
    return tuple(
        problem
        for rule in (_totals, _parts, _signs, _carbon, _shares, _flags, _times, _identifiers)
        for problem in rule(footprint)
    )


def repeated_id(footprint_id: str) -> Problem:
    """The problem of a footprint that shares its id with a different one."""
    return Problem(
        Code.ID_REPEATED,
        "$.id",
        "another footprint of this document has the same id and other content",
        "an id of its own for each content",
        footprint_id,
    )


def _totals(footprint: ImportedFootprint) -> Iterator[Problem]:
    """The sum rule: excluding = the summed components, including = excluding + uptake."""
    stated = [footprint.components[name] for name in SUMMED if name in footprint.components]
    total = footprint.total_excluding
    components = sum(map(Fraction, stated), Fraction())
    slack = rounding(total, *stated)
    gap = Fraction(total) - components
    expected = f"{_number(components)}, give or take {_number(slack)} kg CO2e"
    if gap > slack:
        part = f"{_number(gap)} kg CO2e{_percent(gap, Fraction(total))} belong to no component"
        message = "the components add up to less than the total"
        yield Problem(Code.UNATTRIBUTED, _pcf(TOTAL_EXCLUDING), message, expected, f"{total}: {part}")
    if gap < -slack:
        message = "the components add up to more than the total"
        yield Problem(Code.COMPONENTS_ABOVE_TOTAL, _pcf(TOTAL_EXCLUDING), message, expected, f"{total} kg CO2e")
    uptake = footprint.components.get(UPTAKE)
    sides = [total] if uptake is None else [total, uptake]
    including = sum(map(Fraction, sides), Fraction())
    slack = rounding(footprint.total_including, *sides)
    if abs(Fraction(footprint.total_including) - including) > slack:
        yield Problem(
            Code.SUM_INCLUDING,
            _pcf(TOTAL_INCLUDING),
            "the totals differ though no uptake is stated"
            if uptake is None
            else "not the total excluding uptake plus the uptake",
            f"{_number(including)}, give or take {_number(slack)} kg CO2e",
            f"{footprint.total_including} kg CO2e",
        )


def _parts(footprint: ImportedFootprint) -> Iterator[Problem]:
    """What is "of which" may not exceed its whole; for the total that is what was emitted before removals."""
    components = footprint.components
    emitted = [components[name] for name in SUMMED if name in components and name not in REMOVALS]
    removed = [components[name] for name in REMOVALS if name in components]
    before_removals = Fraction(footprint.total_excluding) - sum(map(Fraction, removed), Fraction())
    gross = max(sum(map(Fraction, emitted), Fraction()), before_removals)
    for name, component in COMPONENTS.items():
        if component.place is not Place.OF_WHICH or name not in components:
            continue
        part = components[name]
        if component.part_of is not None and component.part_of in components:
            whole = components[component.part_of]
            limit, slack = Fraction(whole), rounding(part, whole)
        else:
            limit, slack = gross, rounding(part, footprint.total_excluding, *emitted, *removed)
        if part > limit + slack:
            message = f"more than {component.part_of}, which it is part of"
            expected = f"at most {_number(limit)} {component.unit}"
            yield Problem(Code.PART_ABOVE_WHOLE, _pcf(name), message, expected, f"{part} {component.unit}")


def _signs(footprint: ImportedFootprint) -> Iterator[Problem]:
    """Emissions and contents are not negative, removals and uptake not positive."""
    amounts = [(name, amount, COMPONENTS[name].sign) for name, amount in footprint.components.items()]
    amounts += [(name, amount, 1) for name, amount in footprint.carbon_contents.items()]
    amounts.append(("productMassPerDeclaredUnit", footprint.mass_kg, 1))
    if footprint.outbound_logistics is not None:
        amounts.append(("outboundLogisticsGhgEmissions", footprint.outbound_logistics, 1))
    for name, amount, sign in amounts:
        if amount * sign < 0:
            expected = "zero or more" if sign > 0 else "zero or less"
            yield Problem(Code.SIGN, _pcf(name), f"{name} has the wrong sign", expected, str(amount))


def _carbon(footprint: ImportedFootprint) -> Iterator[Problem]:
    """Carbon contents against the uptake and against the mass, both of the product without its packaging."""
    content = footprint.carbon_contents.get("biogenicCarbonContent")
    uptake = footprint.components.get(UPTAKE)
    if content is not None and uptake is not None:
        expected = -CO2_PER_CARBON * Fraction(content)
        slack = rounding(uptake) + CO2_PER_CARBON * rounding(content)
        if abs(Fraction(uptake) - expected) > slack:
            yield Problem(
                Code.UPTAKE_CARBON,
                _pcf(UPTAKE),
                "not the CO2 that the biogenic carbon in the product took up (content x 44/12)",
                f"{_number(expected)}, give or take {_number(slack)} kg CO2e for {content} kg carbon",
                f"{uptake} kg CO2e",
            )
    held = [footprint.carbon_contents[name] for name in _HELD if name in footprint.carbon_contents]
    carbon = sum(map(Fraction, held), Fraction())
    by_mass = footprint.declared_unit is Unit.KILOGRAM  # then the mass is what was declared, not a rounded reading
    slack = rounding(*held) if by_mass else rounding(footprint.mass_kg, *held)
    if footprint.mass_kg > 0 and carbon > Fraction(footprint.mass_kg) + slack:
        yield Problem(
            Code.CARBON_ABOVE_MASS,
            _pcf("fossilCarbonContent"),
            "the product would hold more fossil and biogenic carbon than it weighs",
            f"at most {footprint.mass_kg} kg",
            f"{_number(carbon)} kg carbon",
        )


def _shares(footprint: ImportedFootprint) -> Iterator[Problem]:
    """Percentages and ratings within their scales."""
    share = footprint.primary_data_share
    if share is not None and not 0 <= share <= 100:
        message = "not a percentage"
        yield Problem(Code.PRIMARY_DATA_SHARE_RANGE, _pcf("primaryDataShare"), message, "0 to 100", str(share))
    elif share is not None and 0 < share <= 1:
        yield Problem(
            Code.PRIMARY_DATA_SHARE_FRACTION,
            _pcf("primaryDataShare"),
            "a percentage is meant, and this looks like a fraction; it is taken as it stands",
            f"{_number(100 * Fraction(share))} if it is a fraction",
            str(share),
        )
    for name, rating in zip(("technological", "geographical", "temporal"), footprint.data_quality or (), strict=False):
        if not 1 <= rating <= 5:
            field = _pcf(f"dqi.{name}DQR")
            yield Problem(Code.RATING_RANGE, field, "not a data quality rating", "1 (best) to 5", str(rating))
    exempted, field = footprint.exempted_percent, _pcf("exemptedEmissionsPercent")
    if not 0 <= exempted <= 100:
        yield Problem(Code.EXEMPTED_RANGE, field, "not a percentage", "0 to 100", str(exempted))
    elif exempted > EXEMPTED_LIMIT_PERCENT:
        message = "more emissions are left out than the methodology allows"
        yield Problem(Code.EXEMPTED_LIMIT, field, message, f"at most {EXEMPTED_LIMIT_PERCENT} %", f"{exempted} %")


def _flags(footprint: ImportedFootprint) -> Iterator[Problem]:
    """What is said not to be included must not be stated."""
    components = footprint.components
    packaging = "packagingGhgEmissions"
    if footprint.packaging_included is False and packaging in components:
        message = "packaging is said not to be included, and its emissions are stated"
        yield Problem(Code.PACKAGING_FLAG, _pcf(packaging), message, "no such field", str(components[packaging]))
    for name in ("ccsTechnologicalCO2Capture", "technologicalCO2Removals"):
        if footprint.ccs_included is False and name in components:
            message = "carbon capture is said not to be included, and it is stated"
            yield Problem(Code.CCS_FLAG, _pcf(name), message, "no such field", str(components[name]))


def _times(footprint: ImportedFootprint) -> Iterator[Problem]:
    """The reference period, and the validity that follows it."""
    start, end = footprint.period_start, footprint.period_end
    if end <= start:
        message = "the reference period ends before it begins"
        expected = f"later than {time_text(start)}"
        yield Problem(Code.PERIOD_ORDER, _pcf("referencePeriodEnd"), message, expected, time_text(end))
    begins, ends = footprint.valid_from, footprint.valid_until
    if begins is not None and begins < end:
        message = "the validity begins before the reference period has ended"
        expected = f"{time_text(end)} or later"
        yield Problem(Code.VALIDITY_START, "$.validityPeriodStart", message, expected, time_text(begins))
    if ends is not None and ends <= (begins or end):
        message = "the validity ends before it begins"
        expected = f"later than {time_text(begins or end)}"
        yield Problem(Code.VALIDITY_ORDER, "$.validityPeriodEnd", message, expected, time_text(ends))
    latest = validity_end(end)
    if ends is not None and ends > latest:
        message = f"valid for more than {VALIDITY_YEARS} years after the reference period"
        expected = f"{time_text(latest)} or earlier"
        yield Problem(Code.VALIDITY_LENGTH, "$.validityPeriodEnd", message, expected, time_text(ends))


def _identifiers(footprint: ImportedFootprint) -> Iterator[Problem]:
    """URNs by RFC 8141; products and classes in PACT's own namespace as urn:pact:domain:type:id."""
    for name, urns, is_pact_form in (
        ("companyIds", footprint.company_ids, None),
        ("productIds", footprint.product_ids, _is_product_form),
        ("productClassifications", footprint.classifications, _has_three_parts),
    ):
        for index, urn in enumerate(urns):
            field = f"$.{name}[{index}]"
            match = _URN.match(urn)
            if not match or not _NSS.match(match[2]):
                message = "not a URN (RFC 8141)"
                yield Problem(Code.URN_SHAPE, field, message, "such as urn:gtin:4712345060507", _cut(urn))
            elif is_pact_form and match[1].lower() == "pact" and not is_pact_form(match[2]):
                expected = "urn:pact:domain:type:id, such as urn:pact:example.com:product-id:44055"
                yield Problem(Code.URN_SHAPE, field, "not of the form of PACT's own URNs", expected, _cut(urn))


def _is_product_form(name: str) -> bool:
    """`domain:type:id` with the domain of whoever gave the id."""
    return _has_three_parts(name) and bool(_HOST.match(name.partition(":")[0]))


def _has_three_parts(name: str) -> bool:
    """The specification's own examples of classes have a word in place of the domain."""
    parts = name.split(":", 2)
    return len(parts) == 3 and all(parts)


def _pcf(name: str) -> str:
    return f"$.pcf.{name}"


def _cut(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:100]}... ({len(text)} characters)"


def _number(amount: Fraction) -> str:
    """An amount for people, to 12 significant digits."""
    rounded = Context(prec=12).divide(Decimal(amount.numerator), Decimal(amount.denominator))
    text = format(rounded, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _percent(part: Fraction, whole: Fraction) -> str:
    """The share in brackets, to three significant digits; nothing for a whole of zero."""
    if not whole:
        return ""
    ratio = 100 * part / whole
    share = Context(prec=3).divide(Decimal(ratio.numerator), Decimal(ratio.denominator))
    return f" ({format(share, 'f')} %)"
