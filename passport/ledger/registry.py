"""Read the issuer registry out of a state, slot by slot: who is registered, by whom, and which keys are bound.

Works alike on a live chain and on proven state; times are unix seconds, None where the contract stores "not set".
"""

from __future__ import annotations

from functools import cache
from typing import Any

from contracts import load
from passport.errors import LedgerError, NotFoundError
from passport.ledger.chain_id import Address
from passport.ledger.entity import MAX_GENERATIONS, IssuerId, issuer_id, issuer_id_bytes, issuer_id_text
from passport.ledger.layout import StorageLayout, read_kind
from passport.ledger.protocol import StateView
from passport.ledger.registry_records import (
    AccountKeyRecord,
    AccountPurpose,
    CredentialKeyRecord,
    EntityLink,
    EntityRole,
    IssuerRecord,
    KeyPurpose,
    KeyWindow,
    LinkState,
    OrganisationKeyRecord,
    RecoveryRecord,
    RecoveryState,
    RegistrarRecord,
    Suspension,
)

MAX_PAST_SUSPENSIONS = 4096
"""More than this nobody needs listed; `suspension_covering` finds one among any number."""

MAX_RECOVERIES = 16
"""So many are listed: whoever is asked again and again to hand over knows where to look for the rest."""

_NOBODY = "0x0000000000000000000000000000000000000000"


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
            roles=EntityRole(record["roles"]),
            void_from=record["voidFrom"] or None,
            link_state=read_kind(LinkState, record["linkState"], what="state of a link"),
        )

    def current_issuer_id(self, scheme: str, identifier: str) -> IssuerId:
        """The id that an identifier has now: its first whose registration is not annulled, registered or free.

        Raises:
            LedgerError: a malformed identifier, or more than `MAX_GENERATIONS` annulled registrations.
        """
        return issuer_id(scheme, identifier, self.current_generation(scheme, identifier))

    def current_generation(self, scheme: str, identifier: str) -> int:
        """How many registrations of an identifier are annulled: the generation of the id that it has now.

        Raises:
            LedgerError: a malformed identifier, or more than `MAX_GENERATIONS` annulled registrations.
        """
        for generation in range(MAX_GENERATIONS):
            issuer = self.issuer(issuer_id(scheme, identifier, generation))
            if issuer is None or issuer.void_from is None:
                return generation
        raise LedgerError(
            "too many annulled registrations of one identifier",
            where=f"{scheme} {identifier}",
            expected=f"fewer than {MAX_GENERATIONS}",
        )

    def registrations(self, scheme: str, identifier: str) -> tuple[IssuerRecord, ...]:
        """Every registration of an identifier, the annulled ones first: the last is in force unless it is void too.

        Raises:
            LedgerError: a malformed identifier, or more than `MAX_GENERATIONS` annulled registrations.
        """
        generation = self.current_generation(scheme, identifier)
        found = (self.issuer(issuer_id(scheme, identifier, each)) for each in range(generation + 1))
        return tuple(issuer for issuer in found if issuer is not None)

    def in_force(self, scheme: str, identifier: str) -> IssuerRecord:
        """The registration of an identifier that is not annulled.

        Raises:
            NotFoundError: there is none; the message tells apart what was never registered and what was annulled.
            LedgerError: a malformed identifier, or more than `MAX_GENERATIONS` annulled registrations.
        """
        known = self.registrations(scheme, identifier)
        where = f"{scheme}:{identifier}"
        if not known:
            raise NotFoundError("nobody is registered by that name", where=where)
        if known[-1].void_from is not None:
            raise NotFoundError(
                "the registration was annulled, and nobody is registered by that name since",
                where=where,
                found=", ".join(issuer.issuer_id for issuer in known),
                hint="name what is meant by its id",
            )
        return known[-1]

    def is_id_of(self, candidate: str, scheme: str, identifier: str) -> bool:
        """Whether `candidate` is the id of that identifier: of its first registration, or of one after annulled ones.

        Raises:
            LedgerError: a malformed identifier.
        """
        for generation in range(MAX_GENERATIONS):
            own = issuer_id(scheme, identifier, generation)
            if own == candidate:
                return True
            issuer = self.issuer(own)
            if issuer is None or issuer.void_from is None:
                return False
        return False

    def link(self, issuer_id: str) -> EntityLink | None:
        """An entity's link to a primary, made or only requested; None if there is neither."""
        record = self._struct("_links", issuer_id_bytes(issuer_id))
        if not record["requestedAt"]:
            return None
        return EntityLink(
            primary_id=issuer_id_text(record["primaryId"]),
            agreed_by=record["agreedBy"],
            requested_at=record["requestedAt"],
            linked_at=record["linkedAt"] or None,
        )

    def primary_of(self, issuer_id: IssuerId) -> IssuerId:
        """The one that stands for all identifiers of a legal entity: itself, or what it is linked to."""
        issuer = self.issuer(issuer_id)
        if issuer is None or issuer.link_state is not LinkState.LINKED:
            return issuer_id
        link = self.link(issuer_id)
        return issuer_id if link is None else link.primary_id

    def recoveries(self, issuer_id: str) -> tuple[RecoveryRecord, ...]:
        """Replacements of the entity's controller that were asked for: the last `MAX_RECOVERIES`, the oldest first."""
        count = _layout().length(self.state, self.address, "_recoveries", issuer_id_bytes(issuer_id))
        return tuple(self._recovery(issuer_id, at) for at in range(max(0, count - MAX_RECOVERIES), count))

    def organisation_key(self, issuer_id: str) -> OrganisationKeyRecord | None:
        """The X.509 key that signed for the entity, or None: none did."""
        record = self._struct("_organisationKeys", issuer_id_bytes(issuer_id))
        if not record["provenAt"]:
            return None
        return OrganisationKeyRecord(record["keyHash"], record["controller"], record["provenAt"])

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

    def bad_from_of(self, key_no: int) -> int | None:
        """Since when the account with that number is compromised; None if no compromise was reported.

        A checkpoint names its account by number alone. That the account was bound to the entity, with the purpose and
        in its window, the log has judged at the commit; what can come out later is this.
        """
        bad_from: Any = _layout().read(self.state, self.address, "_badFromOf", key_no)
        return bad_from or None

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

    def _recovery(self, issuer_id: str, at: int) -> RecoveryRecord:
        record = self._struct("_recoveries", issuer_id_bytes(issuer_id), at)
        return RecoveryRecord(
            controller=record["controller"],
            requested_by=record["by"],
            requested_at=record["requestedAt"],
            ended_at=record["endedAt"] or None,
            state=read_kind(RecoveryState, record["state"], what="state of a recovery"),
        )
