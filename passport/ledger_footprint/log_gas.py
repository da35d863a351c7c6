"""Gas of the log's transactions: the chain's state holds what was written, not what it cost, so it is bounded.

The numbers are those that the contracts are held to (`contracts/gas.json`): measured, and the budget that no call may
exceed. Whether a commit was relayed cannot be read from the state either, so the upper end has the relayed call.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

RECALLED_AT_ONCE = 10_240
"""Leaves whose status the cheapest measured call changes together."""


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
    relayed = budgets["commitFor"] - measured["commit"]
    if is_first:
        return GasRange(measured["commit first"], measured["commit first"], budgets["commit first"] + relayed)
    return GasRange(measured["commit"], measured["commit"], measured["commit"] + relayed)


def status_gas() -> GasRange:
    """Gas of one change of one leaf's status: from a share of a recall of many leaves to a call of its own."""
    measured, budgets = _written_down()["measured"], _written_down()["budgets"]
    share: Any = measured[f"recall of {RECALLED_AT_ONCE:,}"] // RECALLED_AT_ONCE
    return GasRange(
        share, measured["revoke next in a word"], max(budgets["revoke first in a word"], budgets["supersede"])
    )
