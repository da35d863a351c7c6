"""Ceilings and the profiles they rest on: by hand, against the estimator, and with bad input."""

from __future__ import annotations

import copy
import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make_anchoring_profiles import FILE, profiles

from passport.credentials import jcs
from passport.errors import (
    ArithmeticRuleError,
    BoundError,
    DocumentError,
    NotFoundError,
    PassportError,
    UsageError,
)
from passport.ledger_footprint import Method, Transaction, Usage, estimate
from passport.ledger_footprint.anchoring_estimate import make_profile
from passport.ledger_footprint.anchoring_profile import AnchoringProfile, Per, Scope, read_profile
from passport.ledger_footprint.anchoring_profiles import MAX_BYTES, AnchoringProfiles, parse_profiles
from passport.ledger_footprint.ceiling import SAFETY_FACTOR, UNINFORMATIVE, Anchoring, recompute, suggest
from passport.ledger_footprint.log_gas import commit_gas, status_gas
from passport.ledger_footprint.period import Period
from passport.ledger_footprint.rule import Rule
from passport.model.digest import digest_of, from_sha256

AT = date(2026, 11, 22)
SHIPPED = AnchoringProfiles.shipped()
GAS_FILE = Path(__file__).resolve().parents[2] / "contracts" / "gas.json"


def profile(per: Per = Per.MILLION_GAS, **changes: Any) -> AnchoringProfile:
    """A profile with round numbers."""
    return AnchoringProfile(
        **{
            "chain": "tests",
            "edition": "1",
            "chain_id": "eip155:7",
            "rule": Rule.PER_GAS,
            "per": per,
            "scope": Scope.ELECTRICITY,
            "low": Decimal(1),
            "central": Decimal(2),
            "high": Decimal(3),
            "period": Period.year(2026),
            **changes,
        }
    )


def test_what_ships_is_what_the_estimator_says() -> None:
    """The generator makes the shipped file again, and its bytes are in canonical form."""
    assert list(SHIPPED.profiles) == profiles()
    for each in SHIPPED.profiles:
        assert each.to_bytes() == jcs(each.to_json())
        assert from_sha256(each.sha256) == digest_of(jcs(each.to_json()))
        assert SHIPPED.find(each.sha256) == each
        assert read_profile(json.loads(each.to_bytes()), where="shipped") == each
    assert json.loads(FILE.read_text("utf-8"))["profiles"] == [each.to_json() for each in SHIPPED.profiles]


def test_the_hashes_that_ceilings_name() -> None:
    """They stand in signed passports, so they never change and none is taken out."""
    assert {f"{each.chain}/{each.edition}": each.sha256.hex()[:16] for each in SHIPPED.profiles} == HASHES


HASHES = {
    "ethereum/before the merge": "4111ab4f10d4b77e",
    "ethereum/after the merge": "556d3416dc9d39a3",
    "ethereum/2025": "5e486c093d8281c4",
    "polygon/2022-07": "fdce63224ac44bbe",
    "gnosis/2024": "2fc7c67491e701cb",
    "avalanche/2022-01": "6b0aaef633d84eb7",
    "embedded/this process": "4ed19728179353c9",
}


@pytest.mark.parametrize("batch", [1, 256, 1000])
def test_two_roads_to_one_footprint(batch: int) -> None:
    """The profile's exact arithmetic against the estimator's floats, for a commit on Ethereum."""
    on_mainnet = SHIPPED.for_issuing("eip155:1", AT)
    gas = commit_gas(is_first=False)
    found = recompute(on_mainnet, Anchoring(batch, is_first=False), minimum_batch=batch)
    usage = Usage((Transaction(gas=gas.central, batch=batch),))
    said = estimate("ethereum", usage=usage, method=Method(rule="per_gas"), at=AT)
    assert said.embodied is not None
    central = said.ghg_location.central + said.embodied.central
    assert float(found.central) == pytest.approx(central.amount, rel=1e-8)


