"""Allocation by hand, by PACT's guide and by the EU's circular footprint formula; and that nothing gets lost."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from passport.carbon.allocation import (
    MAX_OUTPUTS,
    Basis,
    Method,
    Output,
    allocate,
    cut_off_recycling,
    divide,
    substitution_credit,
)
from passport.errors import ArithmeticRuleError

F = Fraction


def output(name: str, *, is_waste: bool = False, **amounts: object) -> Output:
    known = {Basis(basis): F(str(amount)) for basis, amount in amounts.items()}
    return Output(name, known, is_waste)


# PACT, How-to Guide for the Methodology 3.0, allocation: two co-products, 0.5 kg worth 2 $ and 1 kg worth 3 $, 10 t.
PACT_BY_MASS = [output("a", mass="0.5", value=2), output("b", mass=1, value=3)]
# The same guide: three co-products priced 500, 10 and 400; 10,000 kg CO2e.
PACT_BY_VALUE = [output("a", mass=1, value=500), output("b", mass=1, value=10), output("c", mass=1, value=400)]


def test_pact_vector_below_the_ratio_is_physical() -> None:
    """The values' ratio is 1.5, so mass: a third and two thirds of 10 t, 3.33 and 6.67."""
    found = allocate(PACT_BY_MASS, Method.PACT)
    assert (found.applied, found.value_ratio) == (Basis.MASS, F(3, 2))
    assert [round(10 * float(share), 2) for share in found.shares.values()] == [3.33, 6.67]


def test_pact_vector_above_the_ratio_is_economic() -> None:
    """The ratio is 50: 500, 10 and 400 of 910; the guide prints 5494, 110 and 4396 of 10,000."""
    found = allocate(PACT_BY_VALUE, Method.PACT)
    assert (found.applied, found.value_ratio) == (Basis.VALUE, 50)
    printed = [5494, 110, 4396]
    for share, guide in zip(found.shares.values(), printed, strict=True):
        assert abs(10_000 * share - guide) <= 1  # the guide rounds so that they add up
    assert sum(printed) == 10_000


@pytest.mark.parametrize(
    ("price", "basis"), [("5", Basis.MASS), ("5.000001", Basis.VALUE), ("0.2", Basis.MASS), ("0.19", Basis.VALUE)]
)
def test_the_ratio_must_exceed_five(price: str, basis: Basis) -> None:
    assert allocate([output("a", mass=3, value=1), output("b", mass=1, value=price)], Method.PACT).applied is basis


def test_without_a_physical_relation_pact_is_economic() -> None:
    found = allocate(PACT_BY_MASS, Method.PACT, physical=None)
    assert (found.applied, found.shares) == (Basis.VALUE, {"a": F(2, 5), "b": F(3, 5)})


def test_chlorine_and_caustic_soda_by_mass() -> None:
    """2 NaCl + 2 H2O -> Cl2 + 2 NaOH + H2 in g/mol: 70.906, 79.994, 2.016, together 152.916: 46.4, 52.3, 1.3 %."""
    found = allocate(
        [output("Cl2", mass="70.906"), output("NaOH", mass="79.994"), output("H2", mass="2.016")], Method.MASS
    )
    assert [round(100 * float(share), 1) for share in found.shares.values()] == [46.4, 52.3, 1.3]


def test_biodiesel_and_glycerol_by_energy() -> None:
    """1 t of biodiesel at 37 MJ/kg (Directive (EU) 2018/2001, Annex III) and 0.1 t of glycerol at 16 MJ/kg."""
    found = allocate([output("biodiesel", energy=37000), output("glycerol", energy=1600)], Method.ENERGY)
    assert found.shares == {"biodiesel": F(370, 386), "glycerol": F(16, 386)}


def test_wheat_and_straw_by_value() -> None:
    """6 t at 200 and 4 t at 50: 1200 and 200 of 1400."""
    found = allocate([output("wheat", mass=6000, value=1200), output("straw", mass=4000, value=200)], Method.ECONOMIC)
    assert found.shares == {"wheat": F(6, 7), "straw": F(1, 7)}


