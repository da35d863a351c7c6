"""`passport ledger paradox`, `grid`, `datacentre`, `nodes`, `disclosure`, and a baseline that a chain pays back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runs import Passport

SET = ("--factor-set", "codecarbon_3.3.2")
AT = ("--at", "2026-01-01")
ANCHOR = ("--rule", "per_gas", "--gas", "50000")


def test_paradox(passport: Passport, tmp_path: Path) -> None:
    """Two years before, 30 kg more; after, 20 less a year: weak, and not strong at no discount."""
    file = tmp_path / "rule.json"
    years = [(2025, 100, 110), (2026, 100, 120), (2027, 100, 80), (2028, 100, 80)]
    body = {
        "format": "carbon-passport/ledger-announcement/1.0",
        "rule": "a ban",
        "in_force": 2027,
        "discount_percent": 0,
        "years": [
            {"year": year, "without_kg_co2e": one, "announced_kg_co2e": other, "source": "ours"}
            for year, one, other in years
        ],
    }
    file.write_text(json.dumps(body), "utf-8")
    found = passport("ledger", "paradox", file, "--json").json
    assert (found["weak"], found["strong"]) == (True, False)
    assert (found["added_before"], found["added_in_all"], found["added_discounted"]) == (30, -10, -10)
    page = passport("ledger", "paradox", file).out
    assert "weak green paradox: until then +30 kg CO2e more than without it" in page
    assert "no strong green paradox: -10 kg CO2e" in page
    assert "弱绿色悖论" in passport("ledger", "paradox", file, "--lang", "zh").out
    file.write_text(json.dumps({**body, "years": []}), "utf-8")
    assert "years: expected 1 to 200" in passport("ledger", "paradox", file).err


def test_grid(passport: Passport) -> None:
    """China's average of 2023, half of the outlook's 2020 and 2030 in 2025, and three parts of coal to one of gas."""
    average = passport("ledger", "grid", "CN", *AT, "--json").json
    assert (average["year"], average["intensity"]["central"]) == (2023, pytest.approx(582, abs=0.5))
    assert "the latest that is known is of 2023, not of 2026" in passport("ledger", "grid", "CN", *AT).err
    options = ("--factor-set", "ccaf_cbeci_btc_ipcc2014", "--outlook", "coal,hydro", "--at", "2025-07-01")
    outlook = passport("ledger", "grid", "CN", *options, "--json").json
    share = (51944 / 77792 + 60930 / (60930 + 56878)) / 2
    assert outlook["intensity"]["central"] == pytest.approx(820 * share + 24 * (1 - share))
    assert outlook["outlook"][0] == {"year": 2020, "fossil_share": pytest.approx(51944 / 77792)}
    mixed = ("--mix", "coal=3", "--mix", "gas=1", "--factor-set", "ccaf_cbeci_btc_ipcc2014")
    assert "3" in passport("ledger", "grid", *mixed).out
    found = passport("ledger", "grid", *mixed, "--json").json["intensity"]["central"]
    gas = passport("ledger", "grid", "--mix", "gas=1", *mixed[-2:], "--json").json["intensity"]["central"]
    assert found == pytest.approx((3 * 820 + gas) / 4)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ((), 2, "name a country, or a mix of sources"),
        (("CN", "--outlook", "coal,hydro"), 2, "factors of which set?"),
        (("XX",), 3, "no grid figure of this country"),
        (
            ("FI", "--outlook", "coal,hydro", *SET),
            3,
            "no outlook of this country's generation",
        ),
        (("--mix", "coal=x", *SET), 2, "not a kind of source with its energy"),
        (("--mix", "coal=1", "--mix", "coal=1", *SET), 2, "not a kind of source"),
        (("--mix", "coal=0", *SET), 2, "no energy"),
        (("--mix", "peat=1", *SET), 1, "no factor in the set"),
        (("CN", "--outlook", "coal", *SET), 1, "no such factor in the set"),
    ],
)
def test_grids_that_are_refused(passport: Passport, options: tuple[str, ...], code: int, said: str) -> None:
    done = passport("ledger", "grid", *options, *AT)
    assert (done.code, said in done.err) == (code, True), done.err


def test_datacentre(passport: Passport) -> None:
    """1,350 over 1,000 kWh: PUE 1.35, below Beijing's bound and not below Shanghai's; 1,200 L: 1.2 per kWh of IT."""
    meters = ("--it-kwh", 1000, "--facility-kwh", 1350, "--water-l", 1200, "--grid", "CN", *AT)
    found = passport("ledger", "datacentre", *meters, "--ceiling", "shanghai", "--json").json
    terms = {name: each["central"] for name, each in found["terms"].items()}
    assert terms == {
        "PUE": pytest.approx(1.35),
        "DCiE": pytest.approx(1 / 1.35),
        "CUE": pytest.approx(1.35 * 0.582, rel=1e-3),
        "WUE": pytest.approx(1.2),
    }
    assert [each["passes"] for each in found["ceilings"]] == [False, True]
    assert found["water_l"]["direct"]["central"] == pytest.approx(1200)
    page = passport("ledger", "datacentre", "--pue", 1.4, *AT, "--ceiling", "shanghai").out
    assert "CUE: unknown" in page
    assert "WUE: unknown" in page
    for options, said in (
        ((), "state the PUE, or both meters"),
        (("--it-kwh", 1), "state the PUE, or both meters"),
        (("--pue", 0.9), "a PUE is 1 or more"),
        (("--it-kwh", 0, "--facility-kwh", 1), "no PUE without IT"),
        (("--pue", 1.2, "--water-l", 5), "water is per kWh of IT"),
        (("--pue", 1.2, "--wue", 1, "--water-l", 5), "state the WUE, or the water"),
    ):
        refused = passport("ledger", "datacentre", *options, *AT)
        assert (refused.code in (1, 2), said in refused.err) == (True, True), refused.err


def test_nodes(passport: Passport) -> None:
    """1,000 seen, 200 of them once and 100 twice: 1,200; at 25 W and PUE 1.5 that is 394,470 kWh a year."""
    options = ("--observed", 1000, "--seen-once", 200, "--seen-twice", 100, "--watts", 25, "--pue", 1.5)
    found = passport("ledger", "nodes", *options, "--tps", 10, *AT, "--json").json
    assert (found["nodes"]["low"], found["nodes"]["central"]) == (1000, 1200)
    assert found["energy_per_year"]["central"] == pytest.approx(1200 * 25 * 8.766 * 1.5)
    assert found["energy_per_transaction"]["central"] == pytest.approx(1200 * 25 * 1.5 / 10 / 3600)
    page = passport("ledger", "nodes", "--observed", 4, "--watts", 48, *AT).out
    assert "filled in" in page
    alone = passport("ledger", "nodes", "--observed", 4, "--watts", 48, "--seen-once", 1, *AT)
    assert (alone.code, "both counts, or neither" in alone.err) == (2, True)
    assert passport("ledger", "nodes", "--observed", 4, "--watts", 0, *AT).code == 2


def test_disclosures(passport: Passport) -> None:
    """The seed's pair is no year's total; swissborg's two intensities differ; a figure in MWh is a thousandfold off."""
    pair = ("--ghg-t", 34_100, "--kg-each", 0.4393, "--transactions", 97_725_207)
    flagged = passport("ledger", "disclosure", *pair, *AT, "--json")
    assert (flagged.code, flagged.json["outcome"]) == (1, "flagged")
    assert flagged.json["implied"]["transactions_by_ghg"] == pytest.approx(77.6e6, rel=1e-3)
    assert passport("ledger", "disclosure", *pair, "--snapshot", *AT).code == 0
    both = ("--energy-kwh", 1e9, "--ghg-t", 412_000, "--kwh-each", 1)
    assert passport("ledger", "disclosure", *both, "--kg-each", 0.412, *AT).code == 0
    assert passport("ledger", "disclosure", *both, "--kg-each", 0.4815, *AT).code == 1
    unit = passport("ledger", "disclosure", "--energy-kwh", 7500, "--chain", "ethereum", *AT)
    assert (unit.code, "off by 1000 to the power -1: is it in another unit?" in unit.out) == (1, True)
    paper = passport("ledger", "disclosure", "--energy-kwh", 500_001, "--white-paper", *AT, "--json")
    assert (paper.code, paper.json["supplementary_due"], paper.json["outcome"]) == (3, True, "undecided")
    for options, said in (
        (("--energy-kwh", 0), "nothing to compare with"),
        (("--ghg-t", 5, "--chain", "ethereum"), "what is compared with the chain's account?"),
    ):
        refused = passport("ledger", "disclosure", *options, *AT)
        assert (refused.code, said in refused.err) == (2, True)