def test_a_commit_by_hand() -> None:
    """2 kg per million gas, gas as it is written down, 100 leaves, 4 passports at least, revoked once."""
    written = json.loads(GAS_FILE.read_text("utf-8"))
    measured, budgets = written["measured"], written["budgets"]
    found = recompute(profile(), Anchoring(100, is_first=False, status_changes=1), minimum_batch=4)
    assert found.central == Fraction(2 * measured["commit"], 100 * 10**6) + Fraction(
        2 * measured["revoke next in a word"], 10**6
    )
    # A fresh slot, announced, and an event of three topics and 96 bytes; a 256th of a used slot and an event of 64
    # bytes; each less a fifth, which is the most that is given back.
    least = (1_900 + 20_000 + 4 * 375 + 96 * 8) * 4 // 5
    share = (1_900 + 2_900 + 4 * 375 + 64 * 8) * 4 // 5 // 256
    assert (least, share) == (19_334, 21)
    assert found.low == Fraction(least, 100 * 10**6) + Fraction(share, 10**6)
    highest = budgets["setStatusFor suspend first in a word"]
    assert found.high == Fraction(3 * budgets["commitFor"], 4 * 10**6) + Fraction(3 * highest, 10**6)
    first = recompute(profile(), Anchoring(100, is_first=True), minimum_batch=100)
    assert first.central == Fraction(2 * measured["commit first"], 100 * 10**6)


def test_chains_without_gas_by_hand() -> None:
    """Per transaction: shared by leaves, by passports at least; per passport: as it is."""
    anchoring = Anchoring(100, is_first=False, status_changes=2)
    by_transaction = recompute(profile(Per.TRANSACTION), anchoring, minimum_batch=10)
    assert by_transaction == (
        Fraction(1, 100 * 3103) + Fraction(2, 2_818_816),  # 60 million gas hold so many commits, and leaves of a recall
        2 * (Fraction(1, 100) + 2),
        3 * (Fraction(1, 10) + 2),
    )
    assert recompute(profile(Per.PASSPORT), anchoring, minimum_batch=10) == (1, 2, 3)


def test_gas_is_in_order() -> None:
    """Whatever is measured anew, ends stay ends."""
    for each in (commit_gas(is_first=True), commit_gas(is_first=False), status_gas()):
        assert 0 < each.low <= each.central <= each.high
    assert commit_gas(is_first=True) > commit_gas(is_first=False)


@given(
    each=st.sampled_from(SHIPPED.profiles),
    batch=st.integers(1, 2**31),
    is_first=st.booleans(),
    changes=st.integers(0, 1),
    more=st.integers(0, 2**20),
)
def test_a_suggested_ceiling_holds(each: AnchoringProfile, batch: int, is_first: bool, changes: int, more: int) -> None:
    """Whatever the chain turns out to prove within what was assumed; and it is never so high that it says nothing."""
    found = recompute(each, Anchoring(batch + more, is_first, changes), minimum_batch=batch)
    assert found.low <= found.central
    assert found.low <= found.high
    ceiling = Fraction(suggest(each, minimum_batch=batch))
    assert ceiling >= SAFETY_FACTOR * found.high
    with_change = recompute(each, Anchoring(batch + more, is_first, 1), minimum_batch=batch)
    assert ceiling <= UNINFORMATIVE * with_change.high or ceiling < Fraction(1, 10**12)


def test_a_suggestion_by_hand() -> None:
    """3 kg per transaction, alone in its checkpoint, one change: 6 kg, twice that, in three digits."""
    assert suggest(profile(Per.TRANSACTION), minimum_batch=1) == 12
    assert suggest(profile(Per.TRANSACTION), minimum_batch=7) == Decimal("6.86")  # 2 x 3 x (1 + 1/7) = 6.857...
    assert suggest(profile(low=Decimal(0), central=Decimal(0), high=Decimal(0)), minimum_batch=1) == 0


def test_which_profile_speaks_for_a_day() -> None:
    """The latest that had begun; other chains have other profiles."""
    after, before = SHIPPED.speaking_for("eip155:1", AT), SHIPPED.speaking_for("eip155:1", date(2022, 9, 14))
    assert after is not None
    assert before is not None
    assert (after.edition, before.edition) == ("2025", "before the merge")
    assert SHIPPED.speaking_for("eip155:1", date(2021, 12, 31)) is None
    assert SHIPPED.speaking_for("eip155:5", AT) is None
    with pytest.raises(NotFoundError, match="no anchoring profile of this chain"):
        SHIPPED.for_issuing("eip155:5", AT)


