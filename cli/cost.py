"""What transactions would cost, tried out on the head of the chain at its present fees; asked before they are sent."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cli.output import Output
from passport.errors import TransactionError, UsageError

if TYPE_CHECKING:
    from cli.session import Session
    from passport.ledger import Address, Call, Ledger


@dataclass(frozen=True, slots=True)
class Cost:
    """What one transaction would cost.

    Attributes:
        what: What it does.
        gas: Gas it would be charged.
        fee_wei: The most that this costs at the fees of `block`, in wei.
        block: The block it was tried on.
    """

    what: str
    gas: int
    fee_wei: int
    block: int

    def to_json(self) -> dict[str, Any]:
        """The cost as JSON values."""
        return {"what": self.what, "gas": self.gas, "fee_wei": self.fee_wei, "block": self.block}


def estimate(ledger: Ledger, sender: Address, call: Call, *, what: str) -> Cost:
    """Try a transaction out.

    Raises:
        TransactionError: It would revert; the message says why.
    """
    from passport.ledger.refusals import refused_by_contract

    execution = ledger.simulate(sender, call.to, call.data)
    if not execution.success:
        raise refused_by_contract(
            "the contract would refuse the transaction", execution.output, *call.errors, where=what
        )
    fee = execution.gas_used * ledger.fees().max_fee_wei_per_gas
    return Cost(what, execution.gas_used, fee, ledger.head().number)


def deployment_gas(clock: Callable[[], datetime]) -> tuple[int, int]:
    """The gas of creating IssuerRegistry and PassportLog, tried on a chain that is thrown away.

    On the chain itself only the first could be tried: the second needs the first's address.
    """
    import secrets
    import tempfile
    from pathlib import Path

    from contracts import load
    from passport.ledger import Account, Address, EmbeddedChain, deploy
    from passport.ledger.transactions import encode_creation

    account = Account(secrets.token_bytes(31).rjust(32, b"\1"))
    entity = ("LEI", "999900NORTHQUA000161")
    with tempfile.TemporaryDirectory() as folder, EmbeddedChain.create(Path(folder) / "chain.db", clock=clock) as chain:
        address = Address(account.address)
        registry = encode_creation(load("IssuerRegistry"), address, *entity, b"\1" * 32)
        first = chain.simulate(address, None, registry)
        placed = deploy(chain, account, scheme=entity[0], identifier=entity[1], evidence_hash=b"\1" * 32)
        second = chain.simulate(address, None, encode_creation(load("PassportLog"), placed.registry))
        return first.gas_used, second.gas_used


def relayed_commit_gas(clock: Callable[[], datetime]) -> int:
    """The gas of committing a checkpoint for an issuer that signed it, tried on a chain that is thrown away.

    On the chain itself none can be tried before an issuer has signed one.
    """
    import secrets
    import tempfile
    from pathlib import Path

    from passport.ledger import (
        Account,
        AccountPurpose,
        EmbeddedChain,
        LogWriter,
        RegistryWriter,
        Transactor,
        deploy,
        issuer_id,
    )

    entity = ("LEI", "999900NORTHQUA000161")
    root, issuer = (Account(secrets.token_bytes(31).rjust(32, b"\1")) for _ in range(2))
    with tempfile.TemporaryDirectory() as folder, EmbeddedChain.create(Path(folder) / "chain.db", clock=clock) as chain:
        placed = deploy(chain, root, scheme=entity[0], identifier=entity[1], evidence_hash=b"\1" * 32)
        registry, log = RegistryWriter(placed.registry, chain.chain), LogWriter(placed.log, chain.chain)
        subject, send = issuer_id(*entity), Transactor(chain, root).send
        anchor = AccountPurpose.ANCHOR
        signature = registry.sign_binding(issuer, subject, purposes=anchor)
        send(registry.bind_account_key(subject, issuer.address, purposes=anchor, signature=signature))
        deadline = chain.head().timestamp + 3600
        signature = log.sign_commit(issuer, subject, prev_size=0, root=b"\1" * 32, size=256, deadline=deadline)
        call = log.commit_for(
            subject,
            prev_size=0,
            root=b"\1" * 32,
            size=256,
            deadline=deadline,
            account=issuer.address,
            signature=signature,
        )
        return chain.simulate(root.address, call.to, call.data).gas_used


def deployment_costs(ledger: Ledger | None, clock: Callable[[], datetime]) -> list[Cost]:
    """What the two contracts cost: on a chain that is in reach, or nothing on one that is to be started."""
    price = ledger.fees().max_fee_wei_per_gas if ledger else 0
    block = ledger.head().number if ledger else 0
    names = ("deploy IssuerRegistry", "deploy PassportLog")
    return [Cost(what, gas, gas * price, block) for what, gas in zip(names, deployment_gas(clock), strict=True)]


def report_costs(output: Output, costs: list[Cost]) -> None:
    """Show what a dry run found."""
    for cost in costs:
        output.result(_line(output, cost))
    output.result(output.word("dry_run"))
    output.document({"dry_run": True, "costs": [cost.to_json() for cost in costs]})


def confirm_costs(session: Session, ledger: Ledger, costs: Callable[[], list[Cost]], *, yes: bool) -> None:
    """Show what is about to be sent and what it costs at most, and ask; where gas costs nothing, nobody is asked.

    Args:
        session: The command's.
        ledger: The chain.
        costs: Tries the transactions out.
        yes: Do not ask.

    Raises:
        UsageError: Nobody is there to ask, or the answer is no; nothing was sent.
    """
    if ledger.fees().max_fee_wei_per_gas == 0:
        return
    found, output = costs(), session.output
    if not found:
        return
    show_costs(output, found)
    output.remark(output.word("cost.total", coin=coin_text(sum(cost.fee_wei for cost in found))))
    ask(session, yes=yes)


def show_costs(output: Output, costs: list[Cost]) -> None:
    """Show what would be sent and what each costs at most."""
    for cost in costs:
        output.remark(_line(output, cost))


def ask(session: Session, *, yes: bool) -> None:
    """Ask whether to go on.

    Args:
        session: The command's.
        yes: Do not ask.

    Raises:
        UsageError: Nobody is there to ask, or the answer is no; nothing was sent.
    """
    output = session.output
    if yes:
        return
    if output.as_json or not sys.stdin.isatty():
        raise UsageError("this costs something and nobody is there to be asked; nothing was sent", hint="add --yes")
    sys.stderr.write(output.word("cost.ask"))
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes", "是"):
        raise UsageError("not confirmed; nothing was sent")


def refuse_poor(ledger: Ledger, sender: Address, costs: list[Cost]) -> None:
    """Refuse before anything is sent when an account cannot pay for all of it.

    Raises:
        TransactionError: It cannot.
    """
    needed, has = sum(cost.fee_wei for cost in costs), ledger.balance(sender)
    if has < needed:
        raise TransactionError(
            "the account cannot pay for the transactions",
            where=sender,
            expected=f"{coin_text(needed)} of the chain's coin",
            found=coin_text(has),
            hint="send some to the account; nothing was sent",
        )


def coin_text(wei: int) -> str:
    """An amount of wei in the chain's coin, exactly: 10^18 wei are one on every EVM chain."""
    whole, rest = divmod(wei, 10**18)
    return f"{whole}.{rest:018d}".rstrip("0").rstrip(".")


def _line(output: Output, cost: Cost) -> str:
    return output.word("cost", what=cost.what, gas=f"{cost.gas:,}", fee=cost.fee_wei, block=cost.block)
