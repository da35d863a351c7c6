"""The data that ships: as published where the same number is in the shared files, and the document's examples run."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from passport.ledger_footprint import Catalogue
from passport.ledger_footprint.catalogue import SHIPPED
from passport.ledger_footprint.figures import Figure, Status
from passport.ledger_footprint.paradox import judge_announcement, parse_announcement
from passport.ledger_footprint.quantities import CarbonIntensity
from passport.ledger_reports.signing import shaped
from passport.ledger_reports.statements import MeterReading

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "passport" / "ledger_footprint" / "data"
DOCUMENT = ROOT / "docs" / "ledger-footprint.md"
DATA = Catalogue.shipped()


@pytest.fixture(scope="module")
def ledger(shared: Path) -> Path:
    return shared / "data" / "ledger"


def load(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def ends(figure: Figure[Any], unit: str) -> list[float]:
    return [each.in_unit(unit) for each in (figure.low, figure.central, figure.high)]


def test_all_files_ship_and_are_read() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == list(SHIPPED)
    assert [file.name for file in DATA.files] == list(SHIPPED)
    assert all(file.kind == file.name.removesuffix(".json") and file.entries for file in DATA.files)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_source_is_used_and_says_how_well_it_is_known(name: str) -> None:
    said = load(FOLDER / name)
    text = json.dumps(said["entries"])
    for key, source in said["sources"].items():
        assert f'"source": "{key}"' in text, key
        assert source["status"] in tuple(Status)
        assert ("from memory" in source["title"].lower()) <= (source["status"] in ("unverified", "assumed")), key


@pytest.mark.shared
def test_hardware_is_as_published(ledger: Path) -> None:
    for name, said in load(ledger / "hardware_profiles.json")["nodes"].items():
        ours = DATA.hardware(name)
        assert ends(ours.power, "W") == pytest.approx(said["power_w"])
        assert ends(ours.mass, "kg") == pytest.approx(said["mass_kg"])
        assert ends(ours.life, "a") == pytest.approx(said["lifetime_y"])
        assert ends(ours.embodied, "kg CO2e") == pytest.approx(said["embodied_kgco2e"])
        if "pue" in said:
            assert ends(ours.pue, "1") == pytest.approx(said["pue"])


@pytest.mark.shared
def test_machines_are_as_published(ledger: Path) -> None:
    with (ledger / "asic_models.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["model"] for row in rows} == {each.name for each in DATA.asics()}
    for row in rows:
        ours = DATA.asic(row["model"])
        assert ours.released == row["release"]
        assert ours.rate.central.in_unit("TH/s") == float(row["th_s"])
        assert ours.per_hash.central.in_unit("J/TH") == float(row["j_per_th"])
        assert ours.mass.central.in_unit("kg") == float(row["kg"])
        # Power, speed and energy per hash are one account.
        assert ours.per_hash.central.at_rate(ours.rate.central).amount == pytest.approx(float(row["watt"]), rel=2e-3)


@pytest.mark.shared
def test_grids_and_factors_are_as_published(ledger: Path) -> None:
    published = {}
    for each in load(ledger / "codecarbon" / "global_energy_mix.json").values():
        published[each["country_name"]] = each["carbon_intensity"]
    names = {"CN": "China", "US": "United States", "DE": "Germany", "FR": "France", "FI": "Finland", "KZ": "Kazakhstan"}
    for country, name in names.items():
        ours = DATA.grid(country, year=2026, factor_set="ember-owid").intensity
        assert ours.central.in_unit("g/kWh") == pytest.approx(published[name])
    with (ledger / "km-ethereum-emissions" / "grid-emissions-factors.csv").open(encoding="utf-8") as lines:
        (china,) = [row for row in csv.DictReader(lines) if row["grid"] == "China"]
    for year in range(2015, 2023):
        ours = DATA.grid("CN", year=year, factor_set="mcdonald").intensity
        assert ours.central.in_unit("g/kWh") == pytest.approx(float(china[str(year)]))
    said = load(ledger / "electricity_factors.json")
    for name, factors in said["sets"].items():
        expected = {kind: grams for kind, grams in factors.items() if kind != "world_average"}
        ours_of = {kind: each.in_unit("g/kWh") for kind, each in DATA.factor_set(name).factors.items()}
        assert ours_of == pytest.approx(expected)
    for mix in DATA.generation("CN"):
        wanted = said["china_generation_1e8kwh_seed"][str(mix.year)]
        assert mix.fossil.central.in_unit("TWh") * 10 == pytest.approx(wanted["fossil"])
        assert mix.clean.central.in_unit("TWh") * 10 == pytest.approx(wanted["clean"])


@pytest.mark.shared
@pytest.mark.parametrize(
    ("chain", "edition", "provider", "year"),
    [
        ("bitcoin", "2021", "CBECI rev. 2023-08", 2021),
        ("bitcoin", "2024", "CCAF Digital Mining", 2024),
        ("ethereum", "before the merge", "CCRI", None),
        ("ethereum", "after the merge", "CCRI", None),
        ("avalanche", "2022-01", "CCRI", None),
        ("algorand", "2022-01", "CCRI", None),
        ("solana", "2022-01", "CCRI", None),
    ],
)
def test_chains_are_as_published(ledger: Path, chain: str, edition: str, provider: str, year: int | None) -> None:
    kind = {"after the merge": "pos", "before the merge": "pow"}.get(edition)
    (said,) = [
        each
        for each in load(ledger / "chain_profiles.json")["chains"]
        if each["chain"] == chain
        and each["provider"].startswith(provider)
        and each.get("year") == year
        and kind in (None, each["consensus"])
    ]
    ours = DATA.chain(chain, at=date(2026, 1, 1), edition=edition)
    assert ours.energy is not None
    assert ours.energy.central.amount == pytest.approx(said["energy_kwh"][1])
    if "ghg_t" in said:
        assert ours.intensity is not None
        ghg = ours.energy.central.emitting(ours.intensity.central)
        assert ghg.in_unit("t") == pytest.approx(said["ghg_t"], rel=2e-3)
    if "ewaste_t" in said:
        assert ours.waste is not None
        assert ours.waste.central.in_unit("t") == pytest.approx(said["ewaste_t"])


def test_a_later_year_takes_the_latest_figure_before_it() -> None:
    assert DATA.grid("CN", year=2019).year == 2019
    assert DATA.grid("CN", year=2030).year == 2023
    assert DATA.grid("DE", year=2030).intensity.central == CarbonIntensity.of(380.95, "g/kWh")


def test_the_documents_examples_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = DOCUMENT.read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile(code, str(DOCUMENT), "exec"), {})  # noqa: S102
    assert capsys.readouterr().out.count("kWh") == 3
    announced, example, reading = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    paradox = judge_announcement(parse_announcement(json.loads(announced), name="x"))
    assert paradox.discounted is not None
    before, saved = paradox.before.amount, -paradox.discounted.amount
    assert f"Here {before:.0f} kg more are emitted until it holds, which is weak; it is not strong" in text
    assert f"for in all it saves {saved:.2f} kg" in text
    entity = {"scheme": "LEI", "identifier": "529900T8BM49AURSDO55", "name": "Example AG"}
    assert shaped(MeterReading, {"signedBy": entity, **json.loads(reading)}, where="reading").node == "n1"
    (tmp_path / "ours.json").write_text(example, "utf-8")
    mine = DATA.with_files([tmp_path / "ours.json"])
    assert mine.chain("ours", at=date(2026, 1, 1)).nodes[0].count.central.amount == 4
    kinds = set(re.findall(r"`(\w+)`", text.partition("Kinds are ")[2].partition(".")[0]))
    assert kinds == {name.removesuffix(".json") for name in SHIPPED}
