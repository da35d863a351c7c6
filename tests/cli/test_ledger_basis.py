"""What the page of an audit says the gas of anchoring rests on."""

from __future__ import annotations

from fractions import Fraction

import pytest

from cli.catalogue import WORDS
from cli.tree import _basis
from passport.ledger_footprint.receipted import NOTHING, CommitUse, Use, UseRange
from verifier.ledger_gas import LedgerGas
from verifier.receipt_book import CommitBasis, StatusBasis

ONE = Use(Fraction(63_250), Fraction(1))
PROVEN = CommitBasis(CommitUse(UseRange(ONE, ONE, ONE), 256), block=7, position=2, gas_used=63_250, issuers=1)
BOUNDED = CommitBasis(None, reason="no receipt is at hand")

SAID = {
    "all by receipts": (PROVEN, StatusBasis(NOTHING, 0, 0), "audit.ledger_by_receipts"),
    "statuses too": (PROVEN, StatusBasis(NOTHING, 2, 0), "audit.ledger_by_receipts"),
    "a status bounded": (PROVEN, StatusBasis(NOTHING, 1, 1), "audit.ledger_partly_by_receipts"),
    "the commit bounded": (BOUNDED, StatusBasis(NOTHING, 1, 0), "audit.ledger_partly_by_receipts"),
    "all bounded": (BOUNDED, StatusBasis(NOTHING, 0, 2), "audit.ledger_bounded"),
    "nothing but the commit, bounded": (BOUNDED, StatusBasis(NOTHING, 0, 0), "audit.ledger_bounded"),
}


@pytest.mark.parametrize(("commit", "statuses", "key"), SAID.values(), ids=SAID.keys())
def test_what_the_gas_rests_on(commit: CommitBasis, statuses: StatusBasis, key: str) -> None:
    """Never "by receipts" where a part of it is bounded; in both languages."""
    assert _basis(LedgerGas(commit, statuses)) == key
    assert len(set(WORDS[key])) == 2


ROWS = {
    "all by receipts": "63250 gas by the receipt at position 2 of block 7",
    "statuses too": "63250 gas by the receipt at position 2 of block 7; transactions with statuses, by receipts: 2",
    "a status bounded": "63250 gas by the receipt at position 2 of block 7; transactions with statuses, by "
    "receipts: 1; statuses bounded by the state: 1",
    "the commit bounded": "gas bounded by the state: no receipt is at hand; transactions with statuses, by receipts: 1",
    "all bounded": "gas bounded by the state: no receipt is at hand; statuses bounded by the state: 2",
}


@pytest.mark.parametrize("name", ROWS)
def test_what_the_row_says(name: str) -> None:
    commit, statuses, _ = SAID[name]
    assert LedgerGas(commit, statuses).in_words() == ROWS[name]