def test_what_a_chain_pays_back(passport: Passport) -> None:
    """2,098.6 kg a year with its machines; a parcel of 439.9 g less 39.9 g of computing: 5,246 passports a year."""
    asked = ("ledger", "breakeven", *ANCHOR, "--baseline", "courier", *AT)
    found = passport(*asked, "--each-g", 39.9, "--json").json["paid_back"]
    assert found["own_ghg_per_year"]["central"] == pytest.approx(1548.6 + 550, abs=0.5)
    assert found["passports_per_year"]["central"] == pytest.approx((1548.6 + 550) / 0.4, rel=1e-3)
    assert found["taken_per_passport"] == pytest.approx(0.0399)
    page = passport(*asked)
    assert "pays back what courier takes from" in page.out
    assert "what issuing and verifying a passport takes is not stated" in page.err
    for options, said in (
        (("--baseline", "portal"), "it runs all year whatever the volume"),
        (("--baseline", "courier", "--each-g", 300), "no volume pays: a passport takes as much as it avoids"),
        (("--each-g", 1), "nothing that it replaces is named"),
    ):
        refused = passport("ledger", "breakeven", *ANCHOR, *options, *AT)
        assert (refused.code in (1, 2), said in refused.err) == (True, True), refused.err


def test_the_last_mile_of_a_scan(passport: Passport) -> None:
    """2 MB of 1,000 GB a day at 65 kWh cut by a fifth: 0.104 Wh a scan, ten of them, and no site is made up."""
    asked = ("ledger", "estimate", "--chain", "ethereum", *ANCHOR, *AT)
    site = ("--scan-mb", 2, "--site-kwh-day", 65, "--site-gb-day", 1000, "--site-cut", 20)
    found = passport(*asked, *site, "--verifications", 10, "--json").json
    (access,) = [each for each in found["components"] if each["name"] == "access"]
    assert access["energy"]["central"] == pytest.approx(10 * 52 * 2 / 1e6)
    assert access["method"] == "share of a site's traffic"
    for options, said in (
        (("--scan-mb", 2), "an access network by its site's traffic"),
        (site, "nobody scans it"),
    ):
        refused = passport(*asked, *options)
        assert (refused.code, said in refused.err) == (2, True), refused.err
