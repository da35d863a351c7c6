"""Start the chain of a workspace, or reach one and check that it is the one meant."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Literal, Self

from passport.credentials import jcs
from passport.errors import LedgerError, UsageError, WrongChainError
from passport.ledger import Account, Address, ChainRef, EmbeddedChain, deploy, open_deployment
from passport.ledger.dry import DryChain
from passport.ledger.embedded import DEFAULT_CHAIN_ID
from passport.ledger.finality import Finality
from passport.ledger.providers import ProviderQuorum
from passport.ledger.rpc import RpcChain, RpcPolicy
from passport.ledger.rpc_client import RpcClient
from passport.ledger.rpc_wire import open_wire
from passport.ledger.transactions import Turn
from passport.model.party import Party
from passport.workspace.settings import CHAIN_FILE, CHAIN_FORMAT, ChainSettings, Clock, refuse_secret_url, same_address

OpenedChain = EmbeddedChain | RpcChain | ProviderQuorum | DryChain
"""A chain that was reached, and is to be closed."""


def create_chain(
    path: Path, account: Account, party: Party, *, clock: Clock, chain_id: int = DEFAULT_CHAIN_ID
) -> ChainSettings:
    """Start a local chain with both contracts; `account` becomes its root registrar, for which `party` answers.

    Args:
        path: The chain's file; its settings are written beside it as `chain.json`.
        account: The root registrar.
        party: The legal entity behind it.
        clock: The time, aware, UTC.
        chain_id: EIP-155 number.

    Returns:
        How to reach it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with EmbeddedChain.create(path, clock=clock, chain_id=chain_id) as ledger:
        evidence = sha256(jcs(party.to_json())).digest()
        placed = deploy(ledger, account, scheme=party.scheme, identifier=party.identifier, evidence_hash=evidence)
        settings = ChainSettings(
            driver="embedded",
            file=path.name,
            chain=ledger.chain.caip2,
            genesis=ledger.chain.genesis_hash,
            registry=placed.registry,
            log=placed.log,
            root=placed.root,
        )
    (path.parent / CHAIN_FILE).write_bytes(jcs(settings.to_json()))
    return settings


def open_chain(
    settings: ChainSettings, beside: Path, *, clock: Clock, environment: Mapping[str, str] = os.environ
) -> OpenedChain:
    """Reach a chain and check that it is the one meant.

    Args:
        settings: How.
        beside: Where the settings stand.
        clock: The time, aware, UTC.
        environment: Where a node's address is looked up that holds a secret.

    Raises:
        LedgerError: There is no such chain, or no address of a node.
        LedgerUnavailableError: The node does not answer, or has not caught up.
        WrongChainError: Another chain id or genesis, or other contracts.
    """
    chain = ChainRef(settings.chain, settings.genesis)
    if settings.driver == "dry":
        return DryChain(chain)
    opened: EmbeddedChain | RpcChain | ProviderQuorum
    if settings.driver == "embedded":
        opened = _embedded(settings, beside, clock)
    elif settings.providers:
        opened = reach_providers(settings, chain, clock=clock, environment=environment)
    else:
        opened = reach_node(settings, chain, clock=clock, environment=environment)
    try:
        open_deployment(opened, registry=Address(settings.registry), log=Address(settings.log))
    except BaseException:
        opened.close()
        raise
    return opened


def _embedded(settings: ChainSettings, beside: Path, clock: Clock) -> EmbeddedChain:
    ledger = EmbeddedChain.open((beside / (settings.file or "")).resolve(), clock=clock)
    if (ledger.chain.caip2, ledger.chain.genesis_hash) != (settings.chain, settings.genesis):
        found = f"{ledger.chain.caip2} from genesis {ledger.chain.genesis_hash}"
        expected = f"{settings.chain} from genesis {settings.genesis}"
        ledger.close()
        raise WrongChainError("another chain than the settings name", expected=expected, found=found)
    return ledger


@dataclass(frozen=True, slots=True)
class NodeChoice:
    """How a node is to be reached, before there are contracts: the part of `ChainSettings` that says so.

    Args:
        url: The node's address.
        url_variable: The environment variable that holds it.
        finality: When a block is final.
        fees: How gas is bid for.
        max_fee_wei_per_gas: Never bid more.
    """

    url: str | None
    url_variable: str | None
    finality: str
    fees: Literal["auto", "legacy", "zero"] | None = None
    max_fee_wei_per_gas: int | None = None

    @classmethod
    def of(
        cls,
        *,
        url: str | None,
        url_variable: str | None,
        finality: str,
        fees: str,
        max_fee_wei_per_gas: int | None,
    ) -> Self:
        """Judge what somebody typed.

        Raises:
            UsageError: Both or none of the two ways to name the node, or unknown fees.
            LedgerError: No kind of finality.
            SchemaError: An address with a secret in it.
        """
        if (url is None) == (url_variable is None):
            raise UsageError("name the node by its address or by the variable that holds it", expected="one of the two")
        if url is not None:
            refuse_secret_url(url, where="--url")
        Finality.from_text(finality)
        kinds: dict[str, Literal["legacy", "zero"] | None] = {"auto": None, "legacy": "legacy", "zero": "zero"}
        if fees not in kinds:
            raise UsageError("unknown fees", where="--fees", expected="auto, legacy or zero", found=fees)
        return cls(url, url_variable, finality, kinds[fees], max_fee_wei_per_gas)