def test_by_volume() -> None:
    found = allocate([output("cream", volume=1), output("milk", volume=9)], Method.VOLUME)
    assert found.shares["cream"] == F(1, 10)


def test_waste_takes_no_share() -> None:
    """PACT after Directive 2008/98/EC; its mass does not matter, nor does it need a value."""
    found = allocate([*PACT_BY_MASS, output("slag", mass=1000, is_waste=True)], Method.PACT)
    assert found.shares == {"a": F(1, 3), "b": F(2, 3), "slag": 0}


def test_system_expansion_leaves_everything_on_the_main_product_less_a_credit() -> None:
    """Heat and power: 1000 kg in all; 500 kWh of heat replace 500 kWh of a boiler at 0.25 kg: 1000 - 125 = 875."""
    found = allocate([output("power"), output("heat")], Method.SYSTEM_EXPANSION, main="power")
    assert found.applied is None
    assert found.shares == {"power": 1, "heat": 0}
    assert 1000 * found.shares["power"] + substitution_credit(F(500), F(1), F("0.25")) == 875


def test_subdivision_comes_before_allocation() -> None:
    """The oven (100) is joint, the cutter (20) serves only b: a carries 100/3, b 200/3 + 20."""
    parts = divide({"oven": F(100), "cutter": F(20)}, allocate(PACT_BY_MASS, Method.MASS).shares, own={"cutter": "b"})
    assert sum(parts["a"].values()) == F(100, 3)
    assert sum(parts["b"].values()) == F(260, 3)


def circular_footprint(
    *, a: Fraction, r1: Fraction, r2: Fraction, ev: Fraction, erec: Fraction, ed: Fraction, quality: Fraction
) -> Fraction:
    """The material part of the EU's circular footprint formula (Recommendation (EU) 2021/2279, Annex I, 4.4.8.1)."""
    recycled_in = r1 * (a * erec + (1 - a) * ev * quality)
    recycled_out = (1 - a) * r2 * (erec - ev * quality)
    return (1 - r1) * ev + recycled_in + recycled_out + (1 - r2) * ed


_share = st.fractions(min_value=0, max_value=1, max_denominator=1000)
_burden = st.fractions(min_value=0, max_value=100, max_denominator=1000)


@given(r1=_share, r2=_share, ev=_burden, erec=_burden, ed=_burden, quality=_share)
def test_cut_off_is_the_circular_footprint_formula_with_all_burdens_on_the_user(
    r1: Fraction, r2: Fraction, ev: Fraction, erec: Fraction, ed: Fraction, quality: Fraction
) -> None:
    ours = cut_off_recycling(virgin=ev, recycling=erec, disposal=ed, recycled_content=r1, recycled_at_end=r2)
    assert ours == circular_footprint(a=F(1), r1=r1, r2=r2, ev=ev, erec=erec, ed=ed, quality=quality)


def test_aluminium_by_cut_off() -> None:
    """40 % recycled at 0.5, the rest primary at 10; half is disposed of at 0.02: 6 + 0.2 + 0.01 = 6.21."""
    found = cut_off_recycling(
        virgin=F(10), recycling=F("0.5"), disposal=F("0.02"), recycled_content=F("0.4"), recycled_at_end=F("0.5")
    )
    assert found == F("6.21")


@pytest.mark.parametrize(
    ("outputs", "method", "reason"),
    [
        ([], Method.MASS, "no outputs to allocate to; expected at least one that is no waste"),
        ([output("a", mass=1, is_waste=True)], Method.MASS, "no outputs to allocate to"),
        ([output("a", mass=1), output("a", mass=2)], Method.MASS, "two outputs go by one name; found a"),
        ([output("a", mass=1), output("b")], Method.MASS, "the mass of output b is not known; .* found nothing"),
        ([output("a", energy=1), output("b", mass=2)], Method.ENERGY, "the energy of output b is not known"),
        ([output("a", value=1), output("b", value=0)], Method.ECONOMIC, "the value of output b is not above zero"),
        ([output("a", value=1), output("b", value=-3)], Method.PACT, "not above zero; .*what has no value is waste"),
        ([output("a", mass=1), output("b", mass=2)], Method.PACT, "the value of output a is not known"),
        ([output("a"), output("b")], Method.SYSTEM_EXPANSION, "system expansion without a main product; expected one"),
        ([output(str(n), mass=1) for n in range(MAX_OUTPUTS + 1)], Method.MASS, "too many outputs"),
    ],
)
def test_what_cannot_be_allocated(outputs: list[Output], method: Method, reason: str) -> None:
    with pytest.raises(ArithmeticRuleError, match=reason):
        allocate(outputs, method)


