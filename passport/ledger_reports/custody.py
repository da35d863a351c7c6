"""Chain of custody of e-waste: what operators handed over, what recyclers received of it, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from passport.errors import ArithmeticRuleError, ConflictError, NotFoundError
from passport.ledger_reports.signing import SignedStatement
from passport.ledger_reports.statements import HardwareHandover, HardwareReceipt, exact_sum


@dataclass(frozen=True, slots=True)
class Custody:
    """Hardware followed from operators to recyclers; masses in kg, exact.

    Attributes:
        handed_kg: All that operators handed over.
        received_kg: What recyclers confirm.
        reused_kg: Of that, reused.
        recycled_kg: Of that, recycled.
        disposed_kg: Of that, disposed of.
        pairs: Digests of each handover and its receipt; None where there is none.
    """

    handed_kg: Decimal
    received_kg: Decimal
    reused_kg: Decimal
    recycled_kg: Decimal
    disposed_kg: Decimal
    pairs: tuple[tuple[str, str | None], ...]

    @property
    def missing_kg(self) -> Decimal:
        """Handed over, and confirmed by nobody: not recycled as far as anybody can show."""
        return self.handed_kg - self.received_kg

    @property
    def not_recycled_kg(self) -> Decimal:
        """Disposed of, or missing."""
        return self.disposed_kg + self.missing_kg


def follow_custody(
    handovers: Sequence[SignedStatement[HardwareHandover]], receipts: Sequence[SignedStatement[HardwareReceipt]]
) -> Custody:
    """Match each receipt to the handover that it pins.

    Args:
        handovers: Signed by operators.
        receipts: Signed by recyclers.

    Raises:
        NotFoundError: A receipt of a handover that is not at hand.
        ConflictError: A handover twice, or two receipts of one.
        ArithmeticRuleError: Another recycler or operator than the handover names, a day before it, more mass, or a day
            that was still to come when it was signed.
    """
    by_digest: dict[str, SignedStatement[HardwareHandover]] = {}
    spoken_of = [(each.digest, each.created.date(), each.statement.day) for each in handovers]
    spoken_of += [(each.digest, each.created.date(), each.statement.day) for each in receipts]
    for digest, signed_on, day in spoken_of:
        if signed_on < day:
            raise ArithmeticRuleError(
                "signed before the day that it speaks of",
                where=digest,
                expected=f"{day} or later",
                found=str(signed_on),
            )
    for handed in handovers:
        if handed.digest in by_digest:
            raise ConflictError("a handover is given twice", found=handed.digest)
        by_digest[handed.digest] = handed
    of_handover: dict[str, SignedStatement[HardwareReceipt]] = {}
    for receipt in receipts:
        pinned = receipt.statement.handover
        handover = by_digest.get(pinned)
        if handover is None:
            raise NotFoundError("a receipt of a handover that is not at hand", found=pinned)
        if pinned in of_handover:
            raise ConflictError("two receipts of one handover", expected="one", found=receipt.digest)
        _check(handover.statement, receipt.statement)
        of_handover[pinned] = receipt
    found = [each.statement for each in of_handover.values()]
    return Custody(
        handed_kg=exact_sum(each.statement.mass_kg for each in handovers),
        received_kg=exact_sum(each.mass_kg for each in found),
        reused_kg=exact_sum(each.reused_kg for each in found),
        recycled_kg=exact_sum(each.recycled_kg for each in found),
        disposed_kg=exact_sum(each.disposed_kg for each in found),
        pairs=tuple(
            (digest, of_handover[digest].digest if digest in of_handover else None) for digest in sorted(by_digest)
        ),
    )


def _check(handover: HardwareHandover, receipt: HardwareReceipt) -> None:
    if receipt.signed_by.key != handover.recycler.key:
        raise ArithmeticRuleError(
            "received by another recycler than it was handed to",
            expected=handover.recycler.key,
            found=receipt.signed_by.key,
        )
    if receipt.operator.key != handover.signed_by.key:
        raise ArithmeticRuleError(
            "received from another operator than handed it over",
            expected=handover.signed_by.key,
            found=receipt.operator.key,
        )
    if receipt.day < handover.day:
        raise ArithmeticRuleError(
            "received before it was handed over", expected=f"{handover.day} or later", found=str(receipt.day)
        )
    if receipt.mass_kg > handover.mass_kg:
        raise ArithmeticRuleError(
            "more is received than was handed over",
            expected=f"at most {handover.mass_kg} kg",
            found=f"{receipt.mass_kg} kg",
        )
