"""Methods by hand: mining, nodes, rollups, data centres, storage, own computing, electricity; and peers' mistakes."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import ArithmeticRuleError, NotFoundError
from passport.ledger_footprint.catalogue import Catalogue
from passport.ledger_footprint.compute import ComputeMethod, computed, measuring, of_measurement
from passport.ledger_footprint.data_centre import (
    access_energy,
    after_cut,
    check_pue,
    cue,
    dcie,
    facility_energy,
    judge,
    water_use,
)
from passport.ledger_footprint.electricity import (
    Certificate,
    fossil_share,
    future_intensity,
    location_based,
    market_based,
    mixed_intensity,
)
from passport.ledger_footprint.figures import Figure, exact
from passport.ledger_footprint.mining_waste import (
    economic_life,
    fleet_mass,
    fleet_of_waste,
    net_of_reuse,
    yearly_waste,
)
from passport.ledger_footprint.monte_carlo import relative_error_of_sum
from passport.ledger_footprint.nodes import (
    client_power,
    energy_per_transaction,
    mean_power,
    node_totals,
    with_hidden_nodes,
)
from passport.ledger_footprint.period import Period
from passport.ledger_footprint.profiles import NodeGroup
from passport.ledger_footprint.proof_of_work import (
    GpuParameters,
    bottom_up_power,
    economic_energy,
    gpu_power,
    over_time,
    paying_threshold,
    running_models,
)
from passport.ledger_footprint.quantities import (
    CarbonIntensity,
    Count,
    Duration,
    Energy,
    EnergyPrice,
    GhgMass,
    HashEnergy,
    Hashrate,
    Power,
    Ratio,
    Revenue,
    Storage,
    StoragePower,
    WasteMass,
    WaterIntensity,
)
from passport.ledger_footprint.rollup import BlobSplit, layer1_share, with_blobs, with_layer1
from passport.ledger_footprint.storage import storage_energy

DATA = Catalogue.shipped()
YEAR = Duration.of(1, "a")


def near(found: Figure[Energy], *wanted: float) -> None:
    assert [found.low.amount, found.central.amount, found.high.amount] == pytest.approx(list(wanted))


def test_threshold_by_hand() -> None:
    """86.4 M USD a day for 1e9 TH/s is 1e-6 USD a TH; at 0.036 USD/kWh a joule costs 1e-8 USD: 100 J/TH."""
    found = paying_threshold(Revenue.of(86.4e6, "USD/d"), hashrate=Hashrate(1e9), price=EnergyPrice(0.036))
    assert found.amount == pytest.approx(100)
    with pytest.raises(ArithmeticRuleError, match="no threshold"):
        paying_threshold(Revenue(1), hashrate=Hashrate(0), price=EnergyPrice(0.05))


def test_which_machines_run() -> None:
    """Out by then, younger than five years, and cheaper per hash than it earns."""
    at = date(2021, 6, 15)
    names = {model.name for model in running_models(DATA.asics(), threshold=HashEnergy(45), at=at)}
    assert names == {
        "Antminer S17 Pro 53T",
        "Whatsminer M30S 88T",
        "Whatsminer M30S++ 106T",
        "Antminer S19 95T",
        "Antminer S19 Pro 110T",
        "Antminer S19j Pro 104T",
        "AvalonMiner 1246 90T",
    }
    all_that_pay = {model.name for model in running_models(DATA.asics(), threshold=HashEnergy(1000), at=at)}
    assert "Antminer S9 13.5T" not in all_that_pay  # five years old that month
    assert "Antminer S21 200T" not in all_that_pay  # not out yet
    with pytest.raises(ArithmeticRuleError, match="no machine pays"):
        bottom_up_power(exact(Hashrate(1)), models=[], pue=exact(Ratio(1)))


def test_bottom_up_by_hand() -> None:
    """100 EH/s at 30, (30 + 40) / 2 and 40 J/TH with 1.01, 1.10, 1.20: 3.03, 3.85, 4.80 GW."""
    models = [DATA.asic("AvalonMiner 1246 90T"), DATA.asic("Antminer S19j Pro 104T")]  # 38 and 29.5 J/TH
    pue = Figure(Ratio(1.01), Ratio(1.10), Ratio(1.20))
    power = bottom_up_power(exact(Hashrate.of(100, "EH/s")), models=models, pue=pue)
    near(over_time(power, duration=Duration(1)), 2.95e6 * 1.01, 3.375e6 * 1.10, 3.8e6 * 1.20)


def test_economic_by_hand() -> None:
    revenue, share = exact(Revenue(1e10)), exact(Ratio(0.6))
    price = Figure(EnergyPrice(0.04), EnergyPrice(0.05), EnergyPrice(0.06))
    near(economic_energy(revenue, electricity_share=share, price=price), 1e11, 1.2e11, 1.5e11)


def test_loss_of_the_grid_is_a_choice() -> None:
    """Other providers leave the grid's losses out: 1.06 is what the choice makes."""
    with_loss = GpuParameters(0, 1.1, 1.03, 1.06, 0.9)
    without = GpuParameters(0, 1.1, 1.03, 1.0, 0.9)
    one, other = (gpu_power(Hashrate(1), unix_time=1.6e9, parameters=each) for each in (with_loss, without))
    assert one.ratio(other) == pytest.approx(1.06)
    with pytest.raises(ArithmeticRuleError, match="datacenter_overhead: an overhead is 1 or more"):
        GpuParameters(0, 0.9, 1, 1, 1)
    with pytest.raises(ArithmeticRuleError, match="above 0 up to 1"):
        GpuParameters(0, 1, 1, 1, 0)
    with pytest.raises(ArithmeticRuleError, match="no efficiency at that time"):
        gpu_power(Hashrate(1), unix_time=0, parameters=without)


