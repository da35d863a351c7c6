"""Sites and machines against values by hand: water, terms of data centres, storage, own computing."""

from __future__ import annotations

from pathlib import Path

import pytest

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
from passport.ledger_footprint.figures import Figure, exact
from passport.ledger_footprint.quantities import (
    CarbonIntensity,
    Count,
    Duration,
    Energy,
    Power,
    Ratio,
    Storage,
    StoragePower,
    WaterIntensity,
)
from passport.ledger_footprint.storage import storage_energy

DATA = Catalogue.shipped()


def near(found: Figure[Energy], *wanted: float) -> None:
    assert [found.low.amount, found.central.amount, found.high.amount] == pytest.approx(list(wanted))


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
