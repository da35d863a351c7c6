"""Numbers for people: a few significant figures in plain digits, and shares of the total."""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def figure(value: float, *, digits: int = 3) -> str:
    """A number to a few significant figures; plain digits where they can be read, else a power of ten.

    Args:
        value: The number.
        digits: How many significant figures.
    """
    if not math.isfinite(value):
        return "?"
    if value == 0:
        return "0"
    sign = MINUS if value < 0 else ""
    mantissa, _, exponent = f"{abs(value):.{digits - 1}e}".partition("e")
    power = int(exponent)
    if -4 <= power < 7:
        return f"{sign}{round(float(f'{mantissa}e{exponent}'), digits - 1 - power):,.{max(0, digits - 1 - power)}f}"
    return f"{sign}{mantissa}×10{str(power).translate(_SUPERSCRIPT)}"


def share(part: float, total: float) -> str:
    """A part of the total in percent; what is not nothing, or not all, is not shown as that."""
    if total == 0:
        return ""
    percent = 100 * part / total
    if percent == 0:
        return "0 %"
    if abs(percent) < 0.05:
        return "<0.1 %"
    if 99.95 <= percent < 100 - 1e-9:
        return ">99.9 %"  # nor is what is not everything shown as everything
    sign = MINUS if percent < 0 else ""
    return f"{sign}{abs(percent):.1f} %" if abs(percent) < 99.95 else f"{sign}{abs(percent):,.0f} %"


def amount(value: float, total: float) -> str:
    """A number with its share of the total."""
    of_total = share(value, total)
    return f"{figure(value)} ({of_total})" if of_total else figure(value)
