"""`identity`: credential key and anchoring key belong to a legal entity that a trusted root's registrars vouch for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from passport.credentials import key_hash, read_key_binding, verify_key_binding
from passport.errors import PassportError
from passport.ledger.authority import (
    anchoring_key_good_at,
    credential_key_good_at,
    entity_good_at,
    registrar_good_at,
)
from passport.ledger.chain_id import Address
from passport.ledger.checkpoint import LogCheckpoint
from passport.ledger.entity import IssuerId
from passport.ledger.registry import RegistryView
from passport.ledger.registry_records import CredentialKeyRecord, RecoveryState
from passport.model.facts import PassportFacts
from verifier.chain_facts import ChainFacts
from verifier.outcome import Check, CheckId, Note, Severity, failed, passed, unknown
from verifier.source import Source


class Identified(NamedTuple):
    """The row, and what a reader should know beside it."""

    check: Check
    notes: tuple[Note, ...]


class KeyStatementMissingError(Exception):
    """A key's own statement, needed to judge an identity, is not at hand."""


def check_identity(
    facts: PassportFacts,
    multikey: str | None,
    source: Source,
    chain: ChainFacts | None,
    checkpoint: LogCheckpoint | None,
) -> Identified:
    """Judge who answers for a passport, at the time it was anchored.

    Args:
        facts: What the passport states.
        multikey: The key whose signature verified, None when the signature did not.
        source: Where the key's own statement comes from.
        chain: The chain, None when it is out of reach or not trusted.
        checkpoint: The first checkpoint covering the leaf; its time is the signing time.
    """
    if chain is None or checkpoint is None:
        return Identified(unknown(CheckId.IDENTITY, "the signing time is not proven"), ())
    if multikey is None:
        return Identified(unknown(CheckId.IDENTITY, "no key is proven to have signed"), ())
    return Identified(
        _judge(facts, multikey, source, chain, checkpoint),
        tuple(_notes(chain.registry, IssuerId(facts.place.issuer_id))),
    )


def _judge(facts: PassportFacts, multikey: str, source: Source, chain: ChainFacts, checkpoint: LogCheckpoint) -> Check:
    try:
        for reason, expected, found in _faults(facts, multikey, source, chain, checkpoint):
            return failed(CheckId.IDENTITY, reason, expected=expected, found=found)
    except KeyStatementMissingError as missing:
        return unknown(CheckId.IDENTITY, str(missing))
    return passed(CheckId.IDENTITY)


def why_not_signer(
    facts: PassportFacts, multikey: str, source: Source, chain: ChainFacts, time: int
) -> Iterator[tuple[str, object, object]]:
    """Why a key did not sign for the entity behind a passport at a time; nothing if it did.

    Args:
        facts: What a passport of that entity states.
        multikey: The key.
        source: Where the key's own statement comes from.
        chain: The chain of that passport.
        time: Unix seconds.

    Yields:
        The reason, what was expected, and what was found.

    Raises:
        KeyStatementMissingError: The key's own statement is not at hand.
        LedgerError: That time lies beyond the state's block, or the state does not prove it.
    """
    yield from _entity_and_key_faults(facts, multikey, chain, time)
    yield from _own_word_faults(facts, multikey, source, chain)


def _faults(
    facts: PassportFacts, multikey: str, source: Source, chain: ChainFacts, checkpoint: LogCheckpoint
) -> Iterator[tuple[str, object, object]]:
    yield from _entity_and_key_faults(facts, multikey, chain, checkpoint.time)
    # 3. The account that anchored was in the entity's hands; that it was bound to it, the log judged at the commit.
    anchoring = anchoring_key_good_at(chain.registry, checkpoint.key_no, time=checkpoint.time)
    if not anchoring.good:
        yield anchoring.reason, "an anchoring account in its entity's hands", f"account number {checkpoint.key_no}"
    yield from _own_word_faults(facts, multikey, source, chain)


