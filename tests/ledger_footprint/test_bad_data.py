"""Users' data files that are refused with the reason, and figures that are taken with a warning."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from passport.errors import ArithmeticRuleError, BoundError, DocumentError, SchemaError, UsageError
from passport.ledger_footprint import AnchoringProfiles, Catalogue, Estimate, Method, Transaction, Usage, estimate
from passport.ledger_footprint.anchoring_profiles import parse_profiles
from passport.ledger_footprint.compute import computed
from passport.ledger_footprint.data_file import MAX_BYTES, parse_data_file
from passport.ledger_footprint.decisions import compare
from passport.ledger_footprint.quantities import Count, Duration, Energy

DATA = Catalogue.shipped()
AT = date(2026, 10, 1)
NODES = [{"hardware": "professional", "count": {"unit": "1", "central": 4, "source": "s"}}]


def stated(unit: str, central: Any, **more: Any) -> dict[str, Any]:
    return {"unit": unit, "central": central, "source": "s", **more}


def file_of(kind: str, *entries: dict[str, Any]) -> dict[str, Any]:
    source = {"title": "tests", "date": "2026", "licence": "ours", "status": "user"}
    return {
        "format": "carbon-passport/ledger-data/1.0",
        "kind": kind,
        "version": "1",
        "sources": {"s": source},
        "entries": list(entries),
    }


def chain(**more: Any) -> dict[str, Any]:
    return {
        "chain": "ours",
        "edition": "2026",
        "consensus": "proof of authority",
        "period": {"first": "2025-10-01", "last": "2026-09-30", "kind": "total"},
        "grid": {"FI": 1},
        "nodes": NODES,
        **more,
    }


def asic(**more: Any) -> dict[str, Any]:
    return {
        "asic": "X",
        "released": "2020-05",
        "rate": stated("TH/s", 100),
        "per_hash": stated("J/TH", 30),
        "mass": stated("kg", 13),
        **more,
    }


def rollup(**blobs: Any) -> dict[str, Any]:
    layer1 = {"chain": "ethereum", "gas": stated("1", 39_447_000_000), **blobs}
    return chain(
        chain="l2", consensus="rollup or sidechain", energy=stated("kWh", 1000), gas=stated("1", 1e12), layer1=layer1
    )


HARDWARE = {
    "hardware": "box",
    "power": stated("W", 40),
    "pue": stated("1", 1.2),
    "mass": stated("kg", 10),
    "life": stated("a", 0),
    "embodied": stated("kg CO2e", 5),
}
PRICE = {"market": "M", "currency": "CNY", "date": "2023-08-31", "price": stated("per t CO2e", 68)}
FACTORS = {"factor_set": "x", "unit": "g/kWh", "source": "s", "factors": {"coal": 820}}

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a month that is none": (file_of("asics", asic(released="soon")), r"released: expected a month.*'soon'"),
    "machines without speed": (file_of("asics", asic(rate=stated("TH/s", 0))), r"rate: must be more than 0"),
    "a machine that lasts no time": (file_of("hardware", HARDWARE), r"life: must be more than 0"),
    "a source that is not there": (
        {**file_of("factor_sets", {**FACTORS, "source": "t"}), "sources": {}},
        r"entries\[0\].source: no such source in this file: 't'",
    ),
    "a factor that is no number": (file_of("factor_sets", {**FACTORS, "factors": {"coal": True}}), r"found True"),
    "a negative factor": (file_of("factor_sets", {**FACTORS, "factors": {"coal": -1}}), r"factors.coal.*found -1"),
    "more than all depends on load": (file_of("chains", chain(load_share=stated("%", 150))), r"load_share.*found 1.5"),
    "more than all is reused": (file_of("chains", chain(reuse=stated("%", 150))), r"reuse: a share is 0 to 1"),
    "an integer that no float holds": (
        file_of("chains", chain(nodes=[{"hardware": "professional", "count": stated("1", 10**400)}])),
        r"count: not a finite number",
    ),
    "one account twice": (file_of("chains", chain(), chain()), r"entries\[1\]: ours, 2026 stands in entries\[0\]"),
    "one grid twice": (
        file_of("grids", *[{"country": "FI", "year": 2026, "factor_set": "s", "intensity": stated("g/kWh", 5)}] * 2),
        r"FI, 2026, s stands in entries\[0\] already",
    ),
    "a currency that is none": (file_of("prices", {**PRICE, "currency": "yuan"}), r"expected an ISO 4217 code"),
    "a price of no day": (file_of("prices", {**PRICE, "date": "soon"}), r"date: expected a day, month or year"),
    "blobs without their weight": (file_of("chains", rollup(blob_share=stated("1", 0.2))), r"go together, found only"),
    "blobs split nobody says how": (
        file_of("chains", rollup(blob_share=stated("1", 0.2), blob_weight=stated("1", 0.1), blob_split="by hand")),
        r"blob_split: expected one of by fees, by bytes",
    ),
    "more than all blobs": (
        file_of("chains", rollup(blob_share=stated("1", 2), blob_weight=stated("1", 0.1), blob_split="by fees")),
        r"blob_share: a share is 0 to 1",
    ),
}


@pytest.mark.parametrize(("said", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_a_file_must_not_say(said: dict[str, Any], reason: str) -> None:
    with pytest.raises(SchemaError, match=reason):
        parse_data_file(json.dumps(said).encode(), name="mine.json")


def test_a_name_twice_in_one_object() -> None:
    """Of the two the first would be lost unseen."""
    text = json.dumps(file_of("chains", chain())).replace('"kind": "chains"', '"kind": "grids", "kind": "chains"')
    with pytest.raises(DocumentError, match="not JSON") as caught:
        parse_data_file(text.encode(), name="mine.json")
    assert "'kind' stands twice in one object" in str(caught.value.found)


def test_half_a_character() -> None:
    """No message could be printed with it."""
    text = json.dumps(file_of("chains", chain())).replace('"kind": "chains"', '"kind": "\\ud800"')
    with pytest.raises(DocumentError, match="not JSON"):
        parse_data_file(text.encode(), name="mine.json")


def test_pipes_and_large_files_are_not_read(tmp_path: Path) -> None:
    """A pipe that nobody writes to would be waited for without end."""
    pipe, large = tmp_path / "pipe", tmp_path / "large.json"
    os.mkfifo(pipe)
    large.write_bytes(b" " * (MAX_BYTES + 1))
    for read in (DATA.with_files, AnchoringProfiles.shipped().with_files):
        with pytest.raises(DocumentError, match="not a plain file"):
            read([pipe])
        with pytest.raises(BoundError, match="too large"):
            read([large])
        with pytest.raises(DocumentError, match="cannot be read"):
            read([tmp_path / "missing.json"])


def with_chain(tmp_path: Path, *entries: dict[str, Any]) -> Catalogue:
    (tmp_path / "chains.json").write_text(json.dumps(file_of("chains", *entries)))
    return DATA.with_files([tmp_path / "chains.json"])


def ask(data: Catalogue, name: str, *, volume: int | None = None, **more: Any) -> Estimate:
    usage = Usage(transactions=(Transaction(gas=50_000),), passports_per_year=volume, **more)
    rule = "per_transaction" if volume else "per_gas"
    return estimate(name, usage=usage, method=Method(rule=rule), at=AT, catalogue=data)


def test_an_energy_a_thousandfold_off_its_nodes(tmp_path: Path) -> None:
    """4 x 48 W x 8.766 h x 1.58 are 2,659 kWh; 2,659 MWh were stated."""
    found = ask(with_chain(tmp_path, chain(energy=stated("MWh", 2659))), "ours", volume=10_000)
    assert "energy beside its own nodes: off by 1000 to the power 1: is it in another unit?" in found.warnings
    right = ask(with_chain(tmp_path, chain(energy=stated("kWh", 2659))), "ours", volume=10_000)
    assert not [each for each in right.warnings if "1000" in each]


def test_an_energy_a_thousandfold_off_other_accounts(tmp_path: Path) -> None:
    """7.5 GWh written as 7.5 MWh, beside what ships of Ethereum."""
    mine = chain(
        chain="ethereum",
        consensus="proof of stake",
        energy=stated("MWh", 7.5),
        nodes=[],
        gas=stated("1", 39_447_000_000_000),
    )
    found = ask(with_chain(tmp_path, mine), "ethereum")
    assert found.edition == "2026"
    assert "energy beside ethereum/2025: off by 1000 to the power -1: is it in another unit?" in found.warnings


def test_sets_of_factors_in_two_parts() -> None:
    """The consortium's grid is Ember's; nobody states that of own computing, and the world's average is the IEA's."""
    watts = DATA.default("core_power")
    found = ask(DATA, "consortium-qbft", volume=10_000, issuer=computed(Duration.of(1, "s"), power=watts))
    assert "sets of factors are mixed between the parts: consensus: ember-owid; issuer: world" in found.warnings
    alone = ask(DATA, "consortium-qbft", volume=10_000)
    assert not [each for each in alone.warnings if "sets of factors" in each]
    assert "shared among 10,000 passports a year, so per_transaction divides nothing" in alone.warnings


def test_a_public_chain_is_not_ones_own() -> None:
    """All of Ethereum among one's own passports is no share of it, whatever rule is named."""
    with pytest.raises(UsageError, match="others use this chain too") as caught:
        estimate(
            "ethereum",
            usage=Usage(transactions=(Transaction(gas=50_000),), passports_per_year=10_000),
            method=Method(rule="per_gas"),
            at=AT,
        )
    assert caught.value.where == "passports_per_year"


