"""`passport ledger`: the worked values on a page and as JSON, and questions that are refused with their reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runs import Passport

AT = ("--at", "2026-01-01")
ANCHOR = ("--rule", "per_gas", "--gas", "50000")


def test_one_anchor_on_a_page(passport: Passport) -> None:
    done = passport("ledger", "estimate", "--chain", "ethereum", *ANCHOR, "--market", "CN", *AT)
    assert done.code == 0, done.err
    lines = {line.split("  ")[0]: line.split() for line in done.out.splitlines()}
    assert lines["energy"][1:] == ["1.51", "9.51", "9.98", "Wh"]
    assert lines["GHG, location-based"][2:] == ["0.501", "3.55", "4.74", "g", "CO2e"]
    assert "rule per_gas" in done.out
    assert "filled in, stated by nobody: default reuse" in done.out
    assert "unknown: marginal:" in done.out


def test_one_anchor_as_json(passport: Passport) -> None:
    done = passport("ledger", "estimate", "--chain", "ethereum", *ANCHOR, "--batch", "1000", "--json", *AT)
    document = done.json
    assert document["rule"] == "per_gas"
    assert document["quantities"]["energy"]["central"] == pytest.approx(9.5e-6, rel=0.01)
    assert document["quantities"]["shadow_cost"] is None
    assert document["missing"]["shadow_cost"] == "no carbon market was named"
    assert document["monte_carlo"] is None


def test_all_that_can_be_stated(passport: Passport) -> None:
    options = ["--chain", "consortium-qbft", "--rule", "per_transaction", "--volume", "1000", "--pue", "1"]
    options += ["--wue", "0", "--keep-bytes", "500", "--verifications", "10", "--verify-seconds", "1"]
    options += ["--issue-seconds", "2", "--watts", "36", "--monte-carlo", "20", "--seed", "4"]
    done = passport("ledger", "estimate", *options, "--json", *AT)
    assert done.code == 0, done.err
    parts = {each["name"]: each["energy"]["central"] for each in done.json["components"]}
    assert parts["issuer"] == pytest.approx(36 * 2 / 3.6e6)
    assert parts["verifier"] == pytest.approx(36 * 10 / 3.6e6)
    assert parts["consensus"] == pytest.approx(4 * 48 * 8.766 / 1000)
    assert parts["storage"] == pytest.approx(500e-12 * 1.2 * 4 * 9 * 8.766, rel=1e-9)
    assert set(done.json["monte_carlo"]["energy"]) == {"unit", "mean", "variance", "p2_5", "median", "p97_5"}
    assert "stated: pue" in [each["name"] for each in done.json["inputs"]]
    page = passport("ledger", "estimate", *options, *AT, "--lang", "zh")
    assert "蒙特卡洛 energy" in page.out


def test_side_by_side(passport: Passport) -> None:
    done = passport("ledger", "compare", "--volume", "10000", *ANCHOR, *AT, "--json")
    chains = {each["chain"]: each for each in done.json["chains"]}
    assert set(chains) >= {"bitcoin", "ethereum", "consortium-qbft", "embedded", "solana"}
    assert chains["consortium-qbft"]["yearly_ghg"]["central"] == pytest.approx(1548.6, rel=1e-3)
    assert "does not state gas" in chains["solana"]["reason"]
    page = passport("ledger", "compare", "--volume", "10000", *ANCHOR, *AT)
    assert "10,000 passports a year" in page.out
    assert page.out.index("ethereum") < page.out.index("consortium-qbft")


def test_where_a_consortium_pays(passport: Passport) -> None:
    done = passport("ledger", "breakeven", *ANCHOR, "--target-g", "0.01", *AT, "--json")
    assert done.json["passports_per_year"]["central"] == pytest.approx(437_000, rel=0.005)
    assert done.json["batch_for_target"] == 355
    page = passport("ledger", "breakeven", *ANCHOR, "--target-g", "0.01", *AT)
    assert "consortium-qbft takes less than ethereum from 436,3" in page.out
    assert "from a batch of 355 on" in page.out


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("estimate", "--chain", "ethereum"), 2, "a rule of allocation must be named"),
        (("estimate", "--chain", "ethereum", "--rule", "per_luck"), 2, "no such rule of allocation"),
        (("estimate", "--rule", "per_gas"), 2, "Missing option '--chain'"),
        (("estimate", "--chain", "dogecoin", *ANCHOR), 3, "no profile of such a chain"),
        (("estimate", "--chain", "ethereum", *ANCHOR, "--pue", "0.9"), 1, "a PUE is 1 or more"),
        (("estimate", "--chain", "ethereum", *ANCHOR, "--at", "soon"), 2, "--at: not a day"),
        (("estimate", "--chain", "ethereum", *ANCHOR, "--method", "magic"), 2, "no such method"),
        (("estimate", "--chain", "ethereum", *ANCHOR, "--gas", "-1"), 2, "Invalid value for '--gas'"),
        (("compare", "--volume", "0", *ANCHOR), 2, "Invalid value for '--volume'"),
        (("compare", "--volume", "1" + "0" * 400, *ANCHOR), 2, "Invalid value for '--volume'"),
        (("estimate", "--chain", "ethereum", *ANCHOR, "--verifications", "1" + "0" * 400), 2, "'--verifications'"),
        (("measure", "--passports", "1" + "0" * 400, "--", "-h"), 2, "Invalid value for '--passports'"),
        (("compare", "--volume", "5"), 2, "a rule of allocation must be named"),
        (("breakeven", *ANCHOR, "--own", "ethereum"), 1, "not a chain of one's own"),
    ],
)
def test_refused(passport: Passport, options: tuple[str, ...], code: int, said: str) -> None:
    when = () if "--at" in options or options[0] == "measure" else AT
    done = passport("ledger", *options, *when)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_a_file_of_ones_own_says_what_it_lacks(passport: Passport, tmp_path: Path) -> None:
    file = tmp_path / "ours.json"
    file.write_text(json.dumps({"format": "carbon-passport/ledger-data/1.0", "kind": "chains", "entries": [{}]}))
    done = passport("ledger", "estimate", "--chain", "ours", *ANCHOR, "--data", file, *AT)
    assert done.code == 1
    assert "ours.json" in done.err
    assert "entries[0].chain: is missing" in done.err
    assert "version: is missing" in done.err


@pytest.mark.parametrize(
    ("options", "passes"),
    [(("--pue", "1.3"), [False, None]), (("--pue", "1.2", "--wue", "1.3"), [True, True])],
)
def test_ceilings_are_judged(passport: Passport, options: tuple[str, ...], passes: list[bool | None]) -> None:
    asked = ("ledger", "estimate", "--chain", "ethereum", *ANCHOR, "--ceiling", "shanghai", *options, *AT)
    assert [each["passes"] for each in passport(*asked, "--json").json["ceilings"]] == passes
    page = passport(*asked).out
    assert f"PUE below 1.3: {options[1]}: {'passed' if passes[0] else 'failed'}" in page
    assert ("WUE below 1.4: -: unknown" in page) == (passes[1] is None)