def _entity_and_key_faults(
    facts: PassportFacts, multikey: str, chain: ChainFacts, time: int
) -> Iterator[tuple[str, object, object]]:
    registry, issuer_id = chain.registry, IssuerId(facts.place.issuer_id)
    roots = [Address(root) for root in chain.chain.root_registrars]
    # 1. The legal entity was registered before, vouched for up to a trusted root, and not suspended.
    entity = entity_good_at(registry, issuer_id, time=time, roots=roots)
    if not entity.good:
        yield entity.reason, "a legal entity vouched for up to a trusted root", f"{facts.scheme} {facts.identifier}"
    # 2. The credential key is bound to the entity, and was good then.
    credential = credential_key_good_at(registry, issuer_id, key_hash(multikey), time=time)
    if not credential.good:
        yield f"no registrar's entity vouches for this key: {credential.reason}", "a bound credential key", multikey


def _own_word_faults(
    facts: PassportFacts, multikey: str, source: Source, chain: ChainFacts
) -> Iterator[tuple[str, object, object]]:
    # 4. The key itself agreed.
    key = chain.registry.credential_key(IssuerId(facts.place.issuer_id), key_hash(multikey))
    if key is not None:
        yield from _binding_faults(facts, multikey, key, source)


def _notes(registry: RegistryView, issuer_id: IssuerId) -> Iterator[Note]:
    """A controller that was or is to be replaced by those who vouch, and an organisation key that signed for one."""
    issuer = registry.issuer(issuer_id)
    if issuer is None:
        return
    for recovery in registry.recoveries(issuer_id):
        asked = f"{recovery.requested_by} asked at {recovery.requested_at} that {recovery.controller} takes over"
        if recovery.state is RecoveryState.PENDING:
            text = f"{asked}; the controller may refuse, and from {recovery.executable_from} on it can be executed"
            yield Note("recovery_pending", Severity.WARNING, text)
        elif recovery.state is RecoveryState.EXECUTED:
            text = f"{asked}, and it did at {recovery.ended_at}"
            if not registrar_good_at(registry, recovery.requested_by, time=recovery.requested_at):
                text += "; whoever asked was bad then, as is known now, so the controller may be a thief"
            yield Note("recovery_executed", Severity.WARNING, text)
        elif recovery.state is RecoveryState.VOIDED:
            text = f"{asked}, and was bad then: found void at {recovery.ended_at}"
            yield Note("recovery_voided", Severity.INFO, text)
        else:
            yield Note("recovery_vetoed", Severity.INFO, f"{asked}; the controller refused at {recovery.ended_at}")
    key = registry.organisation_key(issuer_id)
    if key is not None:
        whose = "its controller" if key.controller == issuer.controller else "a former controller"
        text = f"the X.509 key with SHA-256 {key.key_hash.hex()} signed for {whose} {key.controller}"
        yield Note("organisation_key", Severity.INFO, text)


def _binding_faults(
    facts: PassportFacts, multikey: str, key: CredentialKeyRecord, source: Source
) -> Iterator[tuple[str, object, object]]:
    """The key itself must have said that it belongs to the entity, or the entity could claim a stranger's key."""
    data = source.key_binding(facts.place.issuer_id, key_hash(multikey))
    if data is None:
        raise KeyStatementMissingError("the key's own statement of its binding is not at hand")
    try:
        binding = read_key_binding(data)
        verify_key_binding(binding)
    except PassportError as error:
        yield f"the key's statement of its binding: {error}", "a statement signed by the key", multikey
        return
    place = facts.place
    chain, _, _ = place.registry.rpartition(":")
    stated = (binding.issuer_id, binding.chain, binding.genesis, binding.registry, binding.multikey)
    meant = (place.issuer_id, chain, place.genesis, place.registry, multikey)
    if stated != meant:
        yield "the key's statement names another binding", meant, stated
    registered_end = key.window.valid_until or 0
    is_cut_short = registered_end != 0 and (binding.valid_until == 0 or registered_end < binding.valid_until)
    if (binding.purposes, binding.valid_from) != (int(key.purposes), key.window.valid_from) or not (
        registered_end == binding.valid_until or is_cut_short
    ):
        found = (binding.purposes, binding.valid_from, binding.valid_until)
        registered = (int(key.purposes), key.window.valid_from, registered_end)
        yield "the key's statement and the registry disagree", registered, found
