"""`equivocation`: one issuer, one product, one current passport at any time of it; and one document per id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from passport.model.sameness import overlap
from verifier.outcome import Check, CheckId, Outcome, failed, passed, skipped, unknown
from verifier.record import NodeKind, NodeRecord

NOT_SIGNED = "an imported footprint is signed by nobody"


def check_equivocation(record: NodeRecord, rivals: Iterable[NodeRecord], namesakes: Iterable[NodeRecord]) -> Check:
    """Judge one passport against everything seen of the same product and under the same id.

    Args:
        record: The passport.
        rivals: Records of the same legal entity (under whatever linked identifier), product, granularity, numbers,
            plant and dimension of the unit, itself included, of whatever period.
        namesakes: Records under its id that count, itself included: of its own tree, or for which `speaks_for` holds.
    """
    if record.kind is NodeKind.IMPORTED:
        return skipped(CheckId.EQUIVOCATION, NOT_SIGNED)
    if record.kind is NodeKind.ABSENT or not record.sameness:
        return unknown(CheckId.EQUIVOCATION, "the passport cannot be read")
    other = next((other for other in namesakes if other.digest != record.digest), None)
    if other is not None:
        return failed(CheckId.EQUIVOCATION, "two documents under one id", expected=record.digest, found=other.digest)
    versions = [rival for rival in rivals if rival.digest != record.digest and speaks_for(rival, record)]
    everything = [record, *versions]
    if not _is_current(record, everything):
        return passed(CheckId.EQUIVOCATION)
    at_once = (rival for rival in versions if overlap(rival.period, record.period))
    current = next((rival for rival in at_once if _is_current(rival, everything)), None)
    if current is not None:
        return failed(
            CheckId.EQUIVOCATION,
            "the issuer keeps two current passports for the same product and overlapping periods",
            expected="one, or versions linked by supersession",
            found=current.id,
        )
    return passed(CheckId.EQUIVOCATION)


def speaks_for(other: NodeRecord, record: NodeRecord) -> bool:
    """Whether another document is by the issuer of this one, as far as that can be told.

    Anybody can write a document in somebody's name and leave it in a store. It counts if the very key signed it that
    signed this one, or if its identity is proven as well as this one's is.
    """
    if other.primary_id != record.primary_id or other.signed_with is None:
        return False
    if other.signed_with == record.signed_with or other.outcome(CheckId.IDENTITY) is Outcome.PASSED:
        return True
    return Outcome.PASSED is not record.outcome(CheckId.IDENTITY) and not other.first_failed()


def _is_current(record: NodeRecord, versions: Sequence[NodeRecord]) -> bool:
    """Whether a passport is signed, stands, and no version of overlapping period names it as its predecessor."""
    if record.signed_with is None or record.is_superseded or record.outcome(CheckId.STATUS) is Outcome.FAILED:
        return False
    return not any(
        version.predecessor == record.digest and overlap(version.period, record.period) for version in versions
    )
