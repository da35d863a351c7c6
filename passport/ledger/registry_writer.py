"""Write to the issuer registry: a `Call` for each function, and the signatures it asks for."""

from __future__ import annotations

from typing import Any

from passport.ledger.account import Account, typed_message
from passport.ledger.chain_id import Address, ChainRef, parse_address
from passport.ledger.entity import issuer_id_bytes, normal_identifier
from passport.ledger.registry_records import AccountPurpose, EntityRole, KeyPurpose
from passport.ledger.transactions import Call
from passport.ledger.typed_data import typed_data
from passport.ledger.writers import PauseWriter

_BIND_TYPE = "BindAccountKey(bytes32 issuerId,address account,uint8 purposes,uint40 from,uint40 until)"
_ORGANISATION_TYPE = "BindIssuer(bytes32 issuerId,address controller)"
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class RegistryWriter(PauseWriter):
    """Calls of the registry at `address` on `chain`; times are unix seconds, 0 for "not set".

    Args:
        address: Where the registry lives.
        chain: On which chain; signatures are worth nothing on another.
    """

    def __init__(self, address: Address, chain: ChainRef) -> None:
        super().__init__(address, chain, "IssuerRegistry")

    def accredit_registrar(self, registrar: Address, issuer_id: str) -> Call:
        """Make `registrar` a registrar for which `issuer_id` answers; sent by a registrar."""
        return self._call("accreditRegistrar", registrar, issuer_id_bytes(issuer_id))

    def withdraw_registrar(self, registrar: Address, *, bad_from: int) -> Call:
        """Declare void what `registrar` did from `bad_from` on; sent by its accreditor or the root."""
        return self._call("withdrawRegistrar", registrar, bad_from)

    def register_issuer(
        self, scheme: str, identifier: str, *, controller: Address, evidence_hash: bytes, evidence_uri: str = ""
    ) -> Call:
        """Register a legal entity; sent by a registrar.

        Raises:
            LedgerError: the identifier is malformed.
        """
        return self._call(
            "registerIssuer", scheme, normal_identifier(scheme, identifier), controller, evidence_hash, evidence_uri
        )

    def update_evidence(self, issuer_id: str, *, evidence_hash: bytes, evidence_uri: str = "") -> Call:
        """Replace the evidence about an entity; sent by its registrar."""
        return self._call("updateEvidence", issuer_id_bytes(issuer_id), evidence_hash, evidence_uri)

    def set_controller(self, issuer_id: str, controller: Address) -> Call:
        """Hand an entity to another controller; sent by the present one."""
        return self._call("setController", issuer_id_bytes(issuer_id), controller)

    def request_recovery(self, issuer_id: str, controller: Address) -> Call:
        """Ask for another controller, seven days ahead; sent by the entity's registrar or that one's accreditor."""
        return self._call("requestRecovery", issuer_id_bytes(issuer_id), controller)

    def veto_recovery(self, issuer_id: str) -> Call:
        """Refuse the pending recovery; sent by the present controller."""
        return self._call("vetoRecovery", issuer_id_bytes(issuer_id))

    def execute_recovery(self, issuer_id: str) -> Call:
        """Execute the recovery that nobody refused; sent by anyone, when it is due."""
        return self._call("executeRecovery", issuer_id_bytes(issuer_id))

    def set_roles(self, issuer_id: str, roles: EntityRole) -> Call:
        """Say which roles an entity has; sent by its registrar, that one's accreditor or the root."""
        return self._call("setRoles", issuer_id_bytes(issuer_id), int(roles))

    def annul_issuer(self, issuer_id: str, *, void_from: int) -> Call:
        """Annul a registration and free its identifier; sent by the accreditor of its registrar, or the root."""
        return self._call("annulIssuer", issuer_id_bytes(issuer_id), void_from)

    def restore_issuer(self, scheme: str, identifier: str, *, generation: int = 0) -> Call:
        """Take an annulment back while nobody else holds the identifier; sent by the root.

        Raises:
            LedgerError: the identifier is malformed.
        """
        return self._call("restoreIssuer", scheme, normal_identifier(scheme, identifier), generation)

    def request_link(self, issuer_id: str, primary_id: str) -> Call:
        """Agree that both name one legal entity; sent by the controller of both."""
        return self._call("requestLink", issuer_id_bytes(issuer_id), issuer_id_bytes(primary_id))

    def link_issuer(self, issuer_id: str, primary_id: str) -> Call:
        """Confirm that, for good; sent by the registrar of `issuer_id`, that one's accreditor or the root."""
        return self._call("linkIssuer", issuer_id_bytes(issuer_id), issuer_id_bytes(primary_id))

    def set_guardian(self, guardian: Address) -> Call:
        """Say who may pause registry and logs beside the root; sent by the root."""
        return self._call("setGuardian", guardian)

    def organisation_message(self, issuer_id: str, controller: Address) -> bytes:
        """The 66 bytes that an X.509 organisation key signs with SHA-256: the EIP-712 message before it is hashed."""
        words = (issuer_id_bytes(issuer_id), parse_address(controller))
        return typed_message(self._domain, _ORGANISATION_TYPE, words)

    def binding_typed_data(
        self, issuer_id: str, account: Address, *, purposes: AccountPurpose, valid_from: int = 0, valid_until: int = 0
    ) -> dict[str, Any]:
        """What an account signs to be bound, as the JSON that wallets take: for accounts whose key is not here."""
        values = (issuer_id_bytes(issuer_id), account, int(purposes), valid_from, valid_until)
        return typed_data(self._domain, _BIND_TYPE, values)

    def prove_rsa_organisation_key(self, issuer_id: str, *, modulus: bytes, signature: bytes) -> Call:
        """Show that an RSA key signed `organisation_message`, PKCS#1 v1.5; sent by the controller."""
        return self._call("proveRsaOrganisationKey", issuer_id_bytes(issuer_id), modulus, signature)

    def prove_p256_organisation_key(
        self, issuer_id: str, *, public_point: tuple[bytes, bytes], signature: tuple[int, int]
    ) -> Call:
        """Show that a P-256 key signed `organisation_message`; sent by the controller.

        Args:
            issuer_id: The entity.
            public_point: x and y, 32 bytes each.
            signature: r and s as the key gave them; the lower of the two forms of s is sent, as the contract asks.
        """
        r, s = signature
        halves = [value.to_bytes(32, "big") for value in (r, min(s, _P256_ORDER - s))]
        return self._call("proveP256OrganisationKey", issuer_id_bytes(issuer_id), *public_point, *halves)

    def suspend(self, issuer_id: str) -> Call:
        """Suspend an entity; sent by its registrar, that one's accreditor or the root."""
        return self._call("suspend", issuer_id_bytes(issuer_id))

    def reinstate(self, issuer_id: str) -> Call:
        """End a suspension; sent by its registrar, that one's accreditor or the root."""
        return self._call("reinstate", issuer_id_bytes(issuer_id))

    def sign_binding(
        self, account: Account, issuer_id: str, *, purposes: AccountPurpose, valid_from: int = 0, valid_until: int = 0
    ) -> bytes:
        """The account's own agreement to be bound (EIP-712), which the controller then sends."""
        words = (issuer_id_bytes(issuer_id), parse_address(account.address), int(purposes), valid_from, valid_until)
        return self._sign(account, _BIND_TYPE, *words)

    def bind_account_key(
        self,
        issuer_id: str,
        account: Address,
        *,
        purposes: AccountPurpose,
        signature: bytes,
        valid_from: int = 0,
        valid_until: int = 0,
    ) -> Call:
        """Bind an account that agreed by `sign_binding` with the same arguments; sent by the controller."""
        return self._call(
            "bindAccountKey",
            issuer_id_bytes(issuer_id),
            account,
            int(purposes),
            valid_from,
            valid_until,
            signature,
        )

    def bind_credential_key(
        self,
        issuer_id: str,
        key_hash: bytes,
        *,
        purposes: KeyPurpose = KeyPurpose.ASSERT,
        valid_from: int = 0,
        valid_until: int = 0,
    ) -> Call:
        """Bind a credential key by the hash of its Multikey text; sent by the controller."""
        return self._call(
            "bindCredentialKey", issuer_id_bytes(issuer_id), key_hash, int(purposes), valid_from, valid_until
        )

    def retire_account_key(self, account: Address) -> Call:
        """End an account's window now; sent by the controller."""
        return self._call("retireAccountKey", account)

    def retire_credential_key(self, issuer_id: str, key_hash: bytes) -> Call:
        """End a credential key's window now; sent by the controller."""
        return self._call("retireCredentialKey", issuer_id_bytes(issuer_id), key_hash)

    def report_account_key_compromise(self, account: Address, *, bad_from: int) -> Call:
        """Say since when an account was in wrong hands; sent by the controller or a voucher."""
        return self._call("reportAccountKeyCompromise", account, bad_from)

    def report_credential_key_compromise(self, issuer_id: str, key_hash: bytes, *, bad_from: int) -> Call:
        """Say since when a credential key was in wrong hands; sent by the controller or a voucher."""
        return self._call("reportCredentialKeyCompromise", issuer_id_bytes(issuer_id), key_hash, bad_from)
