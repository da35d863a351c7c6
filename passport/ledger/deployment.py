"""Where the contracts live: put them on a chain, and check that those on a chain are ours and belong together."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass

from contracts import load
from passport.errors import WrongChainError
from passport.ledger.account import Account
from passport.ledger.chain_id import Address, ChainRef
from passport.ledger.entity import normal_identifier
from passport.ledger.protocol import Ledger
from passport.ledger.transactions import Call, Transactor, Turn, encode_creation, read_contract


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
    ledger: Ledger,
    account: Account,
    *,
    scheme: str,
    identifier: str,
    evidence_hash: bytes,
    root: Address | None = None,
    turn: Turn = nullcontext,
) -> Deployment:
    """Deploy both contracts on a chain that seals at once.

    Args:
        ledger: The chain.
        account: Who pays.
        scheme: Scheme of the root's legal entity.
        identifier: Its identifier.
        evidence_hash: SHA-256 of the evidence about it, 32 bytes.
        root: The root registrar; `account` if not given.
        turn: Keeps other writers with the account away, while each of the two transactions is made.

    Raises:
        LedgerError: a malformed identifier.
        TransactionError: the chain refused.
    """
    root = account.address if root is None else root
    transactor = Transactor(ledger, account, turn=turn)
    registry_artifact, log_artifact = load("IssuerRegistry"), load("PassportLog")
    errors = (registry_artifact.abi, log_artifact.abi)
    creation = encode_creation(registry_artifact, root, scheme, normal_identifier(scheme, identifier), evidence_hash)
    registry = transactor.send(Call(None, creation, errors)).contract_address
    log = transactor.send(Call(None, encode_creation(log_artifact, registry), errors)).contract_address
    if registry is None or log is None:
        raise WrongChainError("the chain gave no contract addresses in its receipts")
    return Deployment(ledger.chain, registry, log, root)


def deploy_batcher(ledger: Ledger, account: Account, log: Address, *, turn: Turn = nullcontext) -> Address:
    """Deploy a batcher over a log, for relayers of many issuers; nothing else needs one.

    Args:
        ledger: The chain.
        account: Who pays.
        log: The log.
        turn: Keeps other writers with the account away.

    Raises:
        TransactionError: the chain refused.
    """
    creation = encode_creation(load("Batcher"), log)
    call = Call(None, creation, (load("Batcher").abi,))
    address = Transactor(ledger, account, turn=turn).send(call).contract_address
    if address is None:
        raise WrongChainError("the chain gave no contract address in its receipt")
    return address


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
    # The registry's constructor made the judge of organisation keys; code that only looks like the registry's might
    # ask another one.
    judge: Address = read_contract(ledger, load("IssuerRegistry"), registry, "organisationKeys")
    if not load("OrganisationKeys").is_code(ledger.code(judge)):
        raise WrongChainError(
            "the registry asks another judge of organisation keys", where=ledger.chain.account_id(registry), found=judge
        )
    found = read_contract(ledger, load("PassportLog"), log, "registry")
    if found != registry:
        raise WrongChainError("the log is over another registry", where=log, expected=registry, found=found)
    root: Address = read_contract(ledger, load("IssuerRegistry"), registry, "root")
    return Deployment(ledger.chain, registry, log, root)
