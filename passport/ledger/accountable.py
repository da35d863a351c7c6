"""Who is accountable for an account, a credential key or a legal entity, up to a trusted root, with the reasons."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from passport.errors import LedgerError
from passport.ledger.authority import (
    Judgement,
    RegistrarChain,
    account_key_good_at,
    credential_key_good_at,
    entity_good_at,
    registrar_chain,
    suspended_at,
)
from passport.ledger.chain_id import Address
from passport.ledger.entity import IssuerId
from passport.ledger.registry import RegistryView
from passport.ledger.registry_records import IssuerRecord, KeyWindow, Suspension

MAX_ENTITIES = 100_000
"""So many legal entities are asked, one after the other, for a key that names none of them."""


@dataclass(frozen=True, slots=True)
class Accountable:
    """Who answers for something on the registry.

    Attributes:
        subject: The account, the SHA-256 of a credential key (`0x...`) or the entity itself.
        window: When the key is good; None for an entity.
        purposes: What the key may do, by name.
        key: Whether the key is good at the moment asked for, and why; None for an entity.
        entity: The legal entity that answers for it.
        primary_id: The identifier that the entity's is linked to, or its own.
        standing: Whether the entity was vouched for and not suspended at that moment, and why.
        chain: The registrars up to a trusted root.
        suspension: The suspension that covers the moment, if one does.
    """

    subject: str
    window: KeyWindow | None
    purposes: tuple[str, ...]
    key: Judgement | None
    entity: IssuerRecord
    primary_id: IssuerId
    standing: Judgement
    chain: RegistrarChain
    suspension: Suspension | None

    @property
    def is_good(self) -> bool:
        """Whether somebody answers for it at that moment."""
        return self.standing.good and (self.key is None or self.key.good)


def accountable_for_account(
    registry: RegistryView, account: Address, *, time: int, roots: Collection[Address]
) -> Accountable | None:
    """Who answers for an account; None: nobody ever bound it.

    Args:
        registry: The registry as of some block.
        account: The account.
        time: The moment asked for, unix seconds, not after the block.
        roots: Registrars the reader trusts from outside.

    Raises:
        LedgerError: The moment is after the state's block.
        ProofError: The state does not prove a step.
    """
    record = registry.account_key(account)
    issuer_id = registry.issuer_id_of(record.issuer_no) if record else None
    if record is None or issuer_id is None:
        return None
    judged = _strongest(
        account_key_good_at(registry, account, issuer_id=issuer_id, time=time, purpose=purpose)
        for purpose in record.purposes
    )
    purposes = tuple(purpose.name or "" for purpose in record.purposes)
    return _accountable(registry, issuer_id, account, record.window, purposes, judged, time=time, roots=roots)


def accountable_for_key(
    registry: RegistryView,
    key_hash: bytes,
    *,
    issuer_ids: Iterable[IssuerId] | None = None,
    time: int,
    roots: Collection[Address],
) -> list[Accountable]:
    """Who answers for a credential key: every entity that bound it, for the registry lets each bind what it likes.

    Args:
        registry: The registry as of some block.
        key_hash: SHA-256 of the key's Multikey text, 32 bytes.
        issuer_ids: The entities to ask; None asks all that are registered, `MAX_ENTITIES` at most.
        time: The moment asked for, unix seconds.
        roots: Registrars the reader trusts from outside.

    Raises:
        LedgerError: The moment is after the state's block.
        ProofError: The state does not prove a step.
    """
    found = []
    for issuer_id in issuer_ids if issuer_ids is not None else registered(registry):
        record = registry.credential_key(issuer_id, key_hash)
        if record is None:
            continue
        judged = credential_key_good_at(registry, issuer_id, key_hash, time=time)
        purposes = tuple(purpose.name or "" for purpose in record.purposes)
        name = "0x" + key_hash.hex()
        found.append(_accountable(registry, issuer_id, name, record.window, purposes, judged, time=time, roots=roots))
    return found


def accountable_for_entity(
    registry: RegistryView, issuer_id: IssuerId, *, time: int, roots: Collection[Address]
) -> Accountable | None:
    """Who vouches for a legal entity; None: it is not registered. The arguments are those of the other two.

    Raises:
        LedgerError: The moment is after the state's block.
        ProofError: The state does not prove a step.
    """
    if registry.issuer(issuer_id) is None:
        return None
    return _accountable(registry, issuer_id, issuer_id, None, (), None, time=time, roots=roots)


def registered(registry: RegistryView) -> Iterator[IssuerId]:
    """The ids of all registered entities, in the order of their registration."""
    for number in range(1, MAX_ENTITIES + 1):
        issuer_id = registry.issuer_id_of(number)
        if issuer_id is None:
            return
        yield issuer_id


def _accountable(
    registry: RegistryView,
    issuer_id: IssuerId,
    subject: str,
    window: KeyWindow | None,
    purposes: tuple[str, ...],
    key: Judgement | None,
    *,
    time: int,
    roots: Collection[Address],
) -> Accountable:
    entity = registry.issuer(issuer_id)
    if entity is None:
        raise LedgerError("the registry names an entity that it does not hold", where=issuer_id)
    return Accountable(
        subject=subject,
        window=window,
        purposes=purposes,
        key=key,
        entity=entity,
        primary_id=registry.primary_of(issuer_id),
        standing=entity_good_at(registry, issuer_id, time=time, roots=roots),
        chain=registrar_chain(registry, issuer_id, roots=roots),
        suspension=suspended_at(registry, issuer_id, time=time),
    )


def _strongest(judgements: Iterable[Judgement]) -> Judgement | None:
    """One that holds, else the first that does not: the window of a key is the same for all its purposes."""
    listed = list(judgements)
    return next((each for each in listed if each.good), listed[0] if listed else None)
