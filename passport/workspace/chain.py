"""Start the chain of a workspace, or reach one and check that it is the one meant."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from passport.credentials import jcs
from passport.errors import WrongChainError
from passport.ledger import Account, Address, EmbeddedChain, deploy, open_deployment
from passport.ledger.embedded import DEFAULT_CHAIN_ID
from passport.model.party import Party
from passport.workspace.settings import CHAIN_FILE, ChainSettings, Clock


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


def open_chain(settings: ChainSettings, beside: Path, *, clock: Clock) -> EmbeddedChain:
    """Reach a chain and check that it is the one meant.

    Raises:
        LedgerError: There is no such chain.
        WrongChainError: Another genesis, or other contracts.
    """
    ledger = EmbeddedChain.open((beside / settings.file).resolve(), clock=clock)
    try:
        if (ledger.chain.caip2, ledger.chain.genesis_hash) != (settings.chain, settings.genesis):
            found = f"{ledger.chain.caip2} from genesis {ledger.chain.genesis_hash}"
            expected = f"{settings.chain} from genesis {settings.genesis}"
            raise WrongChainError("another chain than the settings name", expected=expected, found=found)
        open_deployment(ledger, registry=Address(settings.registry), log=Address(settings.log))
    except BaseException:
        ledger.close()
        raise
    return ledger
