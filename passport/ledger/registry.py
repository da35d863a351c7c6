"""Read the issuer registry out of a state, slot by slot: who is registered, by whom, and which keys are bound.

Works alike on a live chain and on proven state; times are unix seconds, None where the contract stores "not set".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from functools import cache
from typing import Any

from contracts import load
from passport.errors import LedgerError
from passport.ledger.chain_id import Address
from passport.ledger.entity import IssuerId, issuer_id_bytes, issuer_id_text
from passport.ledger.layout import StorageLayout
from passport.ledger.protocol import StateView

MAX_PAST_SUSPENSIONS = 4096
"""More than this nobody needs listed; `suspension_covering` finds one among any number."""

_NOBODY = "0x0000000000000000000000000000000000000000"


class AccountPurpose(IntFlag):
    """What a bound account may do."""

    ANCHOR = 1
    STATUS = 2


class KeyPurpose(IntFlag):
    """What a bound credential key may do."""

    ASSERT = 1


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
    """

    issuer_id: IssuerId
    issuer_no: int
    controller: Address
    registrar: Address
    registered_at: int
    suspended_at: int | None
    evidence_hash: bytes


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


@cache
def _layout() -> StorageLayout:
    return StorageLayout(load("IssuerRegistry").storage_layout)


def _window(record: dict[str, Any]) -> KeyWindow:
    return KeyWindow(record["from"], record["until"] or None, record["badFrom"] or None)


class RegistryView:
    """The registry at `address`, as of the block of `state`.

    Every method raises `ProofError` where the state does not prove what it would read.

    Args:
        state: Live or proven.
        address: Where the registry lives.
    """

    def __init__(self, state: StateView, address: Address) -> None:
        self.state = state
        self.address = address

    def issuer(self, issuer_id: str) -> IssuerRecord | None:
        """A legal entity, or None: nobody registered it."""
        record = self._struct("_issuers", issuer_id_bytes(issuer_id))
        if not record["registeredAt"]:
            return None
        return IssuerRecord(
            issuer_id=IssuerId(issuer_id),
            issuer_no=record["issuerNo"],
            controller=record["controller"],
            registrar=record["registrar"],
            registered_at=record["registeredAt"],
            suspended_at=record["suspendedAt"] or None,
            evidence_hash=record["evidenceHash"],
        )

    def issuer_id_of(self, issuer_no: int) -> IssuerId | None:
        """The entity of a number, or None."""
        raw: Any = _layout().read(self.state, self.address, "_issuerIdOf", issuer_no)
        return issuer_id_text(raw) if any(raw) else None

    def past_suspensions(self, issuer_id: str) -> tuple[Suspension, ...]:
        """Suspensions that have ended, oldest first.

        Raises:
            LedgerError: more than `MAX_PAST_SUSPENSIONS`.
        """
        count = self._past_suspension_count(issuer_id)
        if count > MAX_PAST_SUSPENSIONS:
            raise LedgerError(
                "too many past suspensions to list", expected=f"at most {MAX_PAST_SUSPENSIONS}", found=count
            )
        return tuple(self._past_suspension(issuer_id, at) for at in range(count))

    def suspension_covering(self, issuer_id: str, time: int) -> Suspension | None:
        """The suspension, past or present, that covers `time` (unix seconds); None if there is none."""
        issuer = self.issuer(issuer_id)
        if issuer is not None and issuer.suspended_at is not None and time >= issuer.suspended_at:
            return Suspension(issuer.suspended_at, None)
        # They follow one another, so the last that began by `time` decides: found by halving.
        low, high = 0, self._past_suspension_count(issuer_id)
        while low < high:
            middle = (low + high) // 2
            if self._past_suspension(issuer_id, middle).began_at <= time:
                low = middle + 1
            else:
                high = middle
        last = self._past_suspension(issuer_id, low - 1) if low else None
        return last if last is not None and last.covers(time) else None

    def registrar(self, address: Address) -> RegistrarRecord | None:
        """A registrar, or None: that account was never accredited."""
        record = self._struct("_registrars", address)
        if not record["accreditedAt"]:
            return None
        return RegistrarRecord(
            address=address,
            issuer_id=issuer_id_text(record["issuerId"]),
            accreditor=None if record["accreditor"] == _NOBODY else record["accreditor"],
            accredited_at=record["accreditedAt"],
            bad_from=record["badFrom"] or None,
        )

    def account_key(self, account: Address) -> AccountKeyRecord | None:
        """The binding of an account, or None: it speaks for nobody."""
        record = self._struct("_accountKeys", account)
        if not record["issuerNo"]:
            return None
        return AccountKeyRecord(
            account=account,
            issuer_no=record["issuerNo"],
            key_no=record["keyNo"],
            window=_window(record),
            purposes=AccountPurpose(record["purposes"]),
        )

    def account_of(self, key_no: int) -> Address | None:
        """The account of a key number, or None."""
        address: Any = _layout().read(self.state, self.address, "_accountOf", key_no)
        return None if address == _NOBODY else address

    def credential_key(self, issuer_id: str, key_hash: bytes) -> CredentialKeyRecord | None:
        """A credential key of an entity, or None: that entity never bound it."""
        record = self._struct("_credentialKeys", issuer_id_bytes(issuer_id), key_hash)
        if not record["boundAt"]:
            return None
        return CredentialKeyRecord(
            issuer_id=IssuerId(issuer_id),
            key_hash=key_hash,
            bound_at=record["boundAt"],
            window=_window(record),
            purposes=KeyPurpose(record["purposes"]),
        )

    def _struct(self, variable: str, *keys: Any) -> dict[str, Any]:
        return _layout().read_struct(self.state, self.address, variable, *keys)

    def _past_suspension_count(self, issuer_id: str) -> int:
        return _layout().length(self.state, self.address, "_pastSuspensions", issuer_id_bytes(issuer_id))

    def _past_suspension(self, issuer_id: str, at: int) -> Suspension:
        record = self._struct("_pastSuspensions", issuer_id_bytes(issuer_id), at)
        return Suspension(record["from"], record["until"])
