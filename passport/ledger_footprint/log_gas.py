"""Gas of the log's transactions: the chain's state holds what was written, not what it cost, so it is bounded.

The usual and the most are what the contracts are held to (`contracts/gas.json`): measured, and the budget that no call
may exceed. Whether a call was relayed cannot be read from the state either, so the upper end has the relayed call; of
statuses the dearest is a suspension, whose order takes a fresh nonce as well as a fresh word.
The least is what cannot be saved however calls are batched: what the storage and the events cost that they leave
behind, in slots that the transaction announces (EIP-2929, EIP-2930), less the fifth that clearing other storage in it
gives back at most (EIP-3529; Yellow Paper, appendix G). Six commits in one transaction take 50,500 gas each, below the
63,250 of one that is sent alone.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import NamedTuple

_FRESH_SLOT, _USED_SLOT = 1_900 + 20_000, 1_900 + 2_900
"""Announcing a slot and writing to it: that was empty, and that was not."""

_TOPIC, _DATA_BYTE = 375, 8
_COMMITTED = 4 * _TOPIC + 96 * _DATA_BYTE
_RANGE_REVOKED = 4 * _TOPIC + 64 * _DATA_BYTE
"""An event with three topics, which costs as much as four, and three or two words of data."""


def _after_refunds(gas: int) -> int:
    return gas * 4 // 5


_LEAVES_PER_WORD = 256
_LARGEST_TRANSACTION_GAS = 60_000_000
"""A whole block of the largest public chains of 2026."""

COMMITS_AT_ONCE = _LARGEST_TRANSACTION_GAS // _after_refunds(_FRESH_SLOT + _COMMITTED)
"""Commits that one transaction holds at most."""

LEAVES_AT_ONCE = _LARGEST_TRANSACTION_GAS // _after_refunds(_USED_SLOT + _RANGE_REVOKED) * _LEAVES_PER_WORD
"""Leaves whose status one transaction changes at most."""


class GasRange(NamedTuple):
    """Gas: the least, the usual and the most."""

    low: int
    central: int
    high: int


@cache
def _written_down() -> dict[str, dict[str, int]]:
    read: dict[str, dict[str, int]] = json.loads(resources.files("contracts").joinpath("gas.json").read_bytes())
    return read


def commit_gas(*, is_first: bool) -> GasRange:
    """Gas of one checkpoint; it does not depend on how many leaves it covers.

    Args:
        is_first: Whether it is the first of its log, which writes to storage that was empty.
    """
    measured, budgets = _written_down()["measured"], _written_down()["budgets"]
    relayed, least = budgets["commitFor"] - measured["commit"], _after_refunds(_FRESH_SLOT + _COMMITTED)
    if is_first:
        return GasRange(
            _after_refunds(2 * _FRESH_SLOT + _COMMITTED), measured["commit first"], budgets["commit first"] + relayed
        )
    return GasRange(least, measured["commit"], measured["commit"] + relayed)


def status_gas() -> GasRange:
    """Gas of one change of one leaf's status: from a share of a word that is revoked to a relayed call of its own."""
    measured, budgets = _written_down()["measured"], _written_down()["budgets"]
    share = _after_refunds(_USED_SLOT + _RANGE_REVOKED) // _LEAVES_PER_WORD
    return GasRange(share, measured["revoke next in a word"], budgets["setStatusFor suspend first in a word"])
