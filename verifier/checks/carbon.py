"""Notes on the carbon in a product: what it took up against what it holds, and what it holds against what it weighs.

PACT Methodology 3.0 and all its official examples: uptake = -44/12 x biogenic carbon content. Contents are declared and
summed by nobody, so this is a warning for whoever reads the figures, and alters no outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from passport.arithmetic.quanta import from_text
from passport.exchange.pact_footprint import Code, rounding
from passport.exchange.pact_problems import CO2_PER_CARBON
from passport.model.components import UPTAKE
from verifier.outcome import Note, Severity

_DRIFT = Fraction(1, 10**9)
"""Kg CO2e that a sum over rows may drift from a product of declared numbers, because each row is rounded for itself."""

_HELD = ("fossilCarbonContent", "biogenicCarbonContent")


def carbon_notes(pcf: Mapping[str, Any]) -> Sequence[Note]:
    """What is odd about the carbon of a statement of ours.

    Args:
        pcf: PACT's part of the statement.
    """
    return () if _is_in_order(pcf) else tuple(_oddities(pcf))


def _is_in_order(pcf: Mapping[str, Any]) -> bool:
    """Whether the figures agree to the last digit, as nearly all do; said without weighing their rounding."""
    content, uptake = pcf.get("biogenicCarbonContent"), pcf.get(UPTAKE)
    biogenic = from_text(content) if content is not None else 0
    if content is not None and uptake is not None and 3 * from_text(uptake) + 11 * biogenic:  # 44/12 = 11/3
        return False
    mass = from_text(pcf["productMassPerDeclaredUnit"])
    return not mass or from_text(pcf["fossilCarbonContent"]) + biogenic <= mass


def _oddities(pcf: Mapping[str, Any]) -> Iterator[Note]:
    content, uptake = pcf.get("biogenicCarbonContent"), pcf.get(UPTAKE)
    if content is not None and uptake is not None:
        held = Decimal(content)
        expected = -CO2_PER_CARBON * Fraction(held)
        if abs(Fraction(uptake) - expected) > CO2_PER_CARBON * rounding(held) + _DRIFT:
            text = f"uptake {uptake} kg CO2e; {content} kg of biogenic carbon x 44/12 is {abs(float(expected)):.6g} kg"
            yield Note(f"pact:{Code.UPTAKE_CARBON}", Severity.WARNING, text)
    mass = Decimal(pcf["productMassPerDeclaredUnit"])
    held_kg = [Decimal(pcf[name]) for name in _HELD if name in pcf]
    if mass > 0 and sum(map(Fraction, held_kg), Fraction(0)) > Fraction(mass) + rounding(*held_kg):
        text = f"holds {sum(held_kg)} kg of fossil and biogenic carbon, and weighs {mass} kg"
        yield Note(f"pact:{Code.CARBON_ABOVE_MASS}", Severity.WARNING, text)
