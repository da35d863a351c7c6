"""Estimates against worked values, rules of allocation by hand, and input that must be refused or flagged."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import ArithmeticRuleError, NotFoundError, UnitError, UsageError
from passport.ledger_footprint import (
    Catalogue,
    ChainProfile,
    Consensus,
    EnergyMethod,
    Estimate,
    Figure,
    Method,
    Period,
    Purpose,
    Rule,
    Source,
    Transaction,
    Usage,
    estimate,
    figure,
)
from passport.ledger_footprint.allocation import share_of_passport, transaction_part
from passport.ledger_footprint.compute import computed
from passport.ledger_footprint.electricity import Certificate
from passport.ledger_footprint.figures import exact
from passport.ledger_footprint.quantities import (
    CarbonIntensity,
    Count,
    Duration,
    Energy,
    EnergyPrice,
    Power,
    Ratio,
    Storage,
)
from passport.ledger_footprint.rule import rule_of

DATA = Catalogue.shipped()
AT = date(2026, 1, 1)
ANCHOR = Transaction(gas=50_000, data_bytes=500)


def ask(chain: str = "ethereum", rule: str | None = "per_gas", at: date = AT, **more: Any) -> Estimate:
    usage = {name: more.pop(name) for name in list(more) if name in Usage.__dataclass_fields__}
    usage.setdefault("transactions", (ANCHOR,))
    return estimate(chain, usage=Usage(**usage), method=Method(rule=rule, **more), at=at)


def ends(found: Figure[Any] | None, unit: str) -> list[float]:
    assert found is not None
    return [each.in_unit(unit) for each in (found.low, found.central, found.high)]


def test_one_anchor_on_ethereum() -> None:
    """The worked values: 1.5 / 9.5 / 10.0 Wh, 0.50 / 3.5 / 4.7 g, 2.1 / 24 / 113 mg of e-waste."""
    found = ask()
    assert ends(found.energy, "Wh") == pytest.approx([1.5, 9.5, 10.0], rel=0.005)
    assert ends(found.ghg_location, "g") == pytest.approx([0.50, 3.5, 4.7], rel=0.015)
    assert ends(found.waste_gross, "mg") == pytest.approx([2.1, 24, 113], rel=0.02)
    assert found.rule is Rule.PER_GAS
    assert found.energy_method is EnergyMethod.PUBLISHED


def test_the_same_in_a_batch_of_a_thousand() -> None:
    found = ask(transactions=(replace(ANCHOR, batch=1000),))
    assert found.energy.central.in_unit("Wh") == pytest.approx(0.0095, rel=0.005)
    assert found.ghg_location.central.in_unit("g") == pytest.approx(0.0035, rel=0.015)
    assert ends(found.waste_gross, "mg")[1] == pytest.approx(0.024, rel=0.02)


@pytest.mark.parametrize(("volume", "wh", "g", "mg"), [(10_000, 266, 155, 1320), (1_000_000, 2.7, 1.5, 13)])
def test_a_quiet_consortium(volume: int, wh: float, g: float, mg: float) -> None:
    """QBFT, four times 48 W, PUE 1.58, China's grid."""
    found = ask("consortium-qbft", "per_transaction", passports_per_year=volume)
    assert found.energy.central.in_unit("Wh") == pytest.approx(wh, rel=0.02)
    assert found.ghg_location.central.in_unit("g") == pytest.approx(g, rel=0.04)
    assert ends(found.waste_gross, "mg")[1] == pytest.approx(mg, rel=0.02)
    assert found.network_total is not None
    assert found.network_total.energy.central.amount == pytest.approx(2659, abs=1)


def test_one_bitcoin_transaction_of_2021() -> None:
    """89.0 TWh over 97.7 million: 910,700 Wh, 262 kg at the intensity of 2024, 314 g of e-waste, 16,372 L."""
    found = ask("bitcoin", "per_transaction", date(2021, 7, 1))
    assert found.energy.central.in_unit("Wh") == pytest.approx(910_700, rel=1e-4)
    assert found.ghg_location.central.amount == pytest.approx(262, rel=0.003)
    assert ends(found.waste_gross, "g")[1] == pytest.approx(314, rel=1e-3)
    assert found.water.central.amount == pytest.approx(16_372, rel=1e-4)
    assert found.embodied is None
    assert found.missing["embodied"] == "neither published nor are the nodes known"
    assert "bitcoin: intensity" in found.filled_in