def test_waste_of_mining() -> None:
    """30.7 kt a year over 1.29 years: a fleet of 39.6 kt, as de Vries and Stoll's figures imply, and back."""
    waste, life = exact(WasteMass.of(30.7, "kt")), exact(Duration.of(1.29, "a"))
    fleet = fleet_of_waste(waste, economic_life=life)
    assert fleet.central.in_unit("kt") == pytest.approx(39.6, abs=0.01)
    assert yearly_waste(fleet, economic_life=life).central.in_unit("kt") == pytest.approx(30.7)


def test_mass_per_speed() -> None:
    model = DATA.asic("Antminer S19 Pro 110T")
    found = fleet_mass(exact(Hashrate.of(1, "EH/s")), models=[model])
    assert found.central.in_unit("t") == pytest.approx(120)  # 13.2 kg / 110 TH/s
    two = [model, DATA.asic("Antminer S19 95T")]
    weighed = fleet_mass(exact(Hashrate(1)), models=two, weights={two[0].name: 0.75, two[1].name: 0.25})
    assert weighed.central.amount == pytest.approx(0.75 * 13.2 / 110 + 0.25 * 13.2 / 95)
    with pytest.raises(ArithmeticRuleError, match="weights are no whole"):
        fleet_mass(exact(Hashrate(1)), models=two, weights={two[0].name: 1.0})
    with pytest.raises(ArithmeticRuleError, match="no machines"):
        fleet_mass(exact(Hashrate(1)), models=[])


def test_net_stands_beside_gross() -> None:
    """2.3 kt with 86.9 % reused: 0.3 kt."""
    net = net_of_reuse(exact(WasteMass.of(2.3, "kt")), reuse=exact(Ratio(0.869)))
    assert net.central.in_unit("kt") == pytest.approx(0.3013)
    with pytest.raises(ArithmeticRuleError, match="more than all is reused"):
        net_of_reuse(exact(WasteMass(1)), reuse=exact(Ratio(1.1)))


