"""Storage growth: what keeping an anchor's bytes on every node takes in the years after the first."""

from __future__ import annotations

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.figures import Figure, derive
from passport.ledger_footprint.quantities import Count, Duration, Energy, Storage, StoragePower


def storage_energy(
    kept: Storage, *, nodes: Figure[Count], power: Figure[StoragePower], retention: Duration, is_first_year_in: bool
) -> Figure[Energy]:
    """Energy of keeping bytes on all nodes.

    Args:
        kept: Bytes on each node.
        nodes: How many keep them.
        power: Of keeping a TB.
        retention: How long they are kept.
        is_first_year_in: Whether to count the first year too: the nodes' own watts hold it already.

    Raises:
        ArithmeticRuleError: Nothing is kept for a time below zero.
    """
    if not isinstance(is_first_year_in, bool):
        raise ArithmeticRuleError("whether the first year counts must be said", expected="true or false")
    years = retention.years if is_first_year_in else max(0.0, retention.years - 1)
    time = Duration.of(years, "a")
    return derive(lambda watts, number: watts.keeping(kept).over(time) * number.amount, power, nodes)