def test_the_merge_shows_in_what_settles_on_it() -> None:
    """Polygon before and after: its part on Ethereum falls with Ethereum's energy."""
    before, after = (ask("polygon", at=day) for day in (date(2022, 8, 1), date(2022, 10, 1)))
    parts = [next(each for each in found.components if each.name == "layer1") for found in (before, after)]
    own = [next(each for each in found.components if each.name == "consensus") for found in (before, after)]
    assert own[0].energy == own[1].energy
    fell = 1 - parts[1].energy.central.ratio(parts[0].energy.central)
    assert fell == pytest.approx(0.9999, abs=1e-4)
    network = 60_953.26e3 / (50.13e3)
    whole = before.ghg_location.central.ratio(own[0].ghg_location.central)
    assert whole == pytest.approx(network, rel=1e-3)  # 99.92 % on the chain below


def test_points_of_view_stand_together() -> None:
    bitcoin = ask("bitcoin", "per_transaction", date(2021, 7, 1))
    assert bitcoin.marginal is not None
    assert bitcoin.marginal.energy.central == Energy(0)
    assert bitcoin.attributional.energy == bitcoin.energy
    assert bitcoin.network_total is not None
    assert bitcoin.network_total.energy.central.in_unit("TWh") == pytest.approx(89)
    ethereum = ask()
    assert ethereum.marginal is None
    assert "depends on load" in ethereum.missing["marginal"]


def test_every_number_has_a_source_and_what_is_filled_in_is_said() -> None:
    said = json.loads(json.dumps(ask(carbon_market="EU").to_json(), allow_nan=False))
    named = {each["name"]: each for each in said["inputs"]}
    for name, quantity in said["quantities"].items():
        assert quantity["low"] <= quantity["central"] <= quantity["high"], name
        assert set(quantity["inputs"]) <= set(named), name
        assert quantity["sources"], name
    for each in named.values():
        assert {"title", "date", "licence", "status"} <= set(each["source"])
        assert each["source"]["title"]
        assert each["source"]["licence"]
    assert set(said["filled_in"]) == {"default reuse", "default wue", "default grid_water"}
    cost = said["quantities"]["shadow_cost"]
    assert (cost["currency"], cost["market"], cost["date"]) == ("EUR", "EU", "2022")
    priced = said["quantities"]["ghg_location"]["central"] + said["quantities"]["embodied"]["central"]
    assert cost["central"] == pytest.approx(priced / 1000 * 86.53)
    assert len(said["data_sha256"]) == 64


def test_a_number_without_a_range_is_said_to_have_none() -> None:
    """Low and high that are alike would look like certainty."""
    (said,) = [
        each for each in ask("algorand", "per_transaction").warnings if each.startswith("stated without a range")
    ]
    assert "algorand: energy, algorand: intensity, algorand: transactions" in said
    (said,) = [each for each in ask().warnings if each.startswith("stated without a range")]
    assert "ethereum: energy" not in said


def test_unverified_numbers_are_warned_of() -> None:
    assert any("assumed or from memory" in each and "gas-limits" in each for each in ask().warnings)
    assert any("annualised snapshot" in each for each in ask("solana", "per_transaction").warnings)
    assert any("stale" in each for each in ask("solana", "per_transaction").warnings)
    assert not any("stale" in each for each in ask("solana", "per_transaction", date(2022, 12, 1)).warnings)


@given(gas=st.integers(1, 10**7), batch=st.integers(1, 10**6), times=st.integers(2, 9))
def test_shares_are_proportional(gas: int, batch: int, times: int) -> None:
    one = ask(transactions=(Transaction(gas=gas, batch=batch),))
    more = ask(transactions=(Transaction(gas=gas, batch=batch),) * times)
    smaller = ask(transactions=(Transaction(gas=gas, batch=batch * times),))
    assert more.energy.central.amount == pytest.approx(times * one.energy.central.amount)
    assert smaller.energy.central.amount * times == pytest.approx(one.energy.central.amount)
    assert sum(each.energy.central.amount for each in one.components) == pytest.approx(one.energy.central.amount)


