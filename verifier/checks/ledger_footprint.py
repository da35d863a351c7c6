"""`ledger_footprint`: a passport's place on the ledger costs no more than its issuer declared.

Recomputed from what the chain's state proves: leaves of the checkpoint, whether it was the log's first, and statuses of
the leaf. Gas is not in the state: it is that of proven receipts, as far as they are at hand, and else bounded by what
the contract's calls are measured to take. Failed transactions and the binding of keys belong to no leaf, and a
suspension that was lifted is seen by its receipts alone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import NamedTuple

from passport.errors import LedgerError
from passport.ledger.checkpoint import LogCheckpoint
from passport.ledger_footprint.anchoring_profile import AnchoringProfile
from passport.ledger_footprint.anchoring_profiles import AnchoringProfiles
from passport.ledger_footprint.ceiling import HIGH_SHARE, UNINFORMATIVE, Anchoring, Emitted, recompute
from passport.ledger_footprint.receipted import NOTHING
from passport.model.digest import to_sha256
from passport.model.facts import PassportFacts, StatedCeiling
from verifier.chain_facts import ChainFacts
from verifier.ledger_gas import LedgerGas
from verifier.outcome import Check, CheckId, Note, Outcome, Severity, failed, unknown
from verifier.receipt_book import NO_RECEIPT, CommitBasis, StatusBasis
from verifier.record import LedgerShare

UNDERSTATED = "understated: the ceiling is below the least that the chain proves"
UNKNOWN_PROFILE = "the profile that the ceiling names is not known here"
NO_PROFILE = "no profile of this chain is known here"
WITHIN = "the ceiling lies within the range of what was recomputed"
OTHER_CHAIN = "the ceiling rests on the profile of another chain"
NOT_BEGUN = "the account that the profile is of begins after the passport was anchored"
FEWER_LEAVES = "the checkpoint has fewer leaves than the ceiling assumes"


class LedgerFootprint(NamedTuple):
    """The row, what it rests on if it could be recomputed, and what to say beside it."""

    check: Check
    share: LedgerShare | None = None
    notes: tuple[Note, ...] = ()


def check_ledger_footprint(
    facts: PassportFacts,
    ceiling: StatedCeiling,
    chain: ChainFacts | None,
    checkpoint: LogCheckpoint | None,
    profiles: AnchoringProfiles,
) -> LedgerFootprint:
    """Judge a declared ceiling.

    Args:
        facts: What the passport states.
        ceiling: The ceiling that is among it.
        chain: The chain, None when it is out of reach or not trusted.
        checkpoint: The first checkpoint covering the leaf, None when inclusion did not pass.
        profiles: What chains are known to emit: the verifier's own, none of the issuer's.
    """
    row = CheckId.LEDGER_FOOTPRINT
    if chain is None or checkpoint is None:
        return LedgerFootprint(unknown(row, "the leaf is in no checkpoint that counts"))
    chain_id = chain.chain.chain
    # Before anything can end the check: what a bundle carries must be asked for whatever comes of it.
    gas, problem = _gas_of(facts, chain, checkpoint)
    day = _day(checkpoint.time)
    latest = profiles.speaking_for(chain_id, day)
    # 1. By which numbers.
    profile = latest if ceiling.profile is None else profiles.find(to_sha256(ceiling.profile))
    if profile is None:
        reason = NO_PROFILE if ceiling.profile is None else UNKNOWN_PROFILE
        return LedgerFootprint(unknown(row, reason, expected=f"a profile of {chain_id}", found=ceiling.profile))
    if profile.chain_id != chain_id:
        return LedgerFootprint(
            failed(row, OTHER_CHAIN, expected=chain_id, found=f"{profile.chain_id} ({profile.label})")
        )
    if profile.period.first > day:
        expected = f"an account that had begun by {day}"
        return LedgerFootprint(failed(row, NOT_BEGUN, expected=expected, found=f"{profile.label}, {profile.period}"))
    named, profile = profile, profiles.in_force(profile, day)  # nobody picks cheaper numbers out of the past
    # 2. What the chain proves.
    leaves = checkpoint.size - checkpoint.prev_size
    if leaves < ceiling.minimum_batch:
        expected = f"{ceiling.minimum_batch} leaves or more"
        return LedgerFootprint(failed(row, FEWER_LEAVES, expected=expected, found=f"{leaves} leaves"))
    if gas is None:
        raise problem or LedgerError("the chain does not say what became of the leaf")
    anchoring = Anchoring(
        leaves,
        is_first=checkpoint.seq == 1,
        status_changes=gas.statuses.bounded,
        commit=gas.commit.use,
        statuses=gas.statuses.use if gas.statuses.receipts else None,
    )
    found = recompute(profile, anchoring, minimum_batch=ceiling.minimum_batch)
    # 3. The ceiling against it, and both against the product's footprint.
    declared = Fraction(ceiling.amount)
    check = _judged(declared, found, profile, gas)
    changed = gas.statuses.bounded or gas.statuses.receipts
    with_change = anchoring if changed else replace(anchoring, status_changes=1)
    bound = recompute(profile, with_change, minimum_batch=ceiling.minimum_batch).high
    whole = _covered_footprint(facts)
    share = LedgerShare(
        ceiling=ceiling.amount,
        minimum_batch=ceiling.minimum_batch,
        leaves=leaves,
        profile=profile.label,
        rule=str(profile.rule),
        low=float(found.low),
        central=float(found.central),
        high=float(found.high),
        of_product=float(found.central / whole) if whole > 0 else None,
        gas=gas,
    )
    notes = _notes(declared, found, bound, whole, named, latest, day)
    return LedgerFootprint(check, share, (*notes, *_on_trust(declared, profile, anchoring, ceiling.minimum_batch)))


def _gas_of(
    facts: PassportFacts, chain: ChainFacts, checkpoint: LogCheckpoint
) -> tuple[LedgerGas | None, LedgerError | None]:
    """What is known of the gas of a checkpoint and of what was said of a leaf in it; or why that cannot be said."""
    issuer_id = facts.place.issuer_id
    try:
        status, book = chain.status(facts.place), chain.receipts
    except LedgerError as error:
        return None, error
    if book is None:
        changes = status.revoked + status.suspended + (status.successor is not None)
        return LedgerGas(CommitBasis(None, reason=NO_RECEIPT), StatusBasis(NOTHING, 0, changes)), None
    statuses = book.statuses(issuer_id, checkpoint.block_number, status)
    return LedgerGas(book.commit(issuer_id, checkpoint), statuses), None


def _judged(declared: Fraction, found: Emitted, profile: AnchoringProfile, gas: LedgerGas) -> Check:
    row = CheckId.LEDGER_FOOTPRINT
    expected = f"at most {float(declared):.3g} kg CO2e"
    said = f"{float(found.low):.3g} to {float(found.high):.3g} kg CO2e ({profile.label}); {gas.in_words()}"
    if declared < found.low:
        return failed(row, UNDERSTATED, expected=expected, found=said)
    if declared < found.high:
        return unknown(row, WITHIN, expected=expected, found=said)
    return Check(row, Outcome.PASSED, expected, said)


def _notes(
    declared: Fraction,
    found: Emitted,
    bound: Fraction,
    whole: Fraction,
    profile: AnchoringProfile,
    latest: AnchoringProfile | None,
    day: date,
) -> tuple[Note, ...]:
    notes = []
    if declared > UNINFORMATIVE * bound:
        text = f"the ceiling is {float(declared):.3g} kg CO2e, more than {UNINFORMATIVE} times {float(bound):.3g}"
        notes.append(Note("ceiling_not_informative", Severity.WARNING, text))
    if whole > 0 and found.high >= HIGH_SHARE * whole:
        text = (
            f"up to {float(found.high / whole):.2%} of the footprint of what the passport covers is the ledger's own "
            f"({float(found.high):.3g} of {float(whole):.3g} kg CO2e)"
        )
        notes.append(Note("ledger_overhead_high", Severity.WARNING, text))
    elif whole <= 0:
        text = "the footprint of what the passport covers is not above zero, so the ledger's own is no share of it"
        notes.append(Note("ledger_overhead_high", Severity.WARNING, text))
    if latest is not None and latest.period.first > profile.period.first:
        text = (
            f"the profile {profile.label} had been followed by {latest.label} when the passport was anchored, by which "
            "it is judged"
        )
        notes.append(Note("ledger_profile_stale", Severity.WARNING, text))
    elif profile.is_stale(day):
        text = (
            f"the profile {profile.label} is of {profile.period}, more than 18 months before the passport was anchored"
        )
        notes.append(Note("ledger_profile_stale", Severity.WARNING, text))
    return tuple(notes)


def _on_trust(
    declared: Fraction, profile: AnchoringProfile, anchoring: Anchoring, minimum_batch: int
) -> tuple[Note, ...]:
    """A note where the ceiling holds by the issuer's word for its batch alone: the chain proves one passport."""
    alone, promised = (recompute(profile, anchoring, minimum_batch=batch).high for batch in (1, minimum_batch))
    if not promised <= declared < alone:
        return ()
    text = (
        f"it holds if {minimum_batch} passports share the checkpoint, as the issuer says and void leaves hide: alone "
        f"it would be up to {float(alone):.3g} kg CO2e"
    )
    return (Note("ledger_batch_stated", Severity.WARNING, text),)


def _covered_footprint(facts: PassportFacts) -> Fraction:
    """Kg CO2e of the whole quantity that the passport covers, or 0 where that cannot be said."""
    upstream = facts.upstream
    if facts.covered_unit != upstream.declared_unit:
        return Fraction(0)
    return Fraction(upstream.footprint.total) * Fraction(facts.covered_amount) / Fraction(upstream.declared_amount)


def _day(moment: int) -> date:
    """The day of a block's time; what no calendar reaches is its last day."""
    try:
        return datetime.fromtimestamp(moment, UTC).date()
    except (ValueError, OverflowError, OSError):
        return date.max
