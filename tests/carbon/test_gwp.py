"""Sets of global warming potentials against the IPCC's figures, a published table, and EPA's factors by gas."""

from __future__ import annotations

import csv
import gzip
import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.carbon.gwp import GRACE_RULE, check_mixture, gwp_set, gwp_sets
from passport.errors import ArithmeticRuleError


@pytest.mark.parametrize(
    ("name", "gas", "potential"),
    [
        # IPCC AR6 WG1 Table 7.15
        ("AR6-GWP100", "CH4-fossil", "29.8"),
        ("AR6-GWP100", "CH4-non-fossil", "27"),
        ("AR6-GWP20", "CH4-fossil", "82.5"),
        ("AR6-GWP20", "CH4-non-fossil", "79.7"),
        ("AR6-GWP100", "N2O", "273"),
        # AR6 Table 7.SM.7 as corrected: the first version of CFC-11 and CFC-12 was 12 % too low
        ("AR6-GWP100", "CFC-11", "6230"),
        ("AR6-GWP100", "CFC-12", "12500"),
        ("AR6-GWP100", "SF6", "25200"),
        # AR5 WG1 Table 8.7 with its footnote on fossil methane
        ("AR5-GWP100", "CH4-fossil", "30"),
        ("AR5-GWP100", "CH4-non-fossil", "28"),
        ("AR5-GWP100-feedback", "CH4-fossil", "36"),
        ("AR5-GWP100-feedback", "CH4-non-fossil", "34"),
        ("AR5-GWP20", "CH4-fossil", "85"),
        ("AR5-GWP20-feedback", "CH4-non-fossil", "86"),
        ("AR5-GWP100", "N2O", "265"),
        ("AR5-GWP100-feedback", "N2O", "298"),
        # AR4 WG1 Table 2.14
        ("AR4-GWP100", "CH4-fossil", "25"),
        ("AR4-GWP20", "CH4-non-fossil", "72"),
        ("AR4-GWP100", "N2O", "298"),
        ("AR4-GWP20", "N2O", "289"),
    ],
)
def test_figures_of_the_reports(name: str, gas: str, potential: str) -> None:
    assert gwp_set(name).potential(gas) == Decimal(potential)


_COLUMNS = {
    "AR4-GWP100": "AR4GWP100",
    "AR5-GWP100": "AR5GWP100",
    "AR5-GWP100-feedback": "AR5CCFGWP100",
    "AR6-GWP100": "AR6GWP100",
    "AR6-GWP20": "AR6GWP20",
}


@pytest.mark.shared
@pytest.mark.parametrize("name", _COLUMNS)
def test_every_gas_of_a_collected_table(shared: Path, name: str) -> None:
    """Each gas of globalwarmingpotentials 0.13.2 (CC0) but methane, whose one AR6 figure is neither fossil nor not."""
    lines = (shared / "data/gwp/globalwarmingpotentials.csv").read_text("utf-8").splitlines()
    table = csv.DictReader(line for line in lines if not line.startswith("#"))
    published = {row["Species"]: Decimal(row[_COLUMNS[name]]) for row in table if row[_COLUMNS[name]]}
    del published["CH4"]
    ours = gwp_set(name)
    assert {gas: ours.potential(gas) for gas in published} == published
    assert len(ours.potentials) == len(published) + 3  # CO2 and methane twice


_EPA_NAMES = {
    "Carbon dioxide": "CO2",
    "Methane": "CH4-non-fossil",  # EPA counts all methane by AR5's 28
    "Nitrous oxide": "N2O",
    "Carbon tetrafluoride": "CF4",
    "Hexafluoroethane": "C2F6",
    "Perfluoropropane": "C3F8",
    "Perfluorobutane": "C4F10",
    "Perfluorocyclobutane": "cC4F8",
    "Perfluorohexane": "C6F14",
    "Nitrogen trifluoride": "NF3",
    "Sulfur hexafluoride": "SF6",
}
_VALUE = "Supply Chain Emission Factors without Margins"


def _epa(shared: Path, name: str) -> tuple[int, int]:
    """How many of EPA's commodities a set gives within the rounding of the published digits, and of how many."""
    folder = shared / "data/supply_chain_ghg_factors_v1.3.0"
    used = gwp_set(name)
    sums: defaultdict[str, Fraction] = defaultdict(Fraction)
    slack: defaultdict[str, Fraction] = defaultdict(lambda: Fraction(1, 2000))  # the total has three decimals
    with gzip.open(folder / "SupplyChainGHGEmissionFactors_v1.3.0_NAICS_byGHG_USD2022.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            gas, mass = row["GHG"], Decimal(row[_VALUE])
            half_digit = Fraction(Decimal(f"0.5E{mass.adjusted() - 2}")) if mass else Fraction(0)  # three digits a gas
            potential = Fraction(1)  # "HFCs and PFCs, unspecified" is in kg CO2e
            if row["Unit"].startswith("kg/"):
                potential = Fraction(used.potential(_EPA_NAMES.get(gas, gas)))
            sums[row["2017 NAICS Code"]] += Fraction(mass) * potential
            slack[row["2017 NAICS Code"]] += half_digit * potential
    with (folder / "SupplyChainGHGEmissionFactors_v1.3.0_NAICS_CO2e_USD2022.csv").open() as file:
        published = {row["2017 NAICS Code"]: Fraction(row[_VALUE]) for row in csv.DictReader(file)}
    assert published.keys() == sums.keys()
    return sum(abs(sums[code] - published[code]) <= slack[code] for code in published), len(published)


@pytest.mark.shared
def test_epa_supply_chain_factors_by_gas_give_the_published_co2e(shared: Path) -> None:
    """EPA Supply Chain GHG Emission Factors v1.3: kg by gas x AR5 is the published CO2e, for all 1,016 commodities."""
    assert _epa(shared, "AR5-GWP100") == (1016, 1016)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["AR4-GWP100", "AR6-GWP100", "AR5-GWP100-feedback"])