def test_each_transaction_over_those_it_serves() -> None:
    """An anchor for 1,000, a failed one for as many, a new anchor for 500 and a change of status for one."""
    found = ask(
        transactions=(
            Transaction(gas=50_000, batch=1000),
            Transaction(gas=30_000, batch=1000, purpose=Purpose.FAILED),
            Transaction(gas=60_000, batch=500, purpose=Purpose.REANCHOR),
            Transaction(gas=40_000, batch=1, purpose=Purpose.STATUS),
        )
    )
    assert found.share is not None
    assert found.share.central.amount == pytest.approx((50 + 30 + 120 + 40_000) / 3.9447e13)


def profile(**more: Any) -> ChainProfile:
    made = ChainProfile(
        chain="test",
        edition="by hand",
        consensus=Consensus.PROOF_OF_WORK,
        period=Period.year(2025),
        energy=exact(Energy(1000)),
        intensity=exact(CarbonIntensity(0.5)),
        transactions=exact(Count(100)),
        gas=exact(Count(1e6)),
        data=exact(Storage(1e4)),
        fees=exact(Count(10)),
        subsidy=exact(Count(30)),
    )
    return replace(made, **more)


@pytest.mark.parametrize(
    ("rule", "share"),
    [
        (Rule.PER_TRANSACTION, 0.01),
        (Rule.PER_GAS, 0.05),
        (Rule.PER_BYTE, 0.05),
        (Rule.PER_FEE, 0.2),
        (Rule.HYBRID, 0.25 * 0.05 + 0.75 * 0.1),
    ],
)
def test_rules_by_hand(rule: Rule, share: float) -> None:
    """Hybrid: fees are 10 of 40, so a quarter to transactions and the rest to a holder of a tenth."""
    found = share_of_passport(
        rule, profile=profile(), transactions=[Transaction(gas=50_000, data_bytes=500, fee=2)], held_share=0.1
    )
    assert found.central.amount == pytest.approx(share)


def test_hybrid_of_proof_of_stake_is_the_part_that_load_makes() -> None:
    staked = profile(consensus=Consensus.PROOF_OF_STAKE, load_share=Figure(Ratio(0.1), Ratio(0.2), Ratio(0.3)))
    assert transaction_part(staked).central.amount == 0.2
    with pytest.raises(UsageError, match="does not state load_share, which hybrid needs"):
        transaction_part(profile(consensus=Consensus.PROOF_OF_STAKE))
    with pytest.raises(ArithmeticRuleError, match="a share of the coins is 0 to 1"):
        share_of_passport(Rule.HYBRID, profile=profile(), transactions=[ANCHOR], held_share=2)


