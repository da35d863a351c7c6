"""Methods for networks against values by hand: mining, its waste, nodes, rollups."""

from __future__ import annotations

from datetime import date

import pytest

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.catalogue import Catalogue
from passport.ledger_footprint.electricity import (
    location_based,
)
from passport.ledger_footprint.figures import Figure, exact
from passport.ledger_footprint.mining_waste import (
    economic_life,
    fleet_mass,
    fleet_of_waste,
    net_of_reuse,
    yearly_waste,
)
from passport.ledger_footprint.nodes import (
    client_power,
    energy_per_transaction,
    mean_power,
    node_totals,
    with_hidden_nodes,
)
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
    HashEnergy,
    Hashrate,
    Power,
    Ratio,
    Revenue,
    WasteMass,
)
from passport.ledger_footprint.rollup import BlobSplit, layer1_share, with_blobs, with_layer1

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
