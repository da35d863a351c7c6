"""`passport ledger compare --by` and `--baseline`, `rebound` and `measure`: worked values on a page and as JSON."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from cli_runs import ROOT, Passport, command_at

from passport.exchange.plain_values import read_plain_values

AT = ("--at", "2026-01-01")
ANCHOR = ("--rule", "per_gas", "--gas", "50000")


def test_side_by_side_by_another_measure(passport: Passport) -> None:
    """Unknown e-waste is not the least: such chains stand below, after those that are known, and say why."""
    asked = ("ledger", "compare", "--volume", "1000", "--rule", "per_transaction", "--by", "ewaste_gross", *AT)
    document = passport(*asked, "--json").json
    chains = {each["chain"]: each for each in document["chains"]}
    assert document["by"] == "ewaste_gross"
    assert list(chains)[:2] == ["avalanche", "consortium-qbft"]
    assert chains["solana"]["per_passport"] is None
    assert chains["solana"]["estimate"] is not None
    assert chains["solana"]["reason"] == "neither published nor are the nodes or machines known"
    # Four machines of 13.2 kg that last 4 years, shared among 1,000 passports.
    assert chains["consortium-qbft"]["per_passport"]["central"] == pytest.approx(4 * 13.2 / 4 / 1000)
    assert chains["consortium-qbft"]["per_year"]["central"] == pytest.approx(13.2)
    page = passport(*asked).out
    assert page.index("consortium-qbft") < page.index("unknown: solana: neither published")
    assert "by e-waste, gross" in page
    assert "按电子废弃物（总量）排序" in passport(*asked, "--lang", "zh").out


def test_side_by_side_by_cost(passport: Passport) -> None:
    asked = ("ledger", "compare", "--volume", "1000", *ANCHOR, "--by", "shadow_cost", "--market", "CN", *AT)
    page = passport(*asked).out
    assert "by shadow cost, CN (CNY, 2023-08-31)" in page
    assert "unknown: polygon: of the electricity alone" in page
    assert page.index("ethereum") < page.index("unknown: polygon")


def test_beside_what_passports_replace(passport: Passport) -> None:
    """Twelve sheets of 6.5 g for 10,000 passports are 780 kg; a server shared among them 1,457 kg."""
    asked = ("ledger", "compare", "--volume", "10000", *ANCHOR, "--baseline", "paper=12", "--baseline", "portal", *AT)
    document = passport(*asked, "--json").json
    paper, portal = document["baselines"]
    assert (paper["baseline"], paper["pieces"], paper["shared_among_all"]) == ("paper", 12, False)
    assert paper["ghg_per_year"]["central"] == pytest.approx(780)
    assert portal["ghg_per_year"]["central"] == pytest.approx(1456.5, abs=0.1)
    assert {each["source"]["status"] for each in paper["inputs"]} == {"verified"}
    net = {each["chain"]: each for each in paper["net_per_year"]}
    # Four machines: 1,548.6 kg of electricity a year, and 550 kg each over 4 years.
    assert net["consortium-qbft"]["ghg"]["central"] == pytest.approx(780 - 1548.6 - 550, abs=0.5)
    assert (net["polygon"]["ghg"], net["solana"]["ghg"]) == (None, None)
    page = passport(*asked).out
    assert "instead: paper, 12 × A4 sheet of copy paper, unprinted for each passport, GHG over its life" in page
    assert "source: EPA Victoria, Publication 1374.1" in page
    assert "unknown: polygon: embodied GHG: neither published nor are the nodes known" in page
    assert page.count("unknown: solana") == 1
    chinese = passport(*asked, "--lang", "zh").out
    assert "替代方案：portal，全部护照共用 1 × central portal" in chinese
    assert "负数：护照消耗更多" in chinese


def test_a_baseline_of_ones_own(passport: Passport, tmp_path: Path) -> None:
    """It goes in front of ours; where it says neither a mass nor machines, or both, it is refused."""
    file = tmp_path / "ours.json"
    entry = {"baseline": "paper", "piece": "recycled sheet", "ghg": {"unit": "g", "central": 3, "source": "mill"}}
    source = {"mill": {"title": "Our mill", "date": "2026", "licence": "ours", "status": "user"}}
    whole = {"format": "carbon-passport/ledger-data/1.0", "kind": "baselines", "version": "1", "sources": source}
    asked = ("ledger", "compare", "--volume", "1000", *ANCHOR, "--baseline", "paper=4", "--data", file, *AT)
    file.write_text(json.dumps({**whole, "entries": [entry]}))
    (found,) = passport(*asked, "--json").json["baselines"]
    assert (found["piece"], found["ghg_per_year"]["central"]) == ("recycled sheet", pytest.approx(12))
    nodes = [{"hardware": "professional", "count": {"unit": "1", "central": 1, "source": "mill"}}]
    for changed, said in (
        ({"nodes": nodes, "grid": {"FI": 1}}, "entries[0].ghg: one of ghg and nodes is needed, and not both"),
        ({"grid": {"FI": 1}}, "entries[0].grid: nodes and grid go together"),
        ({"ghg": {"unit": "g", "central": -3, "source": "mill"}}, "entries[0].ghg: must be 0 or more, found -0.003"),
        ({"ghg": {"unit": "kWh", "central": 3, "source": "mill"}}, "entries[0].ghg"),
    ):
        file.write_text(json.dumps({**whole, "entries": [entry | changed]}))
        done = passport(*asked)
        assert done.code == 1
        assert said in done.err


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--by", "price"), 2, "--by: no such measure; expected one of energy, ghg_location"),
        (("--by", "shadow_cost"), 2, "--market: no cost without a price"),
        (("--baseline", "fax"), 3, "no such baseline; expected one of courier, letter, paper, portal, web; found fax"),
        (("--baseline", "paper=0"), 2, "--baseline: not a baseline with a number of pieces"),
        (("--baseline", "paper=nan"), 2, "found paper=nan"),
        (("--baseline", "paper=1000001"), 2, "COUNT more than 0 and at most 1,000,000"),
        (("--baseline", "=3"), 2, "expected NAME or NAME=COUNT"),
        (("--baseline", "paper", "--baseline", "paper=2"), 2, "--baseline: a baseline is named twice"),
    ],
)
def test_comparisons_that_are_refused(passport: Passport, options: tuple[str, ...], code: int, said: str) -> None:
    done = passport("ledger", "compare", "--volume", "5", *ANCHOR, *options, *AT)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


PERIODS = """\
format: carbon-passport/ledger-use/1.0
basis: market-based
before:
  period: {first: 2024-01-01, last: 2024-12-31, kind: total}
  ledgers:
    - {ledger: public, passports: 100, ghg_kg_co2e: 10, source: ours}
    - {ledger: own, passports: 100, ghg_kg_co2e: 20, source: ours}
