"""What the issuer registry holds, as values: registrars, legal entities, their links and recoveries, their keys.

Times are unix seconds, None where the contract stores "not set".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag

from passport.ledger.chain_id import Address
from passport.ledger.entity import IssuerId

RECOVERY_DELAY_S = 7 * 24 * 3600
"""How long a controller can veto its replacement at least, as the contract has it."""


class AccountPurpose(IntFlag):
    """What a bound account may do."""

    ANCHOR = 1
    STATUS = 2


class KeyPurpose(IntFlag):
    """What a bound credential key may do."""

    ASSERT = 1


class EntityRole(IntFlag):
    """What a legal entity is to a supply chain, as its voucher says."""

    MANUFACTURER = 1
    SUPPLIER = 2
    AUDITOR = 4
    REGISTRAR = 8
    RECYCLER = 16
    NODE_OPERATOR = 32


class LinkState(IntEnum):
    """How an identifier stands to others of the same legal entity."""

    ALONE = 0
    LINKED = 1
    PRIMARY = 2


class RecoveryState(IntEnum):
    """How far the replacement of a lost controller has come."""

    PENDING = 1
    VETOED = 2
    EXECUTED = 3
    VOIDED = 4


@dataclass(frozen=True, slots=True)
class RegistrarRecord:
    """An account that may register legal entities.

    Args:
        address: The account.
        issuer_id: The legal entity that answers for it.
        accreditor: Who accredited it; None for the root.
        accredited_at: Unix seconds.
        bad_from: What it did from then on is void; None while it is trusted.
    """

    address: Address
    issuer_id: IssuerId
    accreditor: Address | None
    accredited_at: int
    bad_from: int | None


@dataclass(frozen=True, slots=True)
class IssuerRecord:
    """A registered legal entity.

    Args:
        issuer_id: Its id.
        issuer_no: Its short number; the first is 1.
        controller: The account that binds its keys.
        registrar: The account that vouches for it.
        registered_at: Unix seconds.
        suspended_at: Suspended since; None while it is not.
        evidence_hash: SHA-256 of the evidence that ties it to its keys, 32 bytes.
        roles: What its voucher says it is.
        void_from: What it did from then on is void, because its registration was annulled; None while it stands.
        link_state: Whether it is linked to a primary, or the primary of others.
    """

    issuer_id: IssuerId
    issuer_no: int
    controller: Address
    registrar: Address
    registered_at: int
    suspended_at: int | None
    evidence_hash: bytes
    roles: EntityRole
    void_from: int | None
    link_state: LinkState


@dataclass(frozen=True, slots=True)
class EntityLink:
    """That an identifier names the same legal entity as another, or that its controller says so.

    Args:
        primary_id: The other one.
        agreed_by: The controller of both that agreed.
        requested_at: When it did (unix seconds).
        linked_at: Since when a voucher confirms it; None while it is only requested.
    """

    primary_id: IssuerId
    agreed_by: Address
    requested_at: int
    linked_at: int | None


@dataclass(frozen=True, slots=True)
class RecoveryRecord:
    """The replacement of a controller that was lost or stolen.

    Args:
        controller: The new controller that was asked for.
        requested_by: The registrar that asked.
        requested_at: When (unix seconds).
        ended_at: When it was vetoed, executed or voided; None while it is pending.
        state: Which of the four; voided: the registrar that asked was bad when it did.
    """

    controller: Address
    requested_by: Address
    requested_at: int
    ended_at: int | None
    state: RecoveryState

    @property
    def executable_from(self) -> int:
        """From when on it can be executed, unless the present controller refuses (unix seconds)."""
        return self.requested_at + RECOVERY_DELAY_S


@dataclass(frozen=True, slots=True)
class OrganisationKeyRecord:
    """An X.509 key that signed, on the chain, that a controller speaks for its entity.

    Args:
        key_hash: SHA-256 of its SubjectPublicKeyInfo, 32 bytes.
        controller: The controller it signed for, which need not be the present one.
        proven_at: When that was shown (unix seconds).
    """

    key_hash: bytes
    controller: Address
    proven_at: int


@dataclass(frozen=True, slots=True)
class Suspension:
    """A time in which a legal entity was suspended: from `began_at` to before `ended_at`; None while it lasts."""

    began_at: int
    ended_at: int | None

    def covers(self, time: int) -> bool:
        """Whether `time` (unix seconds) lies in it."""
        return self.began_at <= time and (self.ended_at is None or time < self.ended_at)


@dataclass(frozen=True, slots=True)
class KeyWindow:
    """When a key is good: from `valid_from`, before `valid_until` and before `bad_from` (None: no such limit)."""

    valid_from: int
    valid_until: int | None
    bad_from: int | None

    def holds(self, time: int) -> bool:
        """Whether the key is good at `time` (unix seconds)."""
        return (
            self.valid_from <= time
            and (self.valid_until is None or time < self.valid_until)
            and (self.bad_from is None or time < self.bad_from)
        )


@dataclass(frozen=True, slots=True)
class AccountKeyRecord:
    """An account bound to a legal entity: once, to one, for ever.

    Args:
        account: The account.
        issuer_no: The entity's number; `RegistryView.issuer_id_of` gives its id.
        key_no: The account's own number, which checkpoints name.
        window: When it is good.
        purposes: What it may do.
    """

    account: Address
    issuer_no: int
    key_no: int
    window: KeyWindow
    purposes: AccountPurpose


@dataclass(frozen=True, slots=True)
class CredentialKeyRecord:
    """A key that signs passports for a legal entity.

    Args:
        issuer_id: The entity.
        key_hash: SHA-256 of the key's Multikey text, 32 bytes.
        bound_at: Unix seconds.
        window: When it is good.
        purposes: What it may do.
    """

    issuer_id: IssuerId
    key_hash: bytes
    bound_at: int
    window: KeyWindow
    purposes: KeyPurpose