@pytest.mark.parametrize("name", [None, ""])
def test_the_rule_has_no_default(name: str | None) -> None:
    with pytest.raises(UsageError, match="a rule of allocation must be named; expected one of per_gas, per_trans"):
        ask(rule=name)
    with pytest.raises(UsageError, match=r"no such rule of allocation.*found per_block"):
        rule_of("per_block")


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"chain": "dogecoin"}, NotFoundError, "no profile of such a chain; expected one of algorand"),
        ({"at": date(2020, 1, 1)}, NotFoundError, "no profile of the chain had begun by then"),
        ({"edition": "2031"}, NotFoundError, "no such edition"),
        ({"chain": "solana"}, UsageError, "does not state gas, which per_gas needs; expected a rule over transactions"),
        ({"transactions": ()}, UsageError, "no transaction"),
        ({"transactions": (Transaction(),)}, UsageError, "per_gas needs the transaction's gas"),
        ({"transactions": (Transaction(gas=10**15),)}, ArithmeticRuleError, "more than the whole network"),
        ({"pue": exact(Ratio(0.9))}, ArithmeticRuleError, "a PUE is 1 or more"),
        ({"energy": EnergyMethod.ECONOMIC}, UsageError, "does not state mining"),
        ({"carbon_market": "MARS"}, NotFoundError, "no such carbon market; expected one of CN"),
        ({"chain": "embedded"}, UsageError, "takes its computing, which is not stated"),
        (
            {"chain": "consortium-qbft", "factor_set": "iea-2019", "passports_per_year": 9},
            NotFoundError,
            "no grid figure of this country",
        ),
        ({"chain": "solana", "rule": "per_transaction", "kept": Storage(500)}, UsageError, "how many nodes keep"),
    ],
)
def test_bad_questions(asked: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        ask(**asked)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: Transaction(gas=-1), "transaction.gas: cannot be negative"),
        (lambda: Transaction(fee=float("nan")), "transaction.fee: cannot be negative"),
        (lambda: Transaction(batch=0), "transaction.batch: a batch is one passport or more"),
        (lambda: Usage(verifications=-1), "usage.verifications: cannot be negative"),
        (lambda: Usage(passports_per_year=0), "one passport a year or more"),
    ],
)
def test_bad_usage(wrong: Any, said: str) -> None:
    with pytest.raises(ArithmeticRuleError, match=said):
        wrong()


def test_sets_of_grids_are_not_mixed() -> None:
    with pytest.raises(ArithmeticRuleError, match="sets of factors are mixed; expected one set; found ember-owid, iea"):
        DATA.grid_mix({"DE": 0.5, "WORLD": 0.5}, year=2025)
    with pytest.raises(ArithmeticRuleError, match="shares of countries are no whole"):
        DATA.grid_mix({"DE": 0.5}, year=2025)
    same = DATA.grid_mix({"DE": 0.5, "FR": 0.5}, year=2025)
    assert same.central.in_unit("g/kWh") == pytest.approx((380.95 + 56.039) / 2)


def test_certificates_of_the_consortiums_grid() -> None:
    certificate = Certificate("c", Energy(1), Period.year(2025), "CN", "registry 7", CarbonIntensity(0.0))
    found = ask(
        "consortium-qbft",
        "per_transaction",
        passports_per_year=10_000,
        certificates=(certificate,),
        residual=exact(CarbonIntensity(0.6)),
    )
    assert found.ghg_market.central.amount == 0
    assert found.ghg_location.central.in_unit("g") == pytest.approx(155, rel=0.01)
    assert [(each.certificate, each.energy) for each in found.draws] == [("c", found.energy.central)]
    with pytest.raises(ArithmeticRuleError, match="c: of another grid"):
        ask(certificates=(certificate,))


def test_methods_of_mining_agree_on_the_order() -> None:
    """Published 89 TWh, machines that pay and revenue: three roads within a factor of three."""
    at = date(2021, 12, 31)
    price = exact(EnergyPrice(0.05))
    found = [
        ask("bitcoin", "per_transaction", at, energy=way, price=price)
        for way in (EnergyMethod.PUBLISHED, EnergyMethod.MACHINES, EnergyMethod.ECONOMIC)
    ]
    whole = [each.network_total.energy.central.in_unit("TWh") for each in found if each.network_total]
    assert whole[0] == pytest.approx(89)
    assert max(whole) / min(whole) < 3.5
    assert found[2].network_total is not None
    assert whole[2] == pytest.approx(0.6 * 16.7e9 / 0.05 / 1e9)
    with pytest.raises(UsageError, match="methods of mining need a price of electricity"):
        ask("bitcoin", "per_transaction", at, energy=EnergyMethod.MACHINES)


