"""Write to the two contracts: a `Call` for each function, the signatures they ask for, and their deployment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts import Artifact, load
from passport.errors import WrongChainError
from passport.ledger.account import Account, TypedDomain, typed_digest
from passport.ledger.chain_id import Address, ChainRef, parse_address
from passport.ledger.entity import issuer_id_bytes, normal_identifier
from passport.ledger.passport_log import StatusKind
from passport.ledger.protocol import Ledger
from passport.ledger.registry import AccountPurpose, KeyPurpose
from passport.ledger.transactions import Call, Transactor, encode_call, encode_creation, read_contract

_BIND_TYPE = "BindAccountKey(bytes32 issuerId,address account,uint8 purposes,uint40 from,uint40 until)"
_COMMIT_TYPE = "Commit(bytes32 issuerId,uint48 prevSize,bytes32 root,uint48 size,uint40 deadline,address account)"


class _Writer:
    def __init__(self, address: Address, chain: ChainRef, contract_name: str) -> None:
        parse_address(address)
        self.address = address
        self.artifact: Artifact = load(contract_name)
        self._errors = (load("IssuerRegistry").abi, load("PassportLog").abi)
        self._domain = TypedDomain(f"carbon-passport {contract_name}", "1", chain.chain_id, address)

    def _call(self, function: str, *arguments: object) -> Call:
        return Call(self.address, encode_call(self.artifact, function, *arguments), self._errors)


class RegistryWriter(_Writer):
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
        """Hand an entity to another controller; sent by the present one or the registrar."""
        return self._call("setController", issuer_id_bytes(issuer_id), controller)

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
        words = (
            issuer_id_bytes(issuer_id),
            parse_address(account.address),
            bytes([purposes]),
            valid_from.to_bytes(32, "big"),
            valid_until.to_bytes(32, "big"),
        )
        return account.sign_digest(typed_digest(self._domain, _BIND_TYPE, words))

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

    def pause_new(self) -> Call:
        """Stop new entities and keys; sent by the root."""
        return self._call("pauseNew")

    def unpause_new(self) -> Call:
        """Let in new entities and keys again; sent by the root."""
        return self._call("unpauseNew")


class LogWriter(_Writer):
    """Calls of the passport log at `address` on `chain`.

    Args:
        address: Where the log lives.
        chain: On which chain; signatures are worth nothing on another.
    """

    def __init__(self, address: Address, chain: ChainRef) -> None:
        super().__init__(address, chain, "PassportLog")

    def commit(self, issuer_id: str, *, prev_size: int, root: bytes, size: int) -> Call:
        """Commit the next checkpoint; sent by a bound account with the purpose ANCHOR."""
        return self._call("commit", issuer_id_bytes(issuer_id), prev_size, root, size)

    def sign_commit(
        self, account: Account, issuer_id: str, *, prev_size: int, root: bytes, size: int, deadline: int
    ) -> bytes:
        """An account's order to commit a checkpoint (EIP-712), for a relayer to send until `deadline`."""
        words = (
            issuer_id_bytes(issuer_id),
            prev_size.to_bytes(32, "big"),
            root,
            size.to_bytes(32, "big"),
            deadline.to_bytes(32, "big"),
            parse_address(account.address),
        )
        return account.sign_digest(typed_digest(self._domain, _COMMIT_TYPE, words))

    def commit_for(
        self,
        issuer_id: str,
        *,
        prev_size: int,
        root: bytes,
        size: int,
        deadline: int,
        account: Address,
        signature: bytes,
    ) -> Call:
        """Commit a checkpoint ordered by `sign_commit` with the same arguments; sent by anyone."""
        return self._call("commitFor", issuer_id_bytes(issuer_id), prev_size, root, size, deadline, account, signature)

    def set_status(
        self,
        issuer_id: str,
        index: int,
        kind: StatusKind,
        *,
        next_index: int = 0,
        reason_hash: bytes = bytes(32),
    ) -> Call:
        """Set the status of one entry; sent by a bound account with the purpose STATUS."""
        return self._call("setStatus", issuer_id_bytes(issuer_id), index, int(kind), next_index, reason_hash)

    def revoke_many(self, issuer_id: str, indexes: Sequence[int]) -> Call:
        """Revoke many entries at once; sent by a bound account with the purpose STATUS."""
        masks: dict[int, int] = {}
        for index in indexes:
            masks[index >> 8] = masks.get(index >> 8, 0) | 1 << (index & 255)
        words = sorted(masks)
        return self._call("revokeMany", issuer_id_bytes(issuer_id), words, [masks[word] for word in words])

    def pause_commits(self) -> Call:
        """Stop new checkpoints; sent by the root."""
        return self._call("pauseCommits")

    def unpause_commits(self) -> Call:
        """Let in new checkpoints again; sent by the root."""
        return self._call("unpauseCommits")


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where the contracts live.

    Args:
        chain: The chain.
        registry: The issuer registry.
        log: The passport log over it.
        root: The registry's root registrar.
    """

    chain: ChainRef
    registry: Address
    log: Address
    root: Address


def deploy(
    ledger: Ledger, account: Account, *, scheme: str, identifier: str, evidence_hash: bytes, root: Address | None = None
) -> Deployment:
    """Deploy both contracts on a chain that seals at once.

    Args:
        ledger: The chain.
        account: Who pays.
        scheme: Scheme of the root's legal entity.
        identifier: Its identifier.
        evidence_hash: SHA-256 of the evidence about it, 32 bytes.
        root: The root registrar; `account` if not given.

    Raises:
        LedgerError: a malformed identifier.
        TransactionError: the chain refused.
    """
    root = account.address if root is None else root
    transactor = Transactor(ledger, account)
    registry_artifact, log_artifact = load("IssuerRegistry"), load("PassportLog")
    errors = (registry_artifact.abi, log_artifact.abi)
    creation = encode_creation(registry_artifact, root, scheme, normal_identifier(scheme, identifier), evidence_hash)
    registry = transactor.send(Call(None, creation, errors)).contract_address
    log = transactor.send(Call(None, encode_creation(log_artifact, registry), errors)).contract_address
    if registry is None or log is None:
        raise WrongChainError("the chain gave no contract addresses in its receipts")
    return Deployment(ledger.chain, registry, log, root)


def open_deployment(ledger: Ledger, *, registry: Address, log: Address) -> Deployment:
    """Check that the two contracts on `ledger` are ours and belong together.

    Raises:
        WrongChainError: other code stands there, or the log is over another registry.
    """
    for name, address in (("IssuerRegistry", registry), ("PassportLog", log)):
        if not load(name).is_code(ledger.code(address)):
            raise WrongChainError(
                f"the contract is not the {name} of this version", where=ledger.chain.account_id(address)
            )
    found = read_contract(ledger, load("PassportLog"), log, "registry")
    if found != registry:
        raise WrongChainError("the log is over another registry", where=log, expected=registry, found=found)
    root: Address = read_contract(ledger, load("IssuerRegistry"), registry, "root")
    return Deployment(ledger.chain, registry, log, root)
