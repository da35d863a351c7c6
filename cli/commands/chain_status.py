"""`passport chain status`: how the chain of this workspace stands; `accounts`: what the workspace's own have there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.cost import coin_text
from cli.session import Session, command

if TYPE_CHECKING:
    from passport.workspace import Workspace

STATUS_EXAMPLES = """\
passport chain status
passport chain status --json | jq .clock_drift_s
"""
ACCOUNTS_EXAMPLES = """\
passport chain accounts
"""


@command()
def chain_status(session: Session) -> None:
    """Chain, genesis and contracts are compared with the settings before anything is said."""
    output = session.output
    with session.open() as workspace:
        chain, ledger = workspace.chain, workspace.ledger
        head, final = ledger.head(), ledger.final_head()
        node = getattr(ledger, "place", chain.driver)
        drift = int(session.clock().timestamp()) - head.timestamp
        output.result(output.word("chain.reached", chain=chain.chain, genesis=chain.genesis, node=node))
        output.result(
            output.word("chain.head", block=head.number, time=f"{head.time:%Y-%m-%dT%H:%M:%SZ}", final=final.number)
        )
        output.result(output.word("chain.drift" if drift >= 0 else "chain.clock_behind", seconds=abs(drift)))
        output.result(output.word("chain.contracts", registry=chain.registry, log=chain.log))
        gas = _gas(session, workspace)
        log = _log(session, workspace) if workspace.settings.party is not None else None
        output.document(
            {
                "chain": chain.chain,
                "genesis": chain.genesis,
                "driver": chain.driver,
                "node": node,
                "head": {"number": head.number, "hash": "0x" + head.hash.hex(), "time": head.timestamp},
                "final": {"number": final.number, "hash": "0x" + final.hash.hex(), "time": final.timestamp},
                "clock_drift_s": drift,
                "contracts": {"registry": chain.registry, "log": chain.log, "root": chain.root, "code": "as compiled"},
                "max_fee_wei_per_gas": gas,
                "log": log,
            }
        )


def _gas(session: Session, workspace: Workspace) -> int | None:
    """What would be bid for gas now; None when it is more than may be."""
    from passport.errors import LedgerUnavailableError

    output = session.output
    try:
        price = workspace.ledger.fees().max_fee_wei_per_gas
    except LedgerUnavailableError as error:
        output.result(output.word("chain.gas_above", reason=error))
        return None
    output.result(output.word("chain.gas", price=price))
    return price


def _log(session: Session, workspace: Workspace) -> dict[str, Any]:
    from passport.ledger import Address, PassportLogView

    place = workspace.place
    head = PassportLogView(workspace.ledger.state(), Address(workspace.chain.log)).head(place.issuer_id)
    waiting = len(workspace.store.outbox(workspace.log_key, unfinished=True))
    size, seq = (head.size, head.seq) if head else (0, 0)
    session.output.result(session.output.word("chain.log", size=size, seq=seq, waiting=waiting))
    return {"issuer_id": place.issuer_id, "size": size, "seq": seq, "not_final": waiting}


@command()
def chain_accounts(session: Session) -> None:
    """The controller registers and binds keys, the anchoring account commits and sets status; each pays for its own."""
    from passport.ledger import Address

    output = session.output
    with session.open_company() as workspace:
        ledger, settings = workspace.ledger, workspace.settings
        accounts = []
        for role, address in (("controller", settings.controller), ("anchoring", settings.anchoring)):
            if address is None:
                continue
            balance = ledger.balance(Address(address))
            sent = ledger.sealed_nonce(Address(address))
            waiting = ledger.nonce(Address(address)) - sent
            output.result(
                output.word(
                    "chain.account",
                    role=role,
                    address=address,
                    balance=coin_text(balance),
                    sent=sent,
                    waiting=waiting,
                )
            )
            accounts.append(
                {"role": role, "address": address, "balance_wei": balance, "sent": sent, "waiting": waiting}
            )
        output.document({"chain": workspace.chain.chain, "accounts": accounts})
