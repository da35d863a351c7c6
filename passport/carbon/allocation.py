"""Allocation: what of a process with several outputs falls to each of them, as exact shares that add up to one.

>>> bread = Output("bread", {Basis.MASS: Fraction(1), Basis.VALUE: Fraction(3)})
>>> crumbs = Output("crumbs", {Basis.MASS: Fraction(1, 2), Basis.VALUE: Fraction(2)})
>>> allocation = allocate([bread, crumbs], Method.PACT)
>>> allocation.applied, allocation.shares["bread"]
(<Basis.MASS: 'mass'>, Fraction(2, 3))

The order of preference is that of ISO 14044 4.3.4.2 and ISO 14067 6.4.6: subdivide (`divide`), expand the system
(`Method.SYSTEM_EXPANSION` and a credit), then allocate, physically before economically. Where PACT's rule is asked
for, the values of the outputs decide: a ratio of the highest to the lowest above 5 is economic, else physical.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from passport.errors import ArithmeticRuleError

PACT_VALUE_RATIO = 5
"""PACT Methodology 3.0: above this ratio of highest to lowest economic value the allocation is economic."""

MAX_OUTPUTS = 100


class Basis(StrEnum):
    """What shares are taken of: an amount of the whole output."""

    MASS = "mass"
    VOLUME = "volume"
    ENERGY = "energy"
    VALUE = "value"


PHYSICAL = (Basis.MASS, Basis.VOLUME, Basis.ENERGY)


class Method(StrEnum):
    """How a process is allocated."""

    PACT = "pact"
    MASS = "mass"
    VOLUME = "volume"
    ENERGY = "energy"
    ECONOMIC = "economic"
    SYSTEM_EXPANSION = "systemExpansion"


_BASES = {
    Method.MASS: Basis.MASS,
    Method.VOLUME: Basis.VOLUME,
    Method.ENERGY: Basis.ENERGY,
    Method.ECONOMIC: Basis.VALUE,
}


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a process.

    Attributes:
        id: Its name within the process.
        amounts: What is known of the whole output: kg, litres, MJ (lower heating value), money.
        is_waste: Waste takes no share (PACT Methodology 3.0, after Directive 2008/98/EC).
    """

    id: str
    amounts: Mapping[Basis, Fraction]
    is_waste: bool = False


@dataclass(frozen=True, slots=True)
class Allocation:
    """The shares of a process's outputs.

    Attributes:
        method: What was asked for.
        applied: The basis that was used; None when the main product carries everything.
        shares: By output id, in the order given; they add up to exactly one.
        value_ratio: Highest over lowest value of the products, where PACT's rule asked for it.
    """

    method: Method
    applied: Basis | None
    shares: Mapping[str, Fraction]
    value_ratio: Fraction | None = None


def allocate(
    outputs: Sequence[Output],
    method: Method,
    *,
    physical: Basis | None = Basis.MASS,
    main: str | None = None,
    where: str | None = None,
) -> Allocation:
    """The share of each output.

    Args:
        outputs: All outputs of the process, waste included.
        method: How to allocate.
        physical: For PACT's rule, the physical relation (mass when in doubt, volume for liquids, energy for energy);
            None says that there is none, and the allocation is economic.
        main: For system expansion, the output that carries everything.
        where: The process meant, for the error.

    Raises:
        ArithmeticRuleError: No product among the outputs, one name for two, an amount that the method needs and that
            is not known or not above zero.
    """
    products = _products(outputs, where)
    ratio = None
    applied: Basis | None
    if method is Method.SYSTEM_EXPANSION:
        return Allocation(method, None, _all_on(main, outputs, products, where))
    if method is Method.PACT:
        values = [_amount(output, Basis.VALUE, where) for output in products]
        ratio = max(values) / min(values)
        applied = Basis.VALUE if physical is None or ratio > PACT_VALUE_RATIO else physical
    else:
        applied = _BASES[method]
    weights = {output.id: _amount(output, applied, where) for output in products}
    whole = sum(weights.values(), Fraction(0))
    shares = {output.id: weights.get(output.id, Fraction(0)) / whole for output in outputs}
    return Allocation(method, applied, shares, ratio)


def divide(
    amounts: Mapping[str, Fraction], shares: Mapping[str, Fraction], *, own: Mapping[str, str] | None = None
) -> dict[str, dict[str, Fraction]]:
    """Divide what a process takes in and emits among its outputs; nothing is lost or made.

    Args:
        amounts: By input: the whole process's amount (a quantity, or an emission).
        shares: By output: its share of what is joint.
        own: Subdivision: the one output that an input serves, for inputs that are not joint.

    Returns:
        By output and input, the amount that falls to it; for each input they add up to the whole.

    Raises:
        ArithmeticRuleError: Shares that do not add up to one, or an input of an output that is none.
    """
    whole = sum(shares.values(), Fraction(0))
    if whole != 1:
        raise ArithmeticRuleError("shares do not add up to one", expected="1", found=whole)
    served = own or {}
    for name, output in served.items():
        if output not in shares or name not in amounts:
            raise ArithmeticRuleError(
                "a subdivided input of nothing", where=name, expected=f"one of {', '.join(shares)}", found=output
            )
    return {
        output: {
            name: amount * share if name not in served else amount if served[name] == output else Fraction(0)
            for name, amount in amounts.items()
        }
        for output, share in shares.items()
    }