def test_another_set_does_not_give_the_published_co2e(shared: Path, name: str) -> None:
    matching, all_of_them = _epa(shared, name)
    assert matching < all_of_them - 100


def test_masses_become_co2e_exactly() -> None:
    """2 x 29.8 + 0.5 x 273 = 59.6 + 136.5 = 196.1."""
    assert gwp_set("AR6").kg_co2e({"CH4-fossil": Decimal(2), "N2O": "0.5"}) == Fraction("196.1")


def test_names_of_gases_are_taken_as_people_write_them() -> None:
    ar6 = gwp_set("AR6")
    assert {ar6.potential(name) for name in ("HFC-134a", "HFC134a", "hfc 134A", "HFC_134a")} == {Decimal(1530)}


def test_a_set_goes_by_report_name_and_version() -> None:
    assert gwp_set("AR5").id == "AR5-GWP100"
    assert not gwp_set("AR5").has_feedback
    assert gwp_set("AR6-GWP20/1").horizon_years == 20
    assert gwp_set("AR6").label == "AR6-GWP100/1"


def test_every_set_names_its_tables() -> None:
    for each in gwp_sets():
        assert each.sources
        assert all(re.search(r"IPCC|globalwarmingpotentials", source) for source in each.sources)
        assert each.potential("CO2") == 1


@pytest.mark.parametrize(
    ("name", "gas", "reason"),
    [
        ("AR6", "CH4", "methane of unsaid origin; expected CH4-fossil or CH4-non-fossil"),
        ("AR5", "methane", "methane of unsaid origin"),
        ("AR6", "CO", "no global warming potential of this gas in the set"),
        ("AR5-GWP20", "SF6", r"no global warming potential .* unknown is not zero"),
    ],
)
def test_a_gas_that_is_not_known_is_refused(name: str, gas: str, reason: str) -> None:
    with pytest.raises(ArithmeticRuleError, match=reason):
        gwp_set(name).potential(gas)


@pytest.mark.parametrize("name", ["AR7", "GWP100", "AR6-GWP100/2", "", "AR6/"])
def test_a_set_that_is_not_known_is_refused(name: str) -> None:
    if name == "AR6/":  # an empty version is none
        assert gwp_set(name).id == "AR6-GWP100"
        return
    with pytest.raises(ArithmeticRuleError, match="no such set of global warming potentials; expected one of AR4"):
        gwp_set(name)


@pytest.mark.parametrize("mass", ["much", float("nan"), float("inf"), "NaN", "Infinity"])
def test_a_mass_that_is_no_number_is_refused(mass: object) -> None:
    with pytest.raises(ArithmeticRuleError, match="CO2: not an exact mass; expected kg as a number"):
        gwp_set("AR6").kg_co2e({"CO2": mass})  # type: ignore[dict-item]  # what callers may hand over all the same


def test_one_report_needs_no_rule() -> None:
    check_mixture(["AR6", "AR6"], period_start=date(2025, 1, 1))


def test_mixed_reports_are_refused_without_the_rule() -> None:
    with pytest.raises(ArithmeticRuleError, match=r"potentials are mixed; expected one of them, or the rule") as raised:
        check_mixture(["AR6", "AR5"], period_start=date(2022, 1, 1), where="bread")
    assert raised.value.found == "AR5, AR6"
    assert raised.value.where == "bread"


def test_another_rule_is_refused() -> None:
    with pytest.raises(ArithmeticRuleError, match="rule 'because'"):
        check_mixture(["AR6", "AR5"], rule="because", period_start=date(2022, 1, 1))


@pytest.mark.parametrize("first_day", [date(2021, 8, 9), date(2022, 1, 1), date(2022, 8, 8)])
def test_the_grace_year_begins_with_the_newest_report(first_day: date) -> None:
    """AR6 WG1 came out on 9 August 2021: periods that begin within the year after may mix."""
    check_mixture(["AR5", "AR6"], rule=GRACE_RULE, period_start=first_day)


@pytest.mark.parametrize("first_day", [date(2021, 8, 8), date(2022, 8, 9), date(2025, 1, 1)])
def test_outside_the_grace_year_nothing_is_mixed(first_day: date) -> None:
    with pytest.raises(ArithmeticRuleError, match="the grace year of AR6 does not cover this period"):
        check_mixture(["AR5", "AR6"], rule=GRACE_RULE, period_start=first_day)


_masses = st.dictionaries(
    st.sampled_from(["CO2", "CH4-fossil", "CH4-non-fossil", "N2O", "SF6", "HFC-134a"]),
    st.decimals(min_value=0, max_value=10**6, places=6),
)


@given(_masses, st.fractions(min_value=0, max_value=1000))
def test_linear_in_the_masses(masses: dict[str, Decimal], times: Fraction) -> None:
    ar6 = gwp_set("AR6")
    scaled = {gas: Fraction(mass) * times for gas, mass in masses.items()}
    assert ar6.kg_co2e(scaled) == times * ar6.kg_co2e(masses)
