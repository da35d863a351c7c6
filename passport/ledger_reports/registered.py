"""Whether who signed a statement about a ledger is a registered legal entity, by a key that it bound."""

from __future__ import annotations

from collections.abc import Collection

from passport.credentials import key_hash
from passport.errors import SignatureError
from passport.ledger.authority import credential_key_good_at, entity_good_at
from passport.ledger.chain_id import Address
from passport.ledger.entity import IssuerId, issuer_id
from passport.ledger.registry import RegistryView
from passport.ledger_reports.signing import S, SignedStatement
from passport.ledger_reports.statements import Entity


def check_registered(
    signed: SignedStatement[S],
    entity: Entity,
    registry: RegistryView,
    *,
    roots: Collection[Address],
    skew_s: int = 300,
    anchored_at: int | None = None,
) -> None:
    """Check that the entity was registered, and the key bound to it and good, when the statement was signed.

    That moment is the block's that anchored it. Without one it is the signer's word: the key's compromise reaches back
    all the same, and a moment after the registry's own block is refused.

    Args:
        signed: The statement, whose signature holds.
        entity: Who it says has signed.
        registry: The registry as of some block.
        roots: Registrars that are trusted from outside.
        skew_s: How far clocks may differ.
        anchored_at: Time of the first checkpoint that covers the statement's leaf, unix seconds; None without one.

    Raises:
        SignatureError: Not registered, not bound, or not at that time; says why.
        LedgerError: An identifier that is none of its scheme.
    """
    time, block = int(signed.created.timestamp()), registry.state.block
    if time > block.timestamp + skew_s:
        raise SignatureError(
            "signed after the block that is asked", where=signed.did, expected=f"at most {block.timestamp}", found=time
        )
    if anchored_at is not None:
        if time > anchored_at + skew_s:
            raise SignatureError(
                "signed after it was anchored", where=signed.did, expected=f"at most {anchored_at}", found=time
            )
        time = anchored_at
    why = ""
    # The newest registration first: each annulled one before it was another entity's, or this one's up to a moment.
    for generation in range(registry.current_generation(entity.scheme, entity.identifier), -1, -1):
        subject = issuer_id(entity.scheme, entity.identifier, generation)
        # The signer's clock may be behind the chain's, on which the entity was registered a moment before.
        reason = _why_not(registry, subject, signed.multikey, min(time, block.timestamp), roots) and _why_not(
            registry, subject, signed.multikey, min(time + skew_s, block.timestamp), roots
        )
        if reason is None:
            return
        why = why or reason
    raise SignatureError(f"no registered signer: {why}", where=entity.key, found=signed.multikey)


def why_not_now(
    signed: SignedStatement[S], entity: Entity, registry: RegistryView, *, roots: Collection[Address]
) -> str | None:
    """Why its signer could not sign it now; None if it could.

    Of a statement without a leaf nobody but the signer says when it was signed. A key that was retired, or was bound to
    a registration since annulled, can still be made to sign and to date that back: what it is said to have signed in
    time is not proven by `check_registered`.

    Args:
        signed: The statement, whose signature holds.
        entity: Who it says has signed.
        registry: The registry as of some block.
        roots: Registrars that are trusted from outside.
    """
    subject = issuer_id(entity.scheme, entity.identifier, registry.current_generation(entity.scheme, entity.identifier))
    return _why_not(registry, subject, signed.multikey, registry.state.block.timestamp, roots)


def _why_not(
    registry: RegistryView, subject: IssuerId, multikey: str, time: int, roots: Collection[Address]
) -> str | None:
    """Why an entity could not sign with a key at a time; None if it could."""
    for judged in (
        entity_good_at(registry, subject, time=time, roots=roots),
        credential_key_good_at(registry, subject, key_hash(multikey), time=time),
    ):
        if not judged.good:
            return judged.reason
    return None