def test_economic_life() -> None:
    """Halving every year, four times the headroom lasts two years; none lasts none."""
    assert economic_life(HashEnergy(25), threshold=HashEnergy(100), yearly_fall=0.5).years == pytest.approx(2)
    assert economic_life(HashEnergy(200), threshold=HashEnergy(100), yearly_fall=0.5).years == 0
    with pytest.raises(ArithmeticRuleError, match="between 0 and 1"):
        economic_life(HashEnergy(25), threshold=HashEnergy(100), yearly_fall=1)


def test_four_validators_by_hand() -> None:
    """4 x 48 W x 1.58 x 8.766 h: 2,659 kWh a year; a quarter of 13.2 kg each: 13.2 kg."""
    groups = [NodeGroup("professional", exact(Count(4)))]
    found = node_totals(groups, hardware=DATA.hardware, duration=YEAR)
    assert found.energy.central.amount == pytest.approx(4 * 48 * 1.58 * 8.766)
    assert found.it_energy.central.amount == pytest.approx(4 * 48 * 8.766)
    assert found.waste.central.amount == pytest.approx(13.2)
    assert found.embodied.central.amount == pytest.approx(550)
    assert found.energy.low.amount == pytest.approx(4 * 36.82 * 1.1 * 8.766)


def test_overhead_counts_in_energy_and_in_ghg() -> None:
    """A peer's kWh leave the PUE out and its CO2 has it; here one energy makes both."""
    groups = [NodeGroup("professional", exact(Count(1)))]
    found = node_totals(groups, hardware=DATA.hardware, duration=YEAR)
    intensity = exact(CarbonIntensity(0.5))
    ghg = location_based(found.energy, intensity=intensity).central
    assert ghg.per(found.energy.central).amount == pytest.approx(0.5)
    assert found.energy.central.ratio(found.it_energy.central) == pytest.approx(1.58)


def test_ghg_band_holds_the_band_of_energy() -> None:
    """A peer's band of GHG takes the best energy times extreme mixes; here both ends move."""
    energy = Figure(Energy(1), Energy(2), Energy(4))
    intensity = Figure(CarbonIntensity(0.1), CarbonIntensity(0.5), CarbonIntensity(1))
    ghg = location_based(energy, intensity=intensity)
    assert (ghg.low.amount, ghg.central.amount, ghg.high.amount) == pytest.approx((0.1, 1, 4))


def test_embodied_by_hand() -> None:
    """A server of 1,234 kg and four years, for a year: 308.5 kg; its life is a parameter."""
    group = NodeGroup("cloud_or_full_server", exact(Count(1)))
    found = node_totals([group], hardware=DATA.hardware, duration=YEAR).embodied
    assert found.central.amount == pytest.approx(308.5)
    assert found.low.amount == pytest.approx(1146 / 6)


def test_clients_of_a_node() -> None:
    watts = {"a": Power(10), "b": Power(30)}
    assert client_power(Power(5), added=[(watts, {"a": 3, "b": 1})]) == Power(20)
    with pytest.raises(ArithmeticRuleError, match="no power of this client; found c"):
        client_power(Power(5), added=[(watts, {"c": 1})])
    with pytest.raises(ArithmeticRuleError, match="no client is in use"):
        client_power(Power(5), added=[(watts, {"a": 0})])
    with pytest.raises(ArithmeticRuleError, match="weights are no whole"):
        mean_power(watts, weights={"a": 0.5, "b": 0.4})


def test_hidden_nodes() -> None:
    """Chao 1: 1,000 seen, 200 once and 100 twice: 1,000 + 200^2 / 200 = 1,200."""
    assert with_hidden_nodes(1000, seen_once=200, seen_twice=100) == Count(1200)
    assert with_hidden_nodes(1000, seen_once=0, seen_twice=0) == Count(1000)
    with pytest.raises(ArithmeticRuleError, match="no node was seen twice"):
        with_hidden_nodes(10, seen_once=1, seen_twice=0)
    with pytest.raises(ArithmeticRuleError, match="cannot be"):
        with_hidden_nodes(10, seen_once=8, seen_twice=8)