def test_waste_carries_nothing_as_main_product_either() -> None:
    with pytest.raises(ArithmeticRuleError, match="without a main product; expected one of a; found slag"):
        allocate([output("a"), output("slag", is_waste=True)], Method.SYSTEM_EXPANSION, main="slag")


def test_shares_that_are_not_whole_are_refused() -> None:
    with pytest.raises(ArithmeticRuleError, match="shares do not add up to one; expected 1; found 5/6"):
        divide({"x": F(1)}, {"a": F(1, 2), "b": F(1, 3)})


@pytest.mark.parametrize("own", [{"x": "nobody"}, {"nothing": "a"}])
def test_a_subdivided_input_must_serve_an_output(own: dict[str, str]) -> None:
    with pytest.raises(ArithmeticRuleError, match="a subdivided input of nothing"):
        divide({"x": F(1)}, {"a": F(1)}, own=own)


@pytest.mark.parametrize("numbers", [(-1, 1, 1), (1, -1, 1), (1, 1, -1)])
def test_a_negative_credit_is_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ArithmeticRuleError, match="a credit of a negative"):
        substitution_credit(*map(F, numbers))


@pytest.mark.parametrize("share", [F(-1, 100), F(101, 100)])
def test_a_share_of_recycling_outside_its_range_is_refused(share: Fraction) -> None:
    with pytest.raises(ArithmeticRuleError, match="the share recycled content lies outside 0 to 1"):
        cut_off_recycling(virgin=F(1), recycling=F(1), disposal=F(0), recycled_content=share, recycled_at_end=F(0))


_positive = st.fractions(min_value=F(1, 10**6), max_value=10**6, max_denominator=10**6)
_products = st.lists(st.tuples(_positive, _positive, _positive, _positive), min_size=1, max_size=8).map(
    lambda rows: [Output(f"o{number}", dict(zip(Basis, amounts, strict=True))) for number, amounts in enumerate(rows)]
)
_methods = st.sampled_from([method for method in Method if method is not Method.SYSTEM_EXPANSION])


@given(_products, _methods)
def test_shares_add_up_to_exactly_one(outputs: list[Output], method: Method) -> None:
    shares = allocate(outputs, method).shares
    assert sum(shares.values()) == 1
    assert all(share > 0 for share in shares.values())


@given(_products, _methods, _positive)
def test_the_unit_that_is_counted_in_changes_nothing(outputs: list[Output], method: Method, times: Fraction) -> None:
    scaled = [Output(each.id, {basis: times * amount for basis, amount in each.amounts.items()}) for each in outputs]
    assert allocate(scaled, method) == allocate(outputs, method)


@given(_products, _methods, st.randoms())
def test_the_order_of_outputs_changes_nothing(outputs: list[Output], method: Method, chance: object) -> None:
    shuffled = list(outputs)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands over a random.Random
    assert allocate(shuffled, method).shares == allocate(outputs, method).shares


@given(
    _products,
    _methods,
    st.dictionaries(st.sampled_from("uvwxyz"), st.fractions(), min_size=1),
    st.dictionaries(st.sampled_from("uvwxyz"), st.integers(0, 7)),
)
def test_the_parts_add_up_to_the_unallocated_whole(
    outputs: list[Output], method: Method, amounts: dict[str, Fraction], own: dict[str, int]
) -> None:
    served = {name: outputs[number % len(outputs)].id for name, number in own.items() if name in amounts}
    assume(amounts)
    parts = divide(amounts, allocate(outputs, method).shares, own=served)
    for name, whole in amounts.items():
        assert sum(each[name] for each in parts.values()) == whole
    for name, serves in served.items():
        assert parts[serves][name] == amounts[name]