after:
  period: {first: 2025-01-01, last: 2025-12-31, kind: total}
  ledgers:
    - {ledger: public, passports: 200, ghg_kg_co2e: 15, source: ours}
    - {ledger: own, passports: 100, ghg_kg_co2e: 20, source: ours}
"""


def test_rebound(passport: Passport, tmp_path: Path) -> None:
    """L(15, 10) = 5 / ln 1.5 and L(20, 20) = 20; scale is their sum times ln(300 / 200)."""
    file = tmp_path / "periods.yaml"
    file.write_text(PERIODS, "utf-8")
    found = passport("ledger", "rebound", file, "--json").json
    mean, log = 5 / math.log(1.5), math.log(1.5)
    assert found["scale"] == pytest.approx((mean + 20) * log)
    assert found["structure"] == pytest.approx(mean * math.log(4 / 3) + 20 * math.log(2 / 3))
    assert found["technique"] == pytest.approx(mean * math.log(0.75))
    assert found["change"] == pytest.approx(5)
    assert found["rebound"] == pytest.approx(13.1093 / 8.1093, rel=1e-4)
    assert (found["kind"], found["jevons"], found["basis"]) == ("backfire (Jevons)", True, "market-based")
    assert [each["jevons"] for each in found["ledgers"]] == [True, False]
    page = passport("ledger", "rebound", file).out
    assert "GHG, market-based, split by LMDI-I" in page
    assert "rebound 1.62: growth took back more than was saved (Jevons)" in page
    (scale,) = [line.split() for line in page.splitlines() if line.startswith("scale: how many passports")]
    assert scale[-3:] == ["+13.11", "+43.7", "%"]
    assert "回弹 1.62" in passport("ledger", "rebound", file, "--lang", "zh").out
    as_json = tmp_path / "periods.json"
    as_json.write_text(json.dumps(read_plain_values(PERIODS.encode(), name="x.yaml")), "utf-8")
    assert passport("ledger", "rebound", as_json, "--json").json == found


def test_nothing_saved_is_no_rebound_of_zero(passport: Passport, tmp_path: Path) -> None:
    """More passports, each with more: there is nothing to take back, so the rebound is unknown."""
    file = tmp_path / "periods.yaml"
    file.write_text(PERIODS.replace("ghg_kg_co2e: 15", "ghg_kg_co2e: 90"), "utf-8")
    found = passport("ledger", "rebound", file, "--json").json
    assert (found["rebound"], found["kind"], found["jevons"]) == (None, "no saving to take back", False)
    assert "rebound unknown: structure and technique saved nothing" in passport("ledger", "rebound", file).out


def test_the_documents_rebound(passport: Passport, tmp_path: Path) -> None:
    """The page's example has the numbers that the page gives."""
    text = (ROOT / "docs" / "ledger-footprint.md").read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "page.yaml").write_text(example, "utf-8")
    found = passport("ledger", "rebound", tmp_path / "page.yaml", "--json").json
    facts = (found["scale"], -found["technique"], found["rebound"])
    assert "Here scale adds {:.2f} kg, technique saves {:.2f} kg, the rebound is {:.2f}".format(*facts) in text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ledger-use/1.0", "ledger-use/9", "not a file of two periods of use; expected format carbon-passport"),
        ("passports: 200", "passports: 0", "after.ledgers[0].passports: expected 1e-15 to 1e+15, found 0"),
        ("passports: 200", "passports: many", "after.ledgers[0].passports: expected a number, found 'many'"),
        ("ghg_kg_co2e: 15", "ghg_kg: 15", "after.ledgers[0].ghg_kg: is not known here"),
        ("ghg_kg_co2e: 15", "ghg_kg: 15", "after.ledgers[0].ghg_kg_co2e: is missing"),
        ("source: ours", "source: ''", "before.ledgers[0].source: expected a text, found ''"),
        ("market-based", "guessed", "basis: expected one of location-based, market-based, found 'guessed'"),
        ("ledger: own", "ledger: public", "before.ledgers[1].ledger: 'public' stands twice in one period"),
        ("last: 2025-12-31", "last: 2025-06-30", "expected about 366 days as in the first, found 181"),
        ("first: 2025-01-01", "first: 2024-12-31", "expected a first day after 2024-12-31, found 2024-12-31"),
        ("kind: total", "kind: annualised snapshot", "expected the kind of the first, annualised snapshot"),
        ("passports: 200", "passports: 1e999", "a number that is too large"),
        ("basis:", "basis: x\nbasis:", "the name 'basis' stands twice"),
        ("basis:", "basis: [", "not YAML"),
        ("ledger: own", "ledger: other", "in one period only: other, own"),
    ],
)
def test_periods_that_cannot_be_split(passport: Passport, tmp_path: Path, old: str, new: str, said: str) -> None:
    file = tmp_path / "periods.yaml"
    file.write_text(PERIODS.replace(old, new, 1), "utf-8")
    done = passport("ledger", "rebound", file)
    assert (done.code, done.out) == (1, "")
    assert said in done.err
    assert str(file) in done.err