def test_generic_model_falls_with_load() -> None:
    """Hundred nodes of 36 W at ten a second: 360 J each; at twenty, half."""
    energy = energy_per_transaction(
        exact(Count(100)), power=exact(Power(36)), transactions_per_second=Figure(Ratio(5), Ratio(10), Ratio(20))
    )
    assert [each.in_unit("J") for each in (energy.low, energy.central, energy.high)] == pytest.approx([180, 360, 720])


def test_rollups() -> None:
    share = layer1_share(exact(Count(10)), layer1_gas=Figure(Count(100), Count(200), Count(400)))
    near(with_layer1(exact(Energy(1)), share=share, layer1=exact(Energy(100))), 3.5, 6, 11)
    with pytest.raises(ArithmeticRuleError, match="more than the whole lower chain"):
        layer1_share(exact(Count(10)), layer1_gas=exact(Count(5)))


def test_blobs() -> None:
    """A tenth of execution and half of the blobs, which are a fifth: 0.08 + 0.1 = 0.18; how it is split is said."""
    parts = {"blobs": exact(Ratio(0.5)), "blob_weight": exact(Ratio(0.2))}
    assert with_blobs(exact(Ratio(0.1)), split=BlobSplit.FEES, **parts).central.amount == pytest.approx(0.18)
    with pytest.raises(ArithmeticRuleError, match="how blobs are split off must be said"):
        with_blobs(exact(Ratio(0.1)), split=None, **parts)  # type: ignore[arg-type]


def test_water_counts_it_energy() -> None:
    """ISO/IEC 30134-9: litres per kWh of IT. A peer multiplied after the PUE: 1.4 times too much at PUE 1.4."""
    pue, wue = exact(Ratio(1.4)), exact(WaterIntensity(1.4))
    found = water_use(exact(Energy(1)), pue=pue, wue=wue, grid_water=exact(WaterIntensity(3.75)))
    assert found.direct is not None
    assert found.indirect is not None
    assert found.direct.central.amount == pytest.approx(1.4)
    assert found.direct.central.amount != pytest.approx(1.4 * 1.4)
    assert found.indirect.central.amount == pytest.approx(1.4 * 3.75)
    assert found.whole.central.amount == pytest.approx(1.4 + 5.25)


def test_terms_of_data_centres() -> None:
    pue = Figure(Ratio(1.25), Ratio(1.6), Ratio(2))
    assert (dcie(pue).low.amount, dcie(pue).central.amount, dcie(pue).high.amount) == pytest.approx((0.5, 0.625, 0.8))
    assert cue(pue, intensity=exact(CarbonIntensity(0.5))).central.amount == pytest.approx(0.8)
    near(facility_energy(exact(Energy(100)), pue=pue), 125, 160, 200)
    with pytest.raises(ArithmeticRuleError, match=r"a PUE is 1 or more.*hint: DCiE"):
        check_pue(exact(Ratio(0.9)))


@pytest.mark.parametrize(
    ("ceiling", "pue", "wue", "passes"),
    [
        ("beijing", 1.39, None, [True]),
        ("beijing", 1.4, None, [False]),
        ("shanghai", 1.29, 1.39, [True, True]),
        ("shanghai", 1.3, 1.4, [False, False]),
        ("shanghai", 1.2, None, [True, None]),
    ],
)
def test_ceilings(ceiling: str, pue: float, wue: float | None, passes: list[bool | None]) -> None:
    """Below, not at; what nobody states is neither passed nor failed."""
    found = judge(ceiling, pue=exact(Ratio(pue)), wue=None if wue is None else exact(WaterIntensity(wue)))
    assert [each.passes for each in found] == passes


def test_unknown_ceiling() -> None:
    with pytest.raises(NotFoundError, match="no such ceiling; expected one of beijing, shanghai; found mars"):
        judge("mars")


