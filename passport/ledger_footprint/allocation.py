"""Rules of allocation: which share of a network one passport answers for. The rule is named by the caller, always.

It moves the result more than the physics: three disclosures of one network differ sevenfold per transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from passport.errors import ArithmeticRuleError, UsageError
from passport.ledger_footprint.figures import Figure, derive, exact, total
from passport.ledger_footprint.profiles import ChainProfile, Consensus
from passport.ledger_footprint.quantities import Count, Q, Ratio, Storage
from passport.ledger_footprint.rule import Rule

MAX_BATCH = 2**53
"""Leaves of one transaction at most: beyond, a count is no longer exact."""


class Purpose(StrEnum):
    """Why a transaction was sent."""

    ISSUE = "issue"
    REANCHOR = "reanchor"
    STATUS = "status"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction that passports rest on.

    Attributes:
        gas: Gas it used.
        data_bytes: Bytes that the chain took in.
        fee: Fee in the chain's own coin.
        batch: Passports that it serves.
        purpose: Why it was sent; failed ones count like others.
    """

    gas: int | None = None
    data_bytes: int | None = None
    fee: float | None = None
    batch: int = 1
    purpose: Purpose = Purpose.ISSUE

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be.

        Raises:
            ArithmeticRuleError: Such a number.
        """
        for name in ("gas", "data_bytes", "fee"):
            found = getattr(self, name)
            if found is not None and not found >= 0:
                raise ArithmeticRuleError("cannot be negative", where=f"transaction.{name}", found=found)
        if isinstance(self.batch, bool) or not isinstance(self.batch, int) or not 1 <= self.batch <= MAX_BATCH:
            raise ArithmeticRuleError("a batch is one passport or more", where="transaction.batch", found=self.batch)


def share_of_passport(
    rule: Rule,
    *,
    profile: ChainProfile,
    transactions: Sequence[Transaction],
    passports_per_year: int | None = None,
    held_share: float = 0.0,
) -> Figure[Ratio]:
    """Share of a year of the network that one passport answers for: each transaction's over its batch, added up.

    Args:
        rule: How the network is shared out.
        profile: The network.
        transactions: All that the passport rests on: first anchor, later ones, changes of status, failed ones.
        passports_per_year: Of a chain of one's own, whose use is what its members write: all passports of a year.
        held_share: Share of the chain's coins that the issuer holds; only the hybrid rule asks.

    Raises:
        UsageError: The profile or a transaction lacks what the rule divides.
        ArithmeticRuleError: More than the whole network.
    """
    if not transactions:
        raise UsageError("no transaction", where="usage.transactions", expected="one at least")
    if rule is Rule.HYBRID:
        share = _hybrid(profile, transactions, passports_per_year, held_share)
    else:
        share = total(
            (_share(rule, profile, each, passports_per_year) * (1 / each.batch) for each in transactions), Ratio
        )
    if share.high.amount > 1:
        raise ArithmeticRuleError(
            "more than the whole network",
            where=f"{profile.label}, {rule}",
            expected="a share of at most 1",
            found=f"{share.high.amount:g}",
            hint="a year's total of the chain, in single units, is what is divided by",
        )
    return share


def transaction_part(profile: ChainProfile) -> Figure[Ratio]:
    """What of the network serves transactions, the rest serving holders (CCRI and South Pole's hybrid).

    Proof of work: fees over fees and subsidy, for that is what mining is paid with. Proof of stake: the part that
    depends on load.

    Raises:
        UsageError: The profile does not say.
    """
    if profile.consensus is Consensus.PROOF_OF_WORK:
        if profile.fees is None or profile.subsidy is None:
            raise _lacking(profile, "fees and subsidy", Rule.HYBRID)
        return derive(
            lambda fees, subsidy: Ratio(fees.amount / (fees.amount + subsidy.amount)),
            profile.fees,
            falling=(profile.subsidy,),
        )
    if profile.load_share is None:
        raise _lacking(profile, "load_share", Rule.HYBRID)
    return profile.load_share


def _hybrid(
    profile: ChainProfile, transactions: Sequence[Transaction], passports_per_year: int | None, held_share: float
) -> Figure[Ratio]:
    if not 0 <= held_share <= 1:
        raise ArithmeticRuleError("a share of the coins is 0 to 1", where="held_share", found=held_share)
    part = transaction_part(profile)
    by = Rule.PER_GAS if profile.gas is not None and transactions[0].gas is not None else Rule.PER_TRANSACTION
    used = total((_share(by, profile, each, passports_per_year) * (1 / each.batch) for each in transactions), Ratio)
    held = exact(Ratio(held_share))
    # Not monotone in the part when both shares are there; its ends are tried and the outer ones taken.
    ends = [
        [mine.amount * phi.amount + own.amount * (1 - phi.amount) for phi in (part.low, part.central, part.high)]
        for mine, own in ((used.low, held.low), (used.central, held.central), (used.high, held.high))
    ]
    inputs = tuple(dict.fromkeys((*used.inputs, *part.inputs)))
    return Figure(Ratio(min(ends[0])), Ratio(ends[1][1]), Ratio(max(ends[2])), inputs)


def _share(rule: Rule, profile: ChainProfile, transaction: Transaction, per_year: int | None) -> Figure[Ratio]:
    """One whole transaction's share of the network."""
    if per_year is not None:
        if profile.consensus is not Consensus.PROOF_OF_AUTHORITY:
            raise UsageError(
                "others use this chain too, so it is not shared among one's own passports",
                where="passports_per_year",
                expected=f"a chain of {Consensus.PROOF_OF_AUTHORITY.value}",
                found=f"{profile.label}, {profile.consensus.value}",
                hint="leave the volume out: the rule says what is divided by what",
            )
        if per_year < transaction.batch:
            raise ArithmeticRuleError(
                "a batch larger than the year's passports", where="passports_per_year", found=per_year
            )
        return exact(Ratio(transaction.batch / per_year))
    match rule:
        case Rule.PER_TRANSACTION:
            return _part(exact(Count(1)), profile.transactions, profile, rule, "transactions")
        case Rule.PER_GAS:
            gas = _of_transaction(transaction.gas, "gas", rule)
            return _part(exact(Count(gas)), profile.gas, profile, rule, "gas")
        case Rule.PER_FEE:
            fee = _of_transaction(transaction.fee, "fee", rule)
            return _part(exact(Count(fee)), profile.fees, profile, rule, "fees")
        case _:
            size = _of_transaction(transaction.data_bytes, "data_bytes", rule)
            return _part(exact(Storage(size)), profile.data, profile, rule, "data")


def _part(mine: Figure[Q], whole: Figure[Q] | None, profile: ChainProfile, rule: Rule, name: str) -> Figure[Ratio]:
    if whole is None:
        raise _lacking(profile, name, rule)
    return derive(lambda one, all_: Ratio(one.ratio(all_)), mine, falling=(whole,))


def _lacking(profile: ChainProfile, name: str, rule: Rule) -> UsageError:
    has = [each for each in ("gas", "transactions", "fees", "data") if getattr(profile, each) is not None]
    return UsageError(
        f"the chain's profile does not state {name}, which {rule} needs",
        where=profile.label,
        expected=f"a rule over {', '.join(has)}" if has else "passports a year, for a chain of one's own",
        hint="or a profile of your own that states it",
    )


def _of_transaction(number: float | None, name: str, rule: Rule) -> float:
    if number is None:
        raise UsageError(f"{rule} needs the transaction's {name}", where=f"transaction.{name}", expected="a number")
    return number
