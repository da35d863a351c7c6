"""What an issuer may promise of the ledger's own footprint, computed for its chain and the batches it anchors."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from passport.errors import UsageError
from passport.ledger.merkle import DEFAULT_PADDING_LEAVES
from passport.ledger_footprint.anchoring_profiles import AnchoringProfiles
from passport.ledger_footprint.ceiling import suggest
from passport.model.digest import from_sha256
from passport.model.inventory import LedgerCeiling


def suggested_ceiling(
    chain_id: str,
    *,
    at: date,
    minimum_batch: int = 1,
    padding_leaves: int = DEFAULT_PADDING_LEAVES,
    profiles: AnchoringProfiles | None = None,
) -> LedgerCeiling:
    """A ceiling that holds: twice the upper end of a first commit and one change of status.

    Args:
        chain_id: The chain as CAIP-2.
        at: The day of issuing.
        minimum_batch: Passports that share a checkpoint at least; void leaves are none, though nobody can tell.
        padding_leaves: Leaves that a checkpoint has at least.
        profiles: Those that the ceiling may rest on; what ships with the project without.

    Raises:
        NotFoundError: No profile of the chain.
        UsageError: A batch below one, or above what any checkpoint is sure to hold.
    """
    _check_batch(minimum_batch, padding_leaves)
    profile = (profiles or AnchoringProfiles.shipped()).for_issuing(chain_id, at)
    return LedgerCeiling(
        amount=suggest(profile, minimum_batch=minimum_batch),
        minimum_batch=minimum_batch,
        profile_digest=from_sha256(profile.sha256),
    )


def stated_ceiling(
    amount: Decimal,
    chain_id: str,
    *,
    at: date,
    minimum_batch: int = 1,
    padding_leaves: int = DEFAULT_PADDING_LEAVES,
    profiles: AnchoringProfiles | None = None,
) -> LedgerCeiling:
    """A ceiling of the issuer's own, on the profile of its chain; if none is known, on the one that the verifier has.

    Args:
        amount: Kg CO2e per passport.
        chain_id: See `suggested_ceiling`, as the rest.
        at: The day of issuing.
        minimum_batch: Passports that share a checkpoint at least.
        padding_leaves: Leaves that a checkpoint has at least.
        profiles: Those that the ceiling may rest on.

    Raises:
        UsageError: An amount below zero, or such a batch.
    """
    _check_batch(minimum_batch, padding_leaves)
    if amount < 0:
        raise UsageError("cannot be negative", where="ledger ceiling", expected="0 kg CO2e or more", found=amount)
    profile = (profiles or AnchoringProfiles.shipped()).speaking_for(chain_id, at)
    return LedgerCeiling(
        amount=amount,
        minimum_batch=minimum_batch,
        profile_digest=None if profile is None else from_sha256(profile.sha256),
    )


def _check_batch(minimum_batch: int, padding_leaves: int) -> None:
    if not 1 <= minimum_batch <= padding_leaves:
        raise UsageError(
            "a batch that not every checkpoint holds",
            where="minimum batch",
            expected=f"1 to {padding_leaves}, to which checkpoints are padded",
            found=minimum_batch,
        )
