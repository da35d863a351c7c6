"""Monte Carlo against closed forms: products, quotients, shared and separate errors, and a whole estimate."""

from __future__ import annotations

import math
import statistics
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint import Catalogue, Method, Source, Transaction, Usage, estimate, figure
from passport.ledger_footprint.compute import computed
from passport.ledger_footprint.figures import Input
from passport.ledger_footprint.monte_carlo import (
    Moments,
    log_sigma_of_product,
    product_moments,
    simulate,
    simulate_estimate,
    sum_moments,
    summary,
    triangular_moments,
)
from passport.ledger_footprint.quantities import Duration, Power, Ratio

HERE = Source("here", "a test", "2026", "our own")
AT = date(2026, 1, 1)
ONE_ANCHOR = Usage(transactions=(Transaction(gas=50_000),))


def triangle(name: str, low: float, central: float, high: float) -> Input:
    return Input(name, "1", low, central, high, HERE)


def test_triangle_by_hand() -> None:
    """Over 0, 1, 2: mean 1, variance 1 / 6; over 0, 0, 1: mean 1 / 3, variance 1 / 18."""
    middle = figure(Ratio, "1", 1, low=0, high=2, name="x", source=HERE)
    assert triangular_moments(middle) == Moments(pytest.approx(1), pytest.approx(1 / 6))
    corner = figure(Ratio, "1", 0, low=0, high=1, name="x", source=HERE)
    assert triangular_moments(corner) == Moments(pytest.approx(1 / 3), pytest.approx(1 / 18))


def test_a_product_of_three() -> None:
    """Nodes, watts and PUE: mean within four standard errors of the closed form, variance within 8 %."""
    inputs = [triangle("nodes", 8, 14, 16), triangle("watts", 22, 48, 60), triangle("pue", 1.1, 1.58, 1.8)]
    runs = simulate(lambda drawn: {"p": math.prod(drawn.values())}, inputs, samples=6000, seed=7)["p"]
    figures = [figure(Ratio, "1", i.central, low=i.low, high=i.high, name=i.name, source=HERE) for i in inputs]
    closed = product_moments([triangular_moments(each) for each in figures])
    assert abs(statistics.fmean(runs) - closed.mean) < 4 * math.sqrt(closed.variance / len(runs))
    assert statistics.variance(runs) == pytest.approx(closed.variance, rel=0.08)


@pytest.mark.parametrize("is_shared", [True, False])
def test_shared_errors_add_and_separate_ones_do_not(is_shared: bool) -> None:
    """Sixteen nodes with one wrong PUE are off 16-fold, with sixteen each for itself 4-fold."""
    names = [triangle("pue" if is_shared else f"pue {number}", 1, 1.5, 2) for number in range(16)]
    runs = simulate(lambda drawn: {"sum": sum(drawn[each] for each in names)}, names, samples=3000, seed=3)["sum"]
    one = Moments(1.5, 1 / 24)
    closed = sum_moments([one] * 16, is_shared=is_shared)
    assert math.sqrt(closed.variance) == pytest.approx((16 if is_shared else 4) * math.sqrt(1 / 24))
    assert statistics.variance(runs) == pytest.approx(closed.variance, rel=0.1)
    assert statistics.fmean(runs) == pytest.approx(24, abs=4 * math.sqrt(closed.variance / 3000))


@given(st.lists(st.floats(0, 2), min_size=1, max_size=6))
def test_log_variances_add(sigmas: list[float]) -> None:
    assert log_sigma_of_product(sigmas) ** 2 == pytest.approx(sum(each**2 for each in sigmas), abs=1e-12)


def test_draws_do_not_depend_on_how_many() -> None:
    inputs = [triangle("a", 0, 1, 2)]
    few, many = (
        simulate(lambda drawn: {"a": drawn[inputs[0]]}, inputs, samples=count, seed=5)["a"] for count in (10, 50)
    )
    assert many[:10] == few
    assert all(0 <= each <= 2 for each in many)
    other = simulate(lambda drawn: {"a": drawn[inputs[0]]}, inputs, samples=10, seed=6)["a"]
    assert other != few


@pytest.mark.parametrize("samples", [0, 1, 1_000_001])
def test_number_of_runs(samples: int) -> None:
    with pytest.raises(ArithmeticRuleError, match="a number of runs; expected 2 to 1,000,000"):
        simulate(lambda _: {}, [], samples=samples, seed=0)


def test_summary_by_hand() -> None:
    found = summary([float(number) for number in range(1000)], unit="W")
    assert (found.mean, found.median, found.p2_5, found.p97_5) == (499.5, 500, 25, 975)
    assert found.variance == pytest.approx(statistics.variance(range(1000)))


def test_a_whole_estimate() -> None:
    """Energy of a consortium is nodes, watts and PUE times hours: the estimate's runs agree with the closed form."""
    usage = Usage(transactions=(Transaction(),), passports_per_year=1000)
    method, data = Method(rule="per_transaction"), Catalogue.shipped()
    asked = {"usage": usage, "method": method, "at": AT, "catalogue": data}
    found = simulate_estimate("consortium-qbft", samples=600, seed=11, **asked)["energy"]
    node = data.hardware("professional")
    closed = product_moments([triangular_moments(node.power), triangular_moments(node.pue)])
    per_watt = 4 * 8.766 / 1000
    assert found.mean == pytest.approx(closed.mean * per_watt, abs=4 * math.sqrt(closed.variance / 600) * per_watt)
    assert math.sqrt(found.variance) == pytest.approx(math.sqrt(closed.variance) * per_watt, rel=0.12)
    bounds = estimate("consortium-qbft", **asked).energy
    assert bounds.low.amount < found.p2_5 < found.median < found.p97_5 < bounds.high.amount


def test_an_estimate_is_the_same_for_the_same_seed() -> None:
    one, other = (
        simulate_estimate("ethereum", usage=ONE_ANCHOR, method=Method(rule="per_gas"), at=AT, samples=30, seed=2)
        for _ in range(2)
    )
    assert one == other
    assert set(one) == {"energy", "ghg_location", "ghg_market", "embodied", "waste_gross", "waste_net", "water"}
    assert one["energy"].unit == "kWh"


def test_what_the_user_states_is_drawn_too() -> None:
    pue = figure(Ratio, "1", 1.5, low=1, high=2, name="stated: pue", source=HERE)
    usage = Usage(transactions=(Transaction(),), passports_per_year=1000)
    found = simulate_estimate(
        "consortium-qbft", usage=usage, method=Method(rule="per_gas", pue=pue), at=AT, samples=200, seed=1
    )
    assert found["energy"].mean == pytest.approx(1.5 * (36.82 + 48 + 59.95) / 3 * 4 * 8.766 / 1000, rel=0.05)


def test_computing_is_drawn_by_its_watts() -> None:
    """A second at 10 to 40 W, central 20 W: energy over 10 to 40 J with the triangle's mean and variance."""
    power = figure(Power, "W", 20, low=10, high=40, name="watts", source=HERE)
    own = computed(Duration.of(1, "s"), power=power)
    one = figure(Ratio, "1", 1, name="pue", source=HERE)
    found = simulate_estimate(
        "embedded", usage=Usage(issuer=own), method=Method(rule="per_gas", pue=one), at=AT, samples=2000, seed=9
    )["energy"]
    closed = triangular_moments(power)
    joules = 3.6e6
    assert found.mean * joules == pytest.approx(closed.mean, abs=4 * math.sqrt(closed.variance / 2000))
    assert found.variance * joules**2 == pytest.approx(closed.variance, rel=0.1)