def test_own_computing_and_storage() -> None:
    """The embedded chain is its process: 3,600 s at 10 W, PUE 1, is 10 Wh; v verifications take v times as much."""
    own = computed(Duration.of(3600, "s"), power=exact(Power(10)))
    found = ask(
        "embedded", transactions=(), issuer=own, verifier=own, verifications=5, pue=exact(Ratio(1)),
        compute_intensity=exact(CarbonIntensity(0.5)),
    )  # fmt: skip
    assert found.energy.central.in_unit("Wh") == pytest.approx(60)
    assert found.ghg_location.central.in_unit("g") == pytest.approx(30)
    assert {each.name: each.method for each in found.components} == {
        "issuer": "CPU time times watts",
        "verifier": "CPU time times watts",
    }
    assert found.network_total is None
    assert found.embodied is None
    kept = ask(kept=Storage(500), retention=Duration.of(15, "a"), pue=exact(Ratio(1)))
    (storage,) = [each for each in kept.components if each.name == "storage"]
    assert storage.energy.central.in_unit("Wh") == pytest.approx(1.11 * 14 / 15, rel=0.005)


def test_a_unit_of_another_kind_is_refused() -> None:
    with pytest.raises(UnitError, match="another kind of quantity"):
        estimate(
            profile(intensity=exact(Ratio(1))),
            usage=Usage(transactions=(ANCHOR,)),
            method=Method(rule="per_gas"),
            at=AT,
        )


def own_file(tmp_path: Path, **changes: Any) -> Path:
    entry: dict[str, Any] = {
        "chain": "ours",
        "edition": "2026",
        "consensus": "proof of authority",
        "period": {"first": "2025-01-01", "last": "2025-12-31", "kind": "total"},
        "grid": {"FI": 1},
        "nodes": [{"hardware": "professional", "count": {"unit": "1", "central": 4, "source": "meter"}}],
    }
    source = {"title": "Our meters", "date": "2025", "licence": "ours", "status": "user"}
    body = {
        "format": "carbon-passport/ledger-data/1.0",
        "kind": "chains",
        "version": "1",
        "sources": {"meter": source},
        "entries": [{**entry, **changes}],
    }
    path = tmp_path / "ours.json"
    path.write_text(json.dumps(body), "utf-8")
    return path


def test_a_profile_of_ones_own(tmp_path: Path) -> None:
    mine = DATA.with_files([own_file(tmp_path)])
    found = estimate(
        "ours",
        usage=Usage(transactions=(ANCHOR,), passports_per_year=1000),
        method=Method(rule="per_gas"),
        at=AT,
        catalogue=mine,
    )
    assert found.energy.central.amount == pytest.approx(2.659, rel=1e-3)
    assert found.ghg_location.central.per(found.energy.central).in_unit("g/kWh") == pytest.approx(79.158)
    assert mine.digest != DATA.digest


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"chain": None}, r"entries\[0\].chain: is missing"),
        ({"nodes": None}, r"entries\[0\].energy: is missing, and so are nodes and mining"),
        ({"grid": None}, r"entries\[0\].intensity: is missing, and so is grid"),
        ({"grid": {"FI": 0.5}}, "shares add up to 0.5, not to 1"),
        ({"grid": {"Finland": 1}}, "expected shares from 0 to 1 by country code"),
        ({"enregy": 1}, r"entries\[0\].enregy: is not known here"),
        ({"period": {"first": "2025-01-01", "last": "2025-03-31", "kind": "total"}}, "yearly numbers need a year's"),
        ({"period": {"first": "2025-01-01", "last": "2025-12-31"}}, r"period.kind: is missing"),
        ({"energy": {"unit": "kW", "central": 1, "source": "meter"}}, "not a unit of Energy"),
        ({"energy": {"unit": "kWh", "central": -1, "source": "meter"}}, "Energy cannot be negative"),
        ({"energy": {"unit": "kWh", "central": 1}}, r"energy.source: is missing"),
        ({"energy": {"unit": "kWh", "central": 1, "source": "hearsay"}}, "no such source in this file: 'hearsay'"),
        ({"energy": {"unit": "kWh", "central": 2, "low": 3, "source": "meter"}}, "bounds are out of order"),
        ({"energy": {"unit": "kWh", "central": "2", "source": "meter"}}, "expected a number, found '2'"),
        (
            {
                "gas": {"unit": "1", "central": 1, "source": "meter"},
                "transactions": {"unit": "1", "central": 2, "source": "meter"},
            },
            "more transactions than gas",
        ),
    ],
)
def test_bad_profiles_say_what_is_missing(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    from passport.errors import SchemaError

    with pytest.raises(SchemaError, match=said):
        DATA.with_files([own_file(tmp_path, **changes)])


def test_all_problems_at_once(tmp_path: Path) -> None:
    from passport.errors import SchemaError

    with pytest.raises(SchemaError, match=r"3 problems: .*chain: is missing.*consensus: expected.*typo: is not known"):
        DATA.with_files([own_file(tmp_path, chain=None, consensus="proof of luck", typo=1)])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ('{"a": NaN}', "not JSON"),
        ("[]", "not a file of ledger data"),
        ('{"format": "carbon-passport/ledger-data/2.0"}', "not a file of ledger data"),
        ('{"format": "carbon-passport/ledger-data/1.0"}', "sources: expected an object.*kind: is missing"),
    ],
)
def test_files_that_are_none(tmp_path: Path, text: str, said: str) -> None:
    from passport.errors import DocumentError

    (tmp_path / "x.json").write_text(text, "utf-8")
    with pytest.raises(DocumentError, match=said):
        DATA.with_files([tmp_path / "x.json"])
    with pytest.raises(DocumentError, match="cannot be read"):
        DATA.with_files([tmp_path / "none.json"])