def deploy_chain(
    ledger: RpcChain, account: Account, party: Party, choice: NodeChoice, path: Path, *, turn: Turn = nullcontext
) -> ChainSettings:
    """Put both contracts onto a chain; `account` becomes the root registrar, for which `party` answers.

    Args:
        ledger: The chain.
        account: Who pays, and the root registrar.
        party: The legal entity behind it.
        choice: How the chain is reached.
        path: Where the settings go.
        turn: Keeps other writers with the account away.

    Returns:
        How to reach it.
    """
    evidence = sha256(jcs(party.to_json())).digest()
    placed = deploy(
        ledger, account, scheme=party.scheme, identifier=party.identifier, evidence_hash=evidence, turn=turn
    )
    settings = ChainSettings(
        format=CHAIN_FORMAT,
        driver="rpc",
        url=choice.url,
        url_variable=choice.url_variable,
        finality=choice.finality,
        fees=choice.fees,
        max_fee_wei_per_gas=choice.max_fee_wei_per_gas,
        chain=ledger.chain.caip2,
        genesis=ledger.chain.genesis_hash,
        registry=placed.registry,
        log=placed.log,
        root=placed.root,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(jcs(settings.to_json()))
    return settings


def reach_node(
    settings: ChainSettings | NodeChoice,
    expected: ChainRef | None,
    *,
    clock: Clock,
    environment: Mapping[str, str] = os.environ,
) -> RpcChain:
    """Reach a chain through a node; its contracts are not looked at.

    Args:
        settings: How.
        expected: The chain that is meant; None takes whichever is there.
        clock: The time, aware, UTC.
        environment: Where the address is looked up if it is not in the settings.

    Raises:
        LedgerError: No address of a node.
        LedgerUnavailableError: No answer, or a node that has not caught up.
        WrongChainError: Another chain answers.
    """
    client = RpcClient(open_wire(_address(settings.url, settings.url_variable, environment)))
    try:
        return RpcChain.connect(client, expected=expected, policy=_policy(settings), clock=clock)
    except BaseException:
        client.close()
        raise


def reach_providers(
    settings: ChainSettings, expected: ChainRef, *, clock: Clock, environment: Mapping[str, str] = os.environ
) -> ProviderQuorum:
    """Reach a chain through several nodes, each when it is asked first; its contracts are not looked at.

    A node that is not there, or is of another chain, gives no answer and is named; that is no error as long as enough
    of the others agree.

    Args:
        settings: Which, and how many must agree.
        expected: The chain that is meant.
        clock: The time, aware, UTC.
        environment: Where addresses are looked up that are not in the settings.

    Raises:
        LedgerError: No address of a node, or the same one twice.
    """
    chosen = settings.providers or ()
    urls = [_address(provider.url, provider.url_variable, environment) for provider in chosen]
    nodes = [same_address(url) for url in urls]
    if len(set(nodes)) != len(nodes):
        names = [provider.name for provider, node in zip(chosen, nodes, strict=True) if nodes.count(node) > 1]
        raise LedgerError("two providers have the same address: one node would count twice", found=", ".join(names))
    chains = {
        provider.name: RpcChain(RpcClient(open_wire(url)), expected, _policy(settings), clock=clock)
        for provider, url in zip(chosen, urls, strict=True)
    }
    return ProviderQuorum(chains, threshold=settings.threshold or len(chosen))


def _address(url: str | None, variable: str | None, environment: Mapping[str, str]) -> str:
    """A node's address, which settings hold or name a variable for."""
    found = url or environment.get(variable or "")
    if not found:
        raise LedgerError(
            "the environment holds no address of a node",
            where=variable or "",
            hint=f"set {variable} to the node's address: https://..., http://... or ipc:/path",
        )
    return found


def _policy(settings: ChainSettings | NodeChoice) -> RpcPolicy:
    policy = RpcPolicy(
        finality=Finality.from_text(settings.finality or "finalized"),
        fees=settings.fees or "auto",
        max_fee_wei_per_gas=settings.max_fee_wei_per_gas,
    )
    if isinstance(settings, NodeChoice):
        return policy
    return replace(
        policy,
        reads=settings.reads or "storage",
        max_head_age_s=settings.max_head_age_s,
        has_blocks_on_demand=bool(settings.blocks_on_demand),
    )
