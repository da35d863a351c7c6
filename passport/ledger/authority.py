"""Judge who may speak for a legal entity at a time, and say why: keys, suspensions, and the chain of registrars.

The same rules as the registry contract's `authorisedAt`, with reasons, and with the trusted roots named by the reader
instead of by the contract. All of it reads state only, so it works on proofs years later.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from passport.errors import LedgerError
from passport.ledger.chain_id import Address
from passport.ledger.entity import IssuerId
from passport.ledger.registry import RegistryView
from passport.ledger.registry_records import AccountPurpose, KeyPurpose, KeyWindow, RegistrarRecord, Suspension

MAX_ACCREDITATIONS = 8
"""The most accreditations between a root and a registrar, as the contract has it."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether something held, and why or why not.

    Args:
        good: True if it held.
        reason: One sentence; says what decided it.
    """

    good: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RegistrarStep:
    """One link of a chain of registrars.

    Args:
        registrar: Who vouched.
        time: When it did so (unix seconds): registered the entity, or accredited the registrar below.
    """

    registrar: RegistrarRecord
    time: int


@dataclass(frozen=True, slots=True)
class RegistrarChain:
    """The registrars between a legal entity and a trusted root.

    Args:
        steps: From the one that registered the entity upwards, as far as it was good.
        broken: Why it does not reach a trusted root; None if it does.
    """

    steps: tuple[RegistrarStep, ...]
    broken: str | None

    @property
    def good(self) -> bool:
        """Whether it reaches a trusted root."""
        return self.broken is None


def registrar_chain(registry: RegistryView, issuer_id: IssuerId, *, roots: Collection[Address]) -> RegistrarChain:
    """Follow who vouches for an entity up to a trusted root.

    Every registrar must have been accredited when it vouched, and its `bad_from` must not reach back over that moment.
    None but a root vouches for its own legal entity, under whatever identifier that is linked: neither for the entity
    in question, anywhere in the chain, nor for the registrar it accredits.

    Args:
        registry: The registry as of some block.
        issuer_id: The entity.
        roots: Registrars the reader trusts from outside.

    Raises:
        ProofError: the state does not prove a step.
    """
    issuer = registry.issuer(issuer_id)
    if issuer is None:
        return RegistrarChain((), f"no legal entity is registered under {issuer_id}")
    steps: list[RegistrarStep] = []
    address, time, act = issuer.registrar, issuer.registered_at, f"registered {issuer_id}"
    subject = below = registry.primary_of(issuer_id)
    while len(steps) <= MAX_ACCREDITATIONS:
        registrar = registry.registrar(address)
        if registrar is None:
            return RegistrarChain(tuple(steps), f"{address} {act} but was never accredited")
        if registrar.accredited_at > time:
            return RegistrarChain(
                tuple(steps), f"{address} {act} at {time}, before it was accredited at {registrar.accredited_at}"
            )
        if registrar.bad_from is not None and time >= registrar.bad_from:
            return RegistrarChain(
                tuple(steps), f"{address} {act} at {time}, and what it did from {registrar.bad_from} on is void"
            )
        if address in roots:
            return RegistrarChain((*steps, RegistrarStep(registrar, time)), None)
        own = registry.primary_of(registrar.issuer_id)
        if own == subject:
            return RegistrarChain(
                tuple(steps), f"{address} {act}, and {issuer_id} is the very entity that answers for it"
            )
        if own == below:
            return RegistrarChain(tuple(steps), f"{address} {act}, which its own legal entity answers for")
        steps.append(RegistrarStep(registrar, time))
        below = own
        if registrar.accreditor is None:
            return RegistrarChain(tuple(steps), f"the chain ends at {address}, which is not among the trusted roots")
        address, time, act = registrar.accreditor, registrar.accredited_at, f"accredited {address}"
    return RegistrarChain(tuple(steps), f"the chain is longer than {MAX_ACCREDITATIONS} accreditations")


def registrar_good_at(registry: RegistryView, registrar: Address, *, time: int) -> bool:
    """Whether a registrar, and every one its accreditation hangs on, was good at `time` (unix seconds), as known now.

    The contract's `registrarGoodAt` but for who answers for whom, which `registrar_chain` judges of an entity.

    Raises:
        ProofError: the state does not prove a step.
    """
    address: Address | None = registrar
    for _ in range(MAX_ACCREDITATIONS + 1):
        record = registry.registrar(address) if address is not None else None
        if record is None or record.accredited_at > time:
            return False
        if record.bad_from is not None and time >= record.bad_from:
            return False
        if record.accreditor is None:
            return True
        address, time = record.accreditor, record.accredited_at
    return False


def suspended_at(registry: RegistryView, issuer_id: IssuerId, *, time: int) -> Suspension | None:
    """The suspension of an entity that covers `time` (unix seconds), or that of its primary once linked; or None.

    Raises:
        LedgerError: `time` is after the state's block, so it cannot be told.
        ProofError: the state does not prove it.
    """
    _require_reached(registry, time)
    own = registry.suspension_covering(issuer_id, time)
    if own is not None or registry.primary_of(issuer_id) == issuer_id:
        return own
    link = registry.link(issuer_id)
    if link is None or link.linked_at is None or time < link.linked_at:
        return None
    return registry.suspension_covering(link.primary_id, time)


def entity_good_at(registry: RegistryView, issuer_id: IssuerId, *, time: int, roots: Collection[Address]) -> Judgement:
    """Whether an entity was vouched for up to a trusted root, and neither void nor suspended at `time` (unix seconds).

    Raises:
        LedgerError: `time` is after the state's block, so it cannot be told.
        ProofError: the state does not prove it.
    """
    chain = registrar_chain(registry, issuer_id, roots=roots)
    if chain.broken is not None:
        return Judgement(False, chain.broken)
    issuer = registry.issuer(issuer_id)
    if issuer is not None and issuer.void_from is not None and time >= issuer.void_from:
        return Judgement(
            False, f"the registration of {issuer_id} is annulled: what it did from {issuer.void_from} is void"
        )
    suspension = suspended_at(registry, issuer_id, time=time)
    if suspension is not None:
        end = "and still is" if suspension.ended_at is None else f"until {suspension.ended_at}"
        whose = issuer_id if registry.suspension_covering(issuer_id, time) else f"the primary of {issuer_id}"
        return Judgement(False, f"{whose} was suspended from {suspension.began_at} {end}")
    # Registration comes before every binding on the chain; an entity asked about earlier did not exist there yet.
    registered_at = chain.steps[0].time
    if time < registered_at:
        return Judgement(False, f"{issuer_id} was registered only at {registered_at}")
    return Judgement(True, f"{issuer_id} was vouched for by {len(chain.steps)} registrar(s) up to a trusted root")


def account_key_good_at(
    registry: RegistryView,
    account: Address,
    *,
    issuer_id: IssuerId,
    time: int,
    purpose: AccountPurpose = AccountPurpose.ANCHOR,
) -> Judgement:
    """Whether an account spoke for an entity at `time` (unix seconds); the entity itself is judged apart.

    Raises:
        LedgerError: `time` is after the state's block, so it cannot be told.
        ProofError: the state does not prove it.
    """
    _require_reached(registry, time)
    key = registry.account_key(account)
    if key is None:
        return Judgement(False, f"{account} is bound to no legal entity")
    bound_to = registry.issuer_id_of(key.issuer_no)
    if bound_to != issuer_id:
        return Judgement(False, f"{account} is bound to {bound_to}, not to {issuer_id}")
    if purpose not in key.purposes:
        return Judgement(False, f"{account} is bound without the purpose {purpose.name}")
    return _window_judgement(f"account {account}", key.window, time)


def anchoring_key_good_at(registry: RegistryView, key_no: int, *, time: int) -> Judgement:
    """Whether the account behind a checkpoint committed at `time` (unix seconds) was still in its entity's hands.

    That it was bound to the entity, with the purpose ANCHOR and in its window, the log contract has judged at the
    commit; a compromise that reaches back over that moment is all that can come out later.

    Raises:
        LedgerError: `time` is after the state's block, so it cannot be told.
        ProofError: the state does not prove it.
    """
    _require_reached(registry, time)
    bad_from = registry.bad_from_of(key_no)
    if bad_from is not None and time >= bad_from:
        return Judgement(False, f"account number {key_no} was compromised from {bad_from}, so not good at {time}")
    return Judgement(True, f"account number {key_no} was good at {time}")


def credential_key_good_at(
    registry: RegistryView,
    issuer_id: IssuerId,
    key_hash: bytes,
    *,
    time: int,
    purpose: KeyPurpose = KeyPurpose.ASSERT,
) -> Judgement:
    """Whether a credential key signed for an entity at `time` (unix seconds); the entity itself is judged apart.

    Raises:
        LedgerError: `time` is after the state's block, so it cannot be told.
        ProofError: the state does not prove it.
    """
    _require_reached(registry, time)
    key = registry.credential_key(issuer_id, key_hash)
    if key is None:
        return Judgement(False, f"{issuer_id} has not bound the credential key 0x{key_hash.hex()}")
    if purpose not in key.purposes:
        return Judgement(False, f"the credential key 0x{key_hash.hex()} is bound without the purpose {purpose.name}")
    return _window_judgement(f"credential key 0x{key_hash.hex()}", key.window, time)


def _window_judgement(subject: str, window: KeyWindow, time: int) -> Judgement:
    if time < window.valid_from:
        return Judgement(False, f"{subject} is good only from {window.valid_from}, not at {time}")
    if window.bad_from is not None and time >= window.bad_from:
        return Judgement(False, f"{subject} was compromised from {window.bad_from}, so not good at {time}")
    if window.valid_until is not None and time >= window.valid_until:
        return Judgement(False, f"{subject} was retired at {window.valid_until}, so not good at {time}")
    return Judgement(True, f"{subject} was good at {time}")


def _require_reached(registry: RegistryView, time: int) -> None:
    block_time = registry.state.block.timestamp
    if time > block_time:
        raise LedgerError(
            "what holds after the state's block cannot be told yet",
            expected=f"a time up to {block_time}",
            found=time,
            hint="use the state of a later block",
        )