@pytest.mark.parametrize("consensus_and_pue", [("hardware", 0.9)])
def test_a_pue_below_one_in_a_file(tmp_path: Path, consensus_and_pue: tuple[str, float]) -> None:
    from passport.errors import SchemaError

    kind, pue = consensus_and_pue
    shipped = json.loads(
        (Path(__file__).parents[2] / "passport/ledger_footprint/data/hardware.json").read_text("utf-8")
    )
    entry = shipped["entries"][0]
    entry["pue"] = {"unit": "1", "central": pue, "source": "life"}
    (tmp_path / "h.json").write_text(json.dumps({**shipped, "kind": kind, "entries": [entry]}), "utf-8")
    with pytest.raises(SchemaError, match="pue: a PUE is 1 or more"):
        DATA.with_files([tmp_path / "h.json"])


def test_every_shipped_chain_can_be_asked() -> None:
    """By a rule that its profile states, or with computing of one's own."""
    own = computed(Duration.of(1, "s"), power=DATA.default("core_power"))
    for each in DATA.chains():
        rule = "per_gas" if each.gas else "per_transaction"
        alone = each.consensus is Consensus.PROOF_OF_AUTHORITY
        if rule == "per_transaction" and not each.transactions and not alone and each.consensus != Consensus.EMBEDDED:
            assert each.label == "bitcoin/2024"
            continue
        found = estimate(
            each,
            usage=Usage(transactions=(ANCHOR,), issuer=own, passports_per_year=100 if alone else None),
            method=Method(rule=rule),
            at=max(each.period.last, date(2022, 1, 1)),
        )
        assert found.energy.central.amount > 0
    labels = [each.label for each in DATA.chains()]
    assert len(set(labels)) == len(labels)
    assert {each.chain for each in DATA.chains()} == {
        "algorand", "avalanche", "bitcoin", "consortium-qbft", "embedded", "ethereum", "gnosis", "polygon", "solana"
    }  # fmt: skip


def test_electricity_of_another_time_is_said() -> None:
    """China's of 2023 for a day of 2045 is a number, and not of that day; whoever states an intensity is not warned."""
    asked = Usage(transactions=(Transaction(gas=50_000),), passports_per_year=1000)
    late = date(2045, 6, 1)
    found = estimate("consortium-qbft", usage=asked, method=Method(rule="per_gas"), at=late)
    assert "the electricity of CN is that of 2023, not of 2045" in found.warnings
    now = estimate("consortium-qbft", usage=asked, method=Method(rule="per_gas"), at=date(2026, 1, 1))
    assert not any("electricity of CN" in each for each in now.warnings)
    grams = figure(CarbonIntensity, "g/kWh", 100, name="ours", source=Source("ours", "ours", "2045", "ours"))
    stated = estimate("consortium-qbft", usage=asked, method=Method(rule="per_gas", intensity=grams), at=late)
    assert not any("electricity of CN" in each for each in stated.warnings)
