"""Electricity against values by hand: certificates, sets of factors, an outlook; and errors that are shared."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.catalogue import Catalogue
from passport.ledger_footprint.electricity import (
    Certificate,
    fossil_share,
    future_intensity,
    location_based,
    market_based,
    mixed_intensity,
)
from passport.ledger_footprint.figures import exact
from passport.ledger_footprint.monte_carlo import relative_error_of_sum
from passport.ledger_footprint.period import Period
from passport.ledger_footprint.quantities import (
    CarbonIntensity,
    Energy,
    GhgMass,
)

DATA = Catalogue.shipped()


CERTIFICATE = {
    "energy": Energy(4),
    "period": Period.year(2023),
    "country": "DE",
    "retirement": "registry 1/2",
    "intensity": CarbonIntensity(0.01),
}


def account(*certificates: Certificate, residual: float | None = 0.7) -> object:
    return market_based(
        exact(Energy(10)),
        location=exact(CarbonIntensity(0.4)),
        residual=None if residual is None else exact(CarbonIntensity(residual)),
        certificates=certificates,
        period=Period.year(2023),
        countries=["DE"],
    )


def test_market_based_by_hand() -> None:
    """4 kWh at 0.01 and 6 kWh at the residual 0.7: 4.24 kg; by location 4."""
    found = account(Certificate("a", **CERTIFICATE))  # type: ignore[arg-type]
    assert found.ghg.central.amount == pytest.approx(4.24)  # type: ignore[attr-defined]
    assert [(each.certificate, each.energy.amount) for each in found.draws] == [("a", 4)]  # type: ignore[attr-defined]
    assert not found.is_residual_filled_in  # type: ignore[attr-defined]
    assert account(residual=None).is_residual_filled_in  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"retirement": ""}, "a: no proof that the certificate was retired"),
        ({"country": "FR"}, "a: of another grid; expected DE; found FR"),
        ({"period": Period.year(2021)}, "a: of another time"),
        ({"spent": Energy(4)}, "a: the certificate is spent"),
    ],
)
def test_certificates_that_do_not_count(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ArithmeticRuleError, match=said):
        account(Certificate("a", **{**CERTIFICATE, **changes}))  # type: ignore[arg-type]


def test_certificates_are_spent_once_and_not_over_all() -> None:
    one = Certificate("a", **CERTIFICATE)  # type: ignore[arg-type]
    with pytest.raises(ArithmeticRuleError, match="a: a certificate is named twice"):
        account(one, one)
    large = Certificate("b", **{**CERTIFICATE, "energy": Energy(100)})  # type: ignore[arg-type]
    assert [each.energy.amount for each in account(one, large).draws] == [4, 6]  # type: ignore[attr-defined]
    with pytest.raises(ArithmeticRuleError, match="a: certificates for more than is used"):
        account(large, one)


def test_factor_sets_are_not_mixed() -> None:
    codecarbon, ipcc = DATA.factor_set("codecarbon_3.3.2"), DATA.factor_set("ccaf_cbeci_btc_ipcc2014")
    mix = {"gas": Energy(1), "coal": Energy(3)}
    assert mixed_intensity(mix, factors=ipcc).in_unit("g/kWh") == pytest.approx((469 + 3 * 820) / 4)
    with pytest.raises(ArithmeticRuleError, match=r"sets of factors are mixed; expected ccaf.*; found codecarbon"):
        mixed_intensity(mix, factors=codecarbon, of_set=ipcc.name)
    with pytest.raises(ArithmeticRuleError, match="no factor in the set; found peat"):
        mixed_intensity({"peat": Energy(1)}, factors=ipcc)


def test_an_outlier_of_one_set_shows() -> None:
    """Codecarbon's gas, 743 g/kWh, is more than half above the other sets' 469 and 486."""
    gas = {each: DATA.factor_set(each).factors["gas"].in_unit("g/kWh") for each in (
        "codecarbon_3.3.2", "ccaf_cbeci_btc_ipcc2014", "ccaf_cbnsi_eth"
    )}  # fmt: skip
    others = [grams for name, grams in gas.items() if not name.startswith("codecarbon")]
    assert gas["codecarbon_3.3.2"] > 1.5 * max(others)
    assert max(others) / min(others) < 1.05


def test_china_to_come() -> None:
    """Fossil shares 66.8 and 51.7 %: half way, 59.2 % of coal's factor and the rest of hydro's."""
    outlook = DATA.generation("CN")
    assert [fossil_share(mix) * 100 for mix in outlook] == pytest.approx([66.77, 51.72, 35.14, 19.07, 7.11], abs=0.01)
    factors = DATA.factor_set("ccaf_cbeci_btc_ipcc2014")
    found = future_intensity(outlook, at=date(2025, 1, 1), factors=factors, fossil="coal", clean="hydro")
    share = (fossil_share(outlook[0]) + fossil_share(outlook[1])) / 2
    assert found.central.in_unit("g/kWh") == pytest.approx(share * 820 + (1 - share) * 24)
    at_2020 = future_intensity(outlook, at=date(2020, 6, 1), factors=factors, fossil="coal", clean="hydro")
    assert at_2020.central.in_unit("g/kWh") == pytest.approx(0.667729 * 820 + 0.332271 * 24, rel=1e-5)
    with pytest.raises(ArithmeticRuleError, match="outside the outlook; expected 2020 to 2060; found 2061"):
        future_intensity(outlook, at=date(2061, 1, 1), factors=factors, fossil="coal", clean="hydro")
    with pytest.raises(ArithmeticRuleError, match="no such factor"):
        future_intensity(outlook, at=date(2025, 1, 1), factors=factors, fossil="peat", clean="hydro")


@given(systematic=st.floats(0.01, 1), each=st.floats(0, 1), days=st.integers(1, 1000))
def test_a_shared_error_does_not_shrink(systematic: float, each: float, days: int) -> None:
    """A peer's error of a year is the day's times sqrt(365): a shared 15 % would become 0.8 %."""
    found = relative_error_of_sum(systematic=systematic, random_each=each, terms=days)
    assert found >= systematic * (1 - 1e-12)
    assert found == pytest.approx(math.hypot(systematic, each / math.sqrt(days)))


def test_no_sum_of_nothing() -> None:
    with pytest.raises(ArithmeticRuleError, match="a sum of nothing"):
        relative_error_of_sum(systematic=0.1, random_each=0.1, terms=0)


@pytest.mark.shared
def test_disks_are_not_swapped(shared: Path) -> None:
    """A peer gives SSD 50 and HDD 100 kg where its source has HDD 50 and SSD 100; watts here follow the source too."""
    import json

    said = json.loads((shared / "data" / "ledger" / "hardware_profiles.json").read_text("utf-8"))
    assert said["ccf_embodied_kgco2e"]["ssd"] > said["ccf_embodied_kgco2e"]["hdd"]
    assert DATA.default("ssd_power").central.amount == said["storage_w_per_tb"]["ssd"]
    assert DATA.default("hdd_power").central.amount == said["storage_w_per_tb"]["hdd"]


def test_ghg_of_a_kind() -> None:
    assert location_based(exact(Energy(2)), intensity=exact(CarbonIntensity(0.5))).central == GhgMass(1)
