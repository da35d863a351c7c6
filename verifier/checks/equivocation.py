"""`equivocation`: one issuer, one product, one period, one current passport; and one document per id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from verifier.outcome import Check, CheckId, Outcome, failed, passed, skipped, unknown
from verifier.record import NodeKind, NodeRecord

NOT_SIGNED = "an imported footprint is signed by nobody"


def check_equivocation(record: NodeRecord, rivals: Iterable[NodeRecord], digests_of_id: Sequence[str]) -> Check:
    """Judge one passport against everything seen of the same product.

    Args:
        record: The passport.
        rivals: Records of the same issuer, product, granularity, plant, period and unit, itself included.
        digests_of_id: Digests seen under its id.
    """
    if record.kind is NodeKind.IMPORTED:
        return skipped(CheckId.EQUIVOCATION, NOT_SIGNED)
    if record.kind is NodeKind.ABSENT or not record.sameness:
        return unknown(CheckId.EQUIVOCATION, "the passport cannot be read")
    others = [digest for digest in digests_of_id if digest != record.digest]
    if others:
        return failed(CheckId.EQUIVOCATION, "two documents under one id", expected=record.digest, found=others[0])
    by_digest = {rival.digest: rival for rival in rivals}
    by_digest[record.digest] = record
    if not _is_current(record, by_digest):
        return passed(CheckId.EQUIVOCATION)
    current = [rival for rival in by_digest.values() if rival is not record and _is_current(rival, by_digest)]
    if current:
        return failed(
            CheckId.EQUIVOCATION,
            "the issuer keeps two current passports for the same product and period",
            expected="one, or versions linked by supersession",
            found=current[0].id,
        )
    return passed(CheckId.EQUIVOCATION)


def _is_current(record: NodeRecord, versions: Mapping[str, NodeRecord]) -> bool:
    """Whether a passport is signed, stands, and no later version names it as its predecessor."""
    if record.outcome(CheckId.SIGNATURE) is not Outcome.PASSED or record.is_superseded:
        return False
    if record.outcome(CheckId.STATUS) is Outcome.FAILED:
        return False
    return all(
        version.predecessor != record.digest or version.outcome(CheckId.SIGNATURE) is not Outcome.PASSED
        for version in versions.values()
    )