def test_access_network() -> None:
    assert after_cut(Energy(65), cut=Ratio(0.2)) == Energy(52)
    with pytest.raises(ArithmeticRuleError, match="more than all is saved"):
        after_cut(Energy(65), cut=Ratio(1.2))
    found = access_energy(Storage.of(1, "MB"), site_energy=exact(Energy(52)), site_traffic=exact(Ratio(1000)))
    assert found.central.amount == pytest.approx(52 / 1e6)


def test_storage_by_hand() -> None:
    """500 B on 14,072 nodes for 15 years at 1.2 W/TB: 1.1 Wh; the first year is in the nodes' watts already."""
    asked = {"nodes": exact(Count(14_072)), "power": exact(StoragePower(1.2)), "retention": Duration.of(15, "a")}
    whole = storage_energy(Storage(500), is_first_year_in=True, **asked)
    assert whole.central.in_unit("Wh") == pytest.approx(1.11, abs=0.005)
    later = storage_energy(Storage(500), is_first_year_in=False, **asked)
    assert later.central.ratio(whole.central) == pytest.approx(14 / 15)
    with pytest.raises(ArithmeticRuleError, match="must be said"):
        storage_energy(Storage(500), is_first_year_in=None, **asked)  # type: ignore[arg-type]


def test_computing_by_time() -> None:
    """0.17 ms at 39 W: 7 mJ; a second to start a process: 39 J."""
    found = computed(Duration.of(0.17e-3, "s"), power=exact(Power(39)))
    assert found.energy.central.in_unit("J") == pytest.approx(0.00663)
    assert found.method is ComputeMethod.TIME_TIMES_WATTS


@pytest.fixture
def counters(tmp_path: Path) -> Path:
    for name, count in (("intel-rapl:0", 900), ("intel-rapl:0:0", 5), ("intel-rapl:1", 100)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "energy_uj").write_text(str(count), "ascii")
        (tmp_path / name / "max_energy_range_uj").write_text("1000", "ascii")
    return tmp_path


def test_computing_by_counters(counters: Path) -> None:
    """One package turns over its end, the other rises by 50; what is inside a package is in its count already."""
    ticks = iter([1.0, 3.5])
    with measuring(root=counters, cpu_seconds=lambda: next(ticks)) as found:
        (counters / "intel-rapl:0" / "energy_uj").write_text("100", "ascii")
        (counters / "intel-rapl:1" / "energy_uj").write_text("150", "ascii")
        (counters / "intel-rapl:0:0" / "energy_uj").write_text("999", "ascii")
    assert found.cpu.in_unit("s") == pytest.approx(2.5)
    assert found.energy is not None
    assert found.energy.in_unit("J") == pytest.approx(250e-6)
    own = of_measurement(found, power=exact(Power(1)), day="2026-11-22")
    assert own.method is ComputeMethod.RAPL


@pytest.mark.parametrize("text", [None, "no number"])
def test_without_counters_time_times_watts(counters: Path, text: str | None) -> None:
    """Labelled as such, and not half of one and half of the other."""
    place = counters / "intel-rapl:1" / "energy_uj"
    place.unlink() if text is None else place.write_text(text, "ascii")
    ticks = iter([0.0, 3600.0])
    with measuring(root=counters, cpu_seconds=lambda: next(ticks)) as found:
        pass
    own = of_measurement(found, power=exact(Power(10)), day="2026-11-22")
    assert own.method is ComputeMethod.TIME_TIMES_WATTS
    assert own.energy.central.in_unit("Wh") == pytest.approx(10)


def test_a_guess_of_memory_outweighs_the_processor() -> None:
    """A peer without counters adds 28 W for memory to 11.2 W: our range says both ends, and that it is filled in."""
    found = DATA.default("core_power")
    assert found.high.amount / found.central.amount > 3
    assert found.filled_in == ("default core_power",)


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
