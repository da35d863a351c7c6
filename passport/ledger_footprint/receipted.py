"""What one leaf bears of a transaction whose receipt is proven: gas and transactions, exact, by stated rules.

- The gas of a transaction with checkpoints is borne by the legal entities that committed in it, in equal parts: a
  checkpoint costs the same however many leaves it adds. All that one entity committed in it counts as one commit of all
  the leaves it added, so that checkpoints of one's own leaves, which cost less each, make none cheaper.
- The gas of a transaction with statuses is borne in equal parts by the leaves that it says something of. The upper end
  of one that is of several leaves is what calls of its own cost at most, one for each status that it says of the leaf,
  because void leaves may be among them.
- Whoever has a signed order, or reads it before it is in a block, can send it within a dearer transaction. So what is
  beyond the most that the contract's own calls take is in the upper end, and not in the lower one.
- A transaction with both cannot be shared out: its gas is an upper end for the commit, and statuses stay bounded.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from passport.ledger_footprint.log_gas import commit_gas, status_gas


class Use(NamedTuple):
    """Use of a chain, exact.

    Attributes:
        gas: Gas.
        transactions: Transactions, or the part of one.
    """

    gas: Fraction
    transactions: Fraction

    def __hash__(self) -> int:
        """Of the numbers themselves: a fraction's own hash takes an inverse, and every passport asks for six."""
        gas, transactions = self.gas, self.transactions
        return hash((gas.numerator, gas.denominator, transactions.numerator, transactions.denominator))

    def plus(self, other: Use) -> Use:
        """Both together."""
        return Use(self.gas + other.gas, self.transactions + other.transactions)


class UseRange(NamedTuple):
    """Use of a chain: the least, the usual and the most; all the same where it is known."""

    low: Use
    central: Use
    high: Use

    def plus(self, other: UseRange) -> UseRange:
        """Both together."""
        return UseRange(self.low.plus(other.low), self.central.plus(other.central), self.high.plus(other.high))


NOTHING = UseRange(*[Use(Fraction(0), Fraction(0))] * 3)


class CommitUse(NamedTuple):
    """What a checkpoint's leaves bear together.

    Attributes:
        use: Of all of them.
        leaves: How many they are: those that the entity added in that transaction.
    """

    use: UseRange
    leaves: int


def commit_use(
    *, gas_used: int, issuers: int, leaves: int, commits: int, with_statuses: bool, is_first: bool
) -> CommitUse:
    """The part of a transaction that one entity's checkpoints in it bear.

    Args:
        gas_used: Gas of the transaction.
        issuers: Entities that committed in it.
        leaves: Leaves that this one added in it.
        commits: Checkpoints of this one in it.
        with_statuses: Whether statuses were set in it as well.
        is_first: Whether the checkpoint is the first of its log.
    """
    part = Use(Fraction(gas_used, issuers), Fraction(1, issuers))
    bound = commit_gas(is_first=is_first)
    if not with_statuses:
        sure = Use(min(part.gas, Fraction(commits * bound.high)), part.transactions)
        return CommitUse(UseRange(sure, part, part), leaves)
    least = Use(min(part.gas, Fraction(bound.low)), part.transactions)
    most = Use(max(part.gas, Fraction(bound.high)), Fraction(1))
    return CommitUse(UseRange(least, Use(min(part.gas, Fraction(bound.central)), part.transactions), most), leaves)


def status_use(*, gas_used: int, leaves: int, changes: int, may_be_another: bool) -> UseRange:
    """The part of a transaction that one of the leaves bears which it says something of.

    Args:
        gas_used: Gas of the transaction.
        leaves: Leaves that it says something of.
        changes: How many statuses it says of this one.
        may_be_another: The status that the state holds may have come of another transaction, which is not shown.
    """
    part = Use(Fraction(gas_used, leaves), Fraction(1, leaves))
    alone = Fraction(status_gas().high)
    sure = Use(min(part.gas, changes * alone), part.transactions)
    most = part.gas if leaves == 1 else max(part.gas, min(Fraction(gas_used), changes * alone))
    if may_be_another:
        most = max(most, alone)
    return UseRange(sure, part, Use(most, Fraction(1)))
