"""The tolerance of a claim's measure (UNTP 0.7 Measure): the range that holds the total in 95 % of cases.

UNTP's measure has two numbers and no word on what they cover. So they stand only where the stated uncertainty speaks
for all of the footprint: a range about a part of it would pass for one about the whole. What is stated of a part stays
in `characteristics`, beside how much it covers.

With z = 1.959964, the 97.5th percentile of the standard normal distribution (JCGM 100:2008, annex G, table G.1), the
range is total / GSD^z to total x GSD^z for a lognormal total, and total -+ z x standard deviation for a normal one.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, Overflow
from typing import Final, NamedTuple

Z_95: Final = Decimal("1.959963984540054")
SIGNIFICANT_DIGITS: Final = 6

_CONTEXT: Final = Context(prec=50, rounding=ROUND_HALF_EVEN)
_WRITTEN: Final = Context(prec=SIGNIFICANT_DIGITS, rounding=ROUND_HALF_EVEN)
_MOST: Final = Decimal("1E15")
"""Beyond it JSON numbers are no longer written without an exponent; a spread like that says nothing anyway."""


class Tolerance(NamedTuple):
    """How far above and below a claim's value the footprint may be, in the unit of the value.

    Attributes:
        upper: `upperTolerance`, six significant digits.
        lower: `lowerTolerance`, likewise.
    """

    upper: int | float
    lower: int | float


def claim_tolerance(total: str, uncertainty: Mapping[str, str] | None) -> Tolerance | None:
    """The tolerance that goes with a total and its stated uncertainty.

    Args:
        total: In kg CO2e per declared unit.
        uncertainty: As `characteristics.carbonPassport` states it.

    Returns:
        None where nothing is stated, or not of all of the footprint, or what no spread can be.
    """
    if uncertainty is None or uncertainty["coveredPercent"] != "100":
        return None
    middle, spread = abs(Decimal(total)), Decimal(uncertainty["spread"])
    if uncertainty["distribution"] == "lognormal":
        if spread < 1:
            return None
        try:
            factor = _CONTEXT.exp(_CONTEXT.multiply(_CONTEXT.ln(spread), Z_95))
            beyond = _CONTEXT.subtract(_CONTEXT.multiply(middle, factor), middle)
            within = _CONTEXT.subtract(middle, _CONTEXT.divide(middle, factor))
        except Overflow:
            return None
    else:
        beyond = within = _CONTEXT.divide(_CONTEXT.multiply(_CONTEXT.multiply(middle, spread), Z_95), Decimal(100))
    if beyond >= _MOST:
        return None
    # The wide side of a lognormal range lies away from zero.
    upper, lower = (beyond, within) if Decimal(total) >= 0 else (within, beyond)
    return Tolerance(_number(upper), _number(lower))


def tolerance_matches(found: object, redone: int | float) -> bool:
    """Whether a JSON number is a tolerance as we compute it, but for the last digit.

    Another implementation's logarithm may round otherwise in the end.
    """
    if isinstance(found, bool) or not isinstance(found, int | float):
        return False
    expected = Decimal(repr(redone))
    if not expected:
        return found == 0
    last = Decimal(1).scaleb(expected.adjusted() - SIGNIFICANT_DIGITS + 1)
    return abs(Decimal(repr(found)) - expected) <= last


def _number(amount: Decimal) -> int | float:
    rounded = _WRITTEN.plus(amount)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)
