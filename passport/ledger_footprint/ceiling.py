"""The ceiling of one passport's share of the ledger: recomputed from what the chain proves, and suggested to issuers.

The chain's state proves how many leaves the checkpoint has that a passport stands in, whether it is the log's first,
and which statuses were said of the leaf; proven receipts say what that cost. Neither proves how many of the leaves are
passports: void leaves hide the volume of business. So the lower end shares a commit among all leaves, and the upper end
among as many passports as the issuer promises at least.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from passport.errors import UsageError
from passport.ledger_footprint.anchoring_profile import MILLION_GAS, AnchoringProfile, Per
from passport.ledger_footprint.log_gas import COMMITS_AT_ONCE, LEAVES_AT_ONCE, GasRange, commit_gas, status_gas
from passport.ledger_footprint.receipted import NOTHING, CommitUse, Use, UseRange

SAFETY_FACTOR: Final = Fraction(2)
"""A suggested ceiling is this many times the upper end of what is expected."""

UNINFORMATIVE: Final = 10
"""A ceiling of more than this many times the recomputed upper end says nothing."""

HIGH_SHARE: Final = Fraction(1, 100)
"""From this share of the product's footprint on, the ledger's own is more than life-cycle studies usually cut off."""

_SMALLEST: Final = 10**15
_DIGITS: Final = 3


@dataclass(frozen=True, slots=True)
class Anchoring:
    """What the chain proves of a passport's use of it.

    Attributes:
        leaves: Leaves of the first checkpoint that covers it, void ones included.
        is_first: Whether that is the first of its log.
        status_changes: Statuses that are said of its leaf, but for those in `statuses`.
        commit: What the checkpoint cost, where its receipt is proven; bounded by the contract's measured calls without.
        statuses: What was said of the leaf by transactions whose receipts are proven; None where none are.
    """

    leaves: int
    is_first: bool
    status_changes: int = 0
    commit: CommitUse | None = None
    statuses: UseRange | None = None


class Emitted(NamedTuple):
    """Kg CO2e of one passport, exact."""

    low: Fraction
    central: Fraction
    high: Fraction


def recompute(profile: AnchoringProfile, anchoring: Anchoring, *, minimum_batch: int) -> Emitted:
    """What a passport's place on the ledger emitted.

    A leaf is anchored once: the contract takes no checkpoint that adds none, so each is borne by the leaves it adds.

    Args:
        profile: What a unit of use emits.
        anchoring: What the chain proves.
        minimum_batch: Passports that share the checkpoint at least.

    Raises:
        UsageError: A batch that the checkpoint has not the leaves for.
    """
    if not 1 <= minimum_batch <= anchoring.leaves:
        raise UsageError(
            "a batch that the checkpoint cannot hold",
            where="minimum batch",
            expected=f"1 to {anchoring.leaves}",
            found=minimum_batch,
        )
    return _emitted(profile.per, profile.low, profile.central, profile.high, anchoring, minimum_batch)


@lru_cache(maxsize=1024)
def _emitted(
    per: Per, least: Decimal, usual: Decimal, most: Decimal, anchoring: Anchoring, minimum_batch: int
) -> Emitted:
    """See `recompute`; remembered, for the passports of one checkpoint have it in common."""
    low, central, high = Fraction(least), Fraction(usual), Fraction(most)
    if per is Per.PASSPORT:
        return Emitted(low, central, high)
    commit, leaves = anchoring.commit or _bounded_commit(anchoring)
    status, said = _bounded_status(), anchoring.statuses or NOTHING
    count = anchoring.status_changes
    if per is Per.TRANSACTION:
        return Emitted(
            low * (commit.low.transactions / leaves + count * status.low.transactions + said.low.transactions),
            central
            * (commit.central.transactions / leaves + count * status.central.transactions + said.central.transactions),
            high
            * (commit.high.transactions / minimum_batch + count * status.high.transactions + said.high.transactions),
        )
    return Emitted(
        low * (commit.low.gas / leaves + count * status.low.gas + said.low.gas) / MILLION_GAS,
        central * (commit.central.gas / leaves + count * status.central.gas + said.central.gas) / MILLION_GAS,
        high * (commit.high.gas / minimum_batch + count * status.high.gas + said.high.gas) / MILLION_GAS,
    )


def _bounded_commit(anchoring: Anchoring) -> CommitUse:
    """From a part of a batch to a transaction of its own, with gas as the contract's calls are measured to take."""
    transactions = Fraction(1, COMMITS_AT_ONCE), Fraction(1), Fraction(1)
    return CommitUse(_range(commit_gas(is_first=anchoring.is_first), *transactions), anchoring.leaves)


def _bounded_status() -> UseRange:
    """From a share of a recall of many leaves to a call of its own."""
    return _range(status_gas(), Fraction(1, LEAVES_AT_ONCE), Fraction(1), Fraction(1))


def _range(gas: GasRange, *transactions: Fraction) -> UseRange:
    return UseRange(*[Use(Fraction(each), part) for each, part in zip(gas, transactions, strict=True)])


def suggest(profile: AnchoringProfile, *, minimum_batch: int, safety_factor: Fraction = SAFETY_FACTOR) -> Decimal:
    """A ceiling that holds: the upper end for a first commit and one change of status, times the safety factor.

    Args:
        profile: What a unit of use emits.
        minimum_batch: Passports that share a checkpoint at least.
        safety_factor: 1 or more.

    Returns:
        Kg CO2e, rounded up to three digits.

    Raises:
        UsageError: A factor below 1, or a batch of none.
    """
    if safety_factor < 1:
        raise UsageError("a ceiling below what is expected", where="safety factor", expected="1 or more")
    expected = Anchoring(leaves=max(minimum_batch, 1), is_first=True, status_changes=1)
    kg = recompute(profile, expected, minimum_batch=minimum_batch).high * safety_factor
    if not kg:
        return Decimal(0)
    step = Fraction(1, _SMALLEST)
    while kg / step >= 10**_DIGITS:
        step *= 10
    steps = -(-kg // step)
    whole = steps * step
    return (Decimal(whole.numerator) / Decimal(whole.denominator)).normalize() + Decimal(0)