def test_a_consortium_has_its_own(tmp_path: Path) -> None:
    """4 machines of 48 W, PUE 1.58, 582 g/kWh, among 10,000 passports: 155 g each, and hardware."""
    made = make_profile(
        "consortium-qbft",
        chain_id="eip155:424242",
        rule=Rule.PER_TRANSACTION,
        at=AT,
        passports_per_year=10_000,
    )
    assert made.per is Per.PASSPORT
    usage = Usage((Transaction(),), passports_per_year=10_000)
    said = estimate("consortium-qbft", usage=usage, method=Method(rule="per_transaction"), at=AT)
    assert said.ghg_location.central.in_unit("g") == pytest.approx(155, rel=0.01)
    assert said.embodied is not None
    assert float(made.central) == pytest.approx((said.ghg_location + said.embodied).central.amount, rel=1e-8)
    assert made.scope is Scope.WITH_HARDWARE
    path = tmp_path / "ours.json"
    path.write_bytes(made.to_bytes())
    both = SHIPPED.with_files([path])
    assert both.find(made.sha256) == made
    assert both.for_issuing("eip155:424242", AT) == made
    assert SHIPPED.find(made.sha256) is None
    assert SHIPPED.with_files([]) is SHIPPED


GOOD = profile().to_json()
BAD: dict[str, tuple[dict[str, Any], type[PassportError], str]] = {
    "another format": ({"format": "carbon-passport/anchoring-profile/2.0"}, DocumentError, "not an anchoring profile"),
    "a name too many": ({"note": "x"}, DocumentError, "missing or too many.*note"),
    "no chain id": ({"chainId": "1"}, DocumentError, "not a chain"),
    "an amount as a number": ({"low": 1}, DocumentError, "not an amount"),
    "an amount with an exponent": ({"high": "3e9"}, DocumentError, "not an amount"),
    "an amount in two spellings": ({"high": "3.0"}, DocumentError, "not an amount"),
    "below zero": ({"low": "-1"}, DocumentError, "not an amount"),
    "bounds out of order": ({"low": "4"}, ArithmeticRuleError, "bounds are out of order"),
    "grams": ({"unit": "g CO2e"}, DocumentError, "another unit"),
    "an unknown rule": ({"rule": "per_head"}, DocumentError, "not an anchoring profile"),
    "an unknown unit of use": ({"per": "block"}, DocumentError, "not an anchoring profile"),
    "a period that is none": ({"period": {"first": "2026"}}, DocumentError, "not an anchoring profile"),
    "a period with more": ({"period": {**GOOD["period"], "x": 1}}, DocumentError, "written otherwise"),
    "a name that is no text": ({"chain": None}, DocumentError, "not a name in ASCII"),
    "a name beyond ASCII": ({"edition": "今"}, DocumentError, "not a name in ASCII"),
}


@pytest.mark.parametrize(("change", "error", "match"), BAD.values(), ids=BAD.keys())
def test_no_profile(change: dict[str, Any], error: type[PassportError], match: str) -> None:
    """Refused, with the reason."""
    with pytest.raises(error, match=match):
        read_profile({**copy.deepcopy(GOOD), **change}, where="bad")


def test_no_file_of_profiles(tmp_path: Path) -> None:
    """Neither what is no JSON, nor a list that is none, nor too much."""
    for data, error, match in (
        (b"{", DocumentError, "not JSON"),
        (b"[]", DocumentError, "not an anchoring profile"),
        (b'{"format":"carbon-passport/anchoring-profiles/1.0","profiles":{}}', DocumentError, "not a list of profiles"),
        (b" " * (MAX_BYTES + 1), BoundError, "too large"),
    ):
        with pytest.raises(error, match=match):
            parse_profiles(data, where="bad")
    with pytest.raises(DocumentError, match="cannot be read"):
        SHIPPED.with_files([tmp_path / "none.json"])


def test_what_is_no_question() -> None:
    """A batch that the checkpoint cannot hold, a factor that lowers, a rule that anchors are not shared by."""
    with pytest.raises(UsageError, match="a batch that the checkpoint cannot hold"):
        recompute(profile(), Anchoring(3, is_first=False), minimum_batch=4)
    with pytest.raises(UsageError, match="a ceiling below what is expected"):
        suggest(profile(), minimum_batch=1, safety_factor=Fraction(1, 2))
    with pytest.raises(UsageError, match="anchors are not shared out so"):
        make_profile("bitcoin", chain_id="eip155:1", rule=Rule.PER_FEE, at=AT)
    with pytest.raises(DocumentError, match="not a chain"):
        make_profile("ethereum", chain_id="mainnet", rule=Rule.PER_GAS, at=AT)
    with pytest.raises(NotFoundError, match="no profile of such a chain"):
        make_profile("nowhere", chain_id="eip155:1", rule=Rule.PER_GAS, at=AT)