def test_periods_that_cannot_be_read(passport: Passport, tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 1_000_001)
    assert "too large; expected at most 1,000,000 bytes" in passport("ledger", "rebound", large).err
    many = tmp_path / "many.yaml"
    line = "    - {ledger: public, passports: 100, ghg_kg_co2e: 10, source: ours}\n"
    many.write_text(PERIODS.replace(line, line * 1001), "utf-8")
    assert "ledgers: expected 1 to 1,000, found 1,002" in passport("ledger", "rebound", many).err
    latin = tmp_path / "latin.json"
    latin.write_bytes("é".encode("latin-1"))
    assert "not text in UTF-8" in passport("ledger", "rebound", latin).err
    assert passport("ledger", "rebound", tmp_path / "none.yaml").code == 3


@pytest.fixture
def no_counters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine whose processor shows no energy counters, whatever this one does."""
    monkeypatch.setattr("passport.ledger_footprint.compute.RAPL_ROOT", tmp_path / "powercap")


@pytest.mark.usefixtures("no_counters")
def test_a_command_is_measured(passport: Passport) -> None:
    """CPU time times the watts that were stated, and the label says so."""
    asked = ("ledger", "measure", "--passports", "4", "--watts", "36")
    found = passport(*asked, "--json", "--", "ledger", "profile", "-h").json
    assert (found["method"], found["exit_code"], found["command"]) == ("cpu_time", 0, "ledger profile")
    assert found["cpu_seconds"] > 0
    assert found["energy"]["central"] == pytest.approx(36 * found["cpu_seconds"] / 3.6e6)
    assert found["energy_per_passport"]["central"] == pytest.approx(found["energy"]["central"] / 4)
    assert found["cpu_seconds_per_passport"] == pytest.approx(found["cpu_seconds"] / 4)
    assert found["energy"]["inputs"] == ["stated: watts of a core"]
    page = passport("ledger", "measure", "--", "--version").out
    assert page.startswith("method cpu_time: ")
    assert "no energy counters could be read" in page
    assert "filled in, stated by nobody: default core_power" in page
    chinese = passport("ledger", "measure", "--lang", "zh", "--passports", "1", "--", "--version").out
    assert chinese.startswith("方法 cpu_time：")
    assert "每份护照" in chinese


def test_a_command_is_measured_by_counters(passport: Passport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counter stands still, so the energy is 0 J by rapl; no watts go into it."""
    zone = tmp_path / "intel-rapl:0"
    zone.mkdir()
    (zone / "energy_uj").write_text("100", "ascii")
    (zone / "max_energy_range_uj").write_text("1000", "ascii")
    monkeypatch.setattr("passport.ledger_footprint.compute.RAPL_ROOT", tmp_path)
    found = passport("ledger", "measure", "--json", "--", "--version").json
    assert (found["method"], found["energy"]["central"]) == ("rapl", 0)
    assert found["energy"]["sources"] == ["rapl"]
    assert passport("ledger", "measure", "--", "--version").out.startswith("method rapl: the processor's energy")


@pytest.mark.usefixtures("no_counters")
def test_a_run_that_failed_is_measured_as_such(passport: Passport) -> None:
    done = passport("ledger", "measure", "--json", "--", "ledger", "estimate")
    assert (done.code, done.json["exit_code"]) == (1, 2)
    assert "the command ended with code 2: this is the energy of a failed run" in done.err
    assert passport("ledger", "measure").code == 2


def test_words_of_the_measured_command_stay_off_stdout(now: datetime, tmp_path: Path) -> None:
    """And of the folder that it runs in, no module is taken for the program's own."""
    for name in ("cli", "typer"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(9)", "utf-8")
    asked = ("ledger", "measure", "--json", "--", "ledger", "estimate", "--chain", "ethereum", *ANCHOR, *AT)
    command = command_at(now, *asked)
    command.insert(1, "-P")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["exit_code"] == 0
    assert "GHG, location-based" in done.stderr
