"""Anchoring profiles made by the estimator: one unit of use of a chain, and what that emits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from passport.errors import DocumentError, UsageError
from passport.ledger_footprint.allocation import Transaction
from passport.ledger_footprint.anchoring_profile import CHAIN_ID, MILLION_GAS, AnchoringProfile, Per, Scope
from passport.ledger_footprint.catalogue import Catalogue
from passport.ledger_footprint.compute import ComputeMethod, OwnCompute
from passport.ledger_footprint.estimating import estimate
from passport.ledger_footprint.figures import derive
from passport.ledger_footprint.profiles import Consensus
from passport.ledger_footprint.question import Method, Usage
from passport.ledger_footprint.rule import Rule

_DECIMALS: Final = Decimal(1).scaleb(-15)


def make_profile(
    chain: str,
    *,
    chain_id: str,
    rule: Rule,
    at: date,
    catalogue: Catalogue | None = None,
    edition: str | None = None,
    passports_per_year: int | None = None,
) -> AnchoringProfile:
    """The profile of a chain, by the estimator.

    Args:
        chain: Name of the chain.
        chain_id: The chain as CAIP-2.
        rule: The rule of allocation: per gas or per transaction.
        at: The day to estimate for.
        catalogue: The data; what ships with the project without.
        edition: A certain account of the chain.
        passports_per_year: Of a chain of one's own: all passports of a year.

    Raises:
        UsageError: A rule that anchors are not shared out by, or data that lacks what it needs.
        DocumentError: Not a chain id.
        NotFoundError: An unknown chain.
    """
    if rule not in (Rule.PER_GAS, Rule.PER_TRANSACTION):
        raise UsageError(
            "anchors are not shared out so", where="rule", expected="per_gas or per_transaction", found=rule
        )
    if not CHAIN_ID.match(chain_id):
        raise DocumentError("not a chain", where="chain id", expected="eip155:1", found=chain_id)
    data = catalogue or Catalogue.shipped()
    account = data.chain(chain, at=at, edition=edition)
    per = Per.MILLION_GAS if rule is Rule.PER_GAS else Per.TRANSACTION
    if passports_per_year is not None:
        per = Per.PASSPORT
    usage = Usage((Transaction(gas=MILLION_GAS),), passports_per_year=passports_per_year)
    if account.consensus is Consensus.EMBEDDED:
        cpu, power = data.default("embedded_commit"), data.default("core_power")
        energy = derive(lambda watts, time: watts.over(time), power, cpu)
        usage = Usage(issuer=OwnCompute(energy, ComputeMethod.TIME_TIMES_WATTS))
    found = estimate(account, usage=usage, method=Method(rule=rule), at=at, catalogue=data)
    whole = found.ghg_location if found.embodied is None else found.ghg_location + found.embodied
    return AnchoringProfile(
        chain=chain,
        edition=account.edition,
        chain_id=chain_id,
        rule=rule,
        per=per,
        scope=Scope.ELECTRICITY if found.embodied is None else Scope.WITH_HARDWARE,
        low=_decimal(whole.low.amount),
        central=_decimal(whole.central.amount),
        high=_decimal(whole.high.amount),
        period=account.period,
    )


def _decimal(kg: float) -> Decimal:
    """A figure of the estimator as an exact amount: nine digits of it, of which at most 15 after the point."""
    return Decimal(f"{kg:.9g}").quantize(_DECIMALS)
