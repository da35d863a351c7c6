"""`double_counting`: all buyers together draw no more of a product than its passport covers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from passport.arithmetic.quanta import ONE
from verifier.outcome import Check, CheckId, failed, passed, skipped, unknown
from verifier.record import NodeKind, NodeRecord

NOTHING_DRAWS = "nothing in this audit draws on it"
NO_COVERAGE = "an imported footprint covers no stated quantity"


def check_double_counting(record: NodeRecord, drawn: Sequence[int | Fraction | None]) -> Check:
    """Judge what every parent's whole output draws of one child, quanta of the child's declared unit."""
    if record.kind is NodeKind.IMPORTED:
        return skipped(CheckId.DOUBLE_COUNTING, NO_COVERAGE)
    if not drawn:
        return skipped(CheckId.DOUBLE_COUNTING, NOTHING_DRAWS)
    if record.covered is None:
        return unknown(CheckId.DOUBLE_COUNTING, "its covered quantity is not at hand")
    known = [amount for amount in drawn if amount is not None]
    total = sum(known, Fraction(0)) if len(known) > 1 else Fraction(known[0] if known else 0)
    if total > record.covered:
        return failed(
            CheckId.DOUBLE_COUNTING,
            "buyers draw more than the passport covers",
            expected=f"at most {record.covered / ONE:.6g}",
            found=f"{float(total / ONE):.6g}",
        )
    if len(known) < len(drawn):
        return unknown(CheckId.DOUBLE_COUNTING, "a buyer's quantity cannot be converted")
    return passed(CheckId.DOUBLE_COUNTING)
