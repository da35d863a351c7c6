"""`double_counting`: nothing is used up twice, neither products by their buyers nor certificates by their users."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from passport.arithmetic.quanta import ONE
from passport.carbon.electricity import overspent
from passport.model.sameness import overlap
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


def check_instruments(records: Mapping[str, NodeRecord]) -> Iterator[tuple[NodeRecord, Check]]:
    """The passports of an audit that together spend more of a contract or certificate than there is of it.

    A passport whose successor for the same product and an overlapping period is in the audit has given back what it
    spent, as its issuer's store does.
    """
    replaced = set()
    for record in records.values():
        before = records.get(record.predecessor or "")
        if before is not None and before.sameness == record.sameness and overlap(before.period, record.period):
            replaced.add(before.digest)
    users = [record for record in records.values() if record.instruments and record.digest not in replaced]
    found = overspent(use for record in users for use in record.instruments)
    for record in users:
        for key in dict.fromkeys(use.key for use in record.instruments if use.key in found):
            instrument = found[key]
            yield (
                record,
                failed(
                    CheckId.DOUBLE_COUNTING,
                    f"the contract or certificate {key} is spent more than once, by {', '.join(instrument.by)}",
                    expected=f"at most {float(instrument.issued_kwh):.6g} kWh",
                    found=f"{float(instrument.spent_kwh):.6g} kWh",
                ),
            )