def test_blobs_of_a_rollup(tmp_path: Path) -> None:
    """A thousandth of the gas, a fifth of the blobs, which are a tenth of the fees: 0.001 x 0.9 + 0.2 x 0.1 = 0.0209.

    Times 50,000 of a trillion gas, times Ethereum's 7.5 GWh.
    """
    blobs = {"blob_share": stated("1", 0.2), "blob_weight": stated("%", 10), "blob_split": "by fees"}
    found = ask(with_chain(tmp_path, rollup(**blobs)), "l2")
    (layer1,) = (each for each in found.components if each.name == "layer1")
    assert layer1.energy.central.amount == pytest.approx(0.0209 * 5e-8 * 7.5e6)
    assert "ethereum/2025: split between execution and blobs by fees" in found.warnings
    (without,) = (each for each in ask(with_chain(tmp_path, rollup()), "l2").components if each.name == "layer1")
    assert without.energy.central.amount == pytest.approx(0.001 * 5e-8 * 7.5e6)


def test_numbers_that_no_float_holds() -> None:
    for make in (lambda: Count(10**400), lambda: Energy.of(10**400, "kWh")):
        with pytest.raises(ArithmeticRuleError, match="not a finite number"):
            make()
    with pytest.raises(ArithmeticRuleError, match="not a finite number"):
        ask(DATA, "ethereum", kept=Count(10**400))


def test_a_comparison_without_a_rule() -> None:
    """Refused as a whole, and not as a reason beside each chain."""
    with pytest.raises(UsageError, match="a rule of allocation must be named"):
        compare(["ethereum"], usage=Usage(), passports_per_year=1, method=Method(rule=None), at=AT)


@pytest.mark.parametrize("text", [b'"\\ud800"', b'"\xed\xa0\x80"', b'"\xff"', b"\xff\xfe1\x00"])
def test_half_a_character_is_no_text(text: bytes) -> None:
    """Escaped or as bytes: a message that repeats it could not even be printed."""
    for parse in (
        lambda data: parse_data_file(data, name="x"),
        lambda data: parse_profiles(data, where="x"),
    ):
        with pytest.raises(DocumentError, match="not JSON") as caught:
            parse(b'{"format": %s}' % text)
        str(caught.value).encode()
