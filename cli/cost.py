"""What a transaction would cost: tried out on the head of the chain, at its present fees; nothing is signed or sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.output import Output
from passport.errors import TransactionError

if TYPE_CHECKING:
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
    from passport.ledger.revert import describe_revert

    execution = ledger.simulate(sender, call.to, call.data)
    if not execution.success:
        found = describe_revert(execution.output, *call.errors)
        raise TransactionError("the contract would refuse the transaction", where=what, found=found)
    fee = execution.gas_used * ledger.fees().max_fee_wei_per_gas
    return Cost(what, execution.gas_used, fee, ledger.head().number)


def report_costs(output: Output, costs: list[Cost]) -> None:
    """Show what a dry run found."""
    for cost in costs:
        output.result(output.word("cost", what=cost.what, gas=f"{cost.gas:,}", fee=cost.fee_wei, block=cost.block))
    output.result(output.word("dry_run"))
    output.document({"dry_run": True, "costs": [cost.to_json() for cost in costs]})