def substitution_credit(quantity: Fraction, displaced_per_unit: Fraction, footprint: Fraction) -> Fraction:
    """The credit of a co-product that displaces another product: zero or less (ISO 14044 4.3.4.2, system expansion).

    Args:
        quantity: Of the co-product.
        displaced_per_unit: Units of the displaced product that one unit of the co-product replaces.
        footprint: kg CO2e of one unit of the displaced product.

    Raises:
        ArithmeticRuleError: Something of it is negative.
    """
    for name, number in (("quantity", quantity), ("displaced per unit", displaced_per_unit), ("footprint", footprint)):
        if number < 0:
            raise ArithmeticRuleError(f"a credit of a negative {name}", expected="zero or more", found=number)
    return -quantity * displaced_per_unit * footprint


def cut_off_recycling(
    *,
    virgin: Fraction,
    recycling: Fraction,
    disposal: Fraction,
    recycled_content: Fraction,
    recycled_at_end: Fraction,
) -> Fraction:
    """A material's footprint by the cut-off approach (recycled content, 100:0).

    Who uses recycled material carries its collection, sorting and recycling, and nothing of its first life; what
    leaves for recycling leaves without burden and without credit.

    Args:
        virgin: kg CO2e per kg of primary material.
        recycling: kg CO2e per kg of recycled material, from collection on.
        disposal: kg CO2e per kg that is disposed of.
        recycled_content: Share of the input that is recycled.
        recycled_at_end: Share of the output that goes to recycling.

    Raises:
        ArithmeticRuleError: A share outside 0 to 1.
    """
    shares = recycling_shares(recycled_content, recycled_at_end)
    return shares["virgin"] * virgin + shares["recycled"] * recycling + shares["disposed"] * disposal


def recycling_shares(recycled_content: Fraction, recycled_at_end: Fraction | None) -> dict[str, Fraction]:
    """The parts of a material that carry a burden by the cut-off approach, as shares of its quantity.

    What is virgin and what is recycled add up to one, and so does what is disposed of with what leaves for recycling.

    Args:
        recycled_content: Share of the input that is recycled.
        recycled_at_end: Share of the output that goes to recycling; None where the end of life is not looked at.

    Raises:
        ArithmeticRuleError: A share outside 0 to 1.
    """
    for name, share in (("recycled content", recycled_content), ("recycled at end", recycled_at_end)):
        if share is not None and not 0 <= share <= 1:
            raise ArithmeticRuleError(f"the share {name} lies outside 0 to 1", expected="0 to 1", found=share)
    disposed = Fraction(0) if recycled_at_end is None else 1 - recycled_at_end
    return {"virgin": 1 - recycled_content, "recycled": recycled_content, "disposed": disposed}


def _products(outputs: Iterable[Output], where: str | None) -> list[Output]:
    """The outputs that may take a share."""
    seen: set[str] = set()
    products = []
    for output in outputs:
        if output.id in seen:
            raise ArithmeticRuleError("two outputs go by one name", where=where, found=output.id)
        seen.add(output.id)
        if not output.is_waste:
            products.append(output)
    if not products or len(seen) > MAX_OUTPUTS:
        raise ArithmeticRuleError(
            "no outputs to allocate to" if not products else "too many outputs",
            where=where,
            expected=f"at least one that is no waste, at most {MAX_OUTPUTS}",
            found=len(seen),
        )
    return products


def _amount(output: Output, basis: Basis, where: str | None) -> Fraction:
    amount = output.amounts.get(basis)
    if amount is None or amount <= 0:
        raise ArithmeticRuleError(
            f"the {basis} of output {output.id} is not {'known' if amount is None else 'above zero'}",
            where=where,
            expected="a number above zero",
            found="nothing" if amount is None else amount,
            hint="what has no value is waste; what is not known cannot carry a share",
        )
    return amount


def _all_on(
    main: str | None, outputs: Sequence[Output], products: Sequence[Output], where: str | None
) -> dict[str, Fraction]:
    names = [output.id for output in products]
    if main not in names:
        raise ArithmeticRuleError(
            "system expansion without a main product", where=where, expected=f"one of {', '.join(names)}", found=main
        )
    return {output.id: Fraction(output.id == main) for output in outputs}
