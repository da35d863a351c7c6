"""`passport anchor`: freeze what was issued into a checkpoint and bring it to the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.cost import Cost, confirm_costs, estimate, report_costs
from cli.relaying import PayOption, RelayOption, relay_for
from cli.session import DryRunOption, Session, YesOption, command
from passport.errors import IssueError

if TYPE_CHECKING:
    from passport.workspace import Workspace

EXAMPLES = """\
passport anchor
passport anchor --dry-run       what would it cost?
passport anchor --relay https://relay.example      sign only; somebody else sends and pays
passport anchor --steady        a checkpoint even if nothing was issued, so that the rhythm tells nothing
"""


@command(passphrase=True)
def anchor(
    session: Session,
    *,
    steady: Annotated[bool, typer.Option("--steady", help="Make a checkpoint even if nothing was issued.")] = False,
    relay: RelayOption = None,
    pay: PayOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """One transaction for any number of passports. Safe to repeat after any failure: nothing is lost or doubled."""
    output = session.output
    with session.open_company() as workspace:
        client = relay_for(workspace, output, relay, pay=pay)
        if dry_run:
            costs = _costs(workspace, steady=steady)  # tried out, whoever pays
            if not costs:
                output.remark(output.word("anchor.nothing"))
            report_costs(output, costs if client is None else [])
            return
        if client is None:
            confirm_costs(session, workspace.ledger, lambda: _costs(workspace, steady=steady), yes=yes)
        issuer = workspace.issuer(session.passphrase(), accept=_refuse_upstream, relay=client)
        moved = issuer.anchor(steady=steady)
        for checkpoint in moved:
            block = checkpoint.anchored.block_number if checkpoint.anchored else "-"
            state = checkpoint.state.value
            output.result(
                output.word("anchor.done", seq=checkpoint.seq, size=checkpoint.size, state=state, block=block)
            )
        if not moved:
            output.result(output.word("anchor.nothing"))
        if any(checkpoint.state.value != "final" for checkpoint in moved):
            output.remark(output.word("anchor.not_final"))
        output.document(
            {
                "relay": client.place if client else None,
                "checkpoints": [
                    {
                        "seq": checkpoint.seq,
                        "size": checkpoint.size,
                        "root": "0x" + checkpoint.root.hex(),
                        "state": checkpoint.state.value,
                        "block": checkpoint.anchored.block_number if checkpoint.anchored else None,
                    }
                    for checkpoint in moved
                ],
            }
        )


def _refuse_upstream(upstream: object) -> None:
    raise IssueError("anchoring issues nothing")


def _costs(workspace: Workspace, *, steady: bool) -> list[Cost]:
    """What is to be sent: of each the cost of the next commit, as the root of an open batch costs the same as any."""
    import secrets

    from passport.ledger import Address, LogWriter, PassportLogView
    from passport.ledger.merkle import DEFAULT_PADDING_LEAVES

    ledger, place = workspace.ledger, workspace.place
    head = PassportLogView(ledger.state(), Address(workspace.chain.log)).head(place.issuer_id)
    size = head.size if head else 0
    # What our account has signed for already was asked about when it did; an order for a relay was not.
    payers = (None, workspace.settings.anchoring)
    pending = [
        c
        for c in workspace.store.outbox(workspace.log_key, unfinished=True)
        if not any(signed and signed.sender in payers for signed in (c.transaction, *c.earlier))
    ]
    is_open = any(leaf.entry is not None for leaf in workspace.store.open_leaves(workspace.log_key))
    count = len(pending) + (1 if is_open or steady else 0)
    if count == 0:
        return []
    writer = LogWriter(Address(workspace.chain.log), ledger.chain)
    call = writer.commit(
        place.issuer_id, prev_size=size, root=secrets.token_bytes(32), size=size + DEFAULT_PADDING_LEAVES
    )
    sender = Address(workspace.settings.anchoring or "")
    what = f"commit checkpoint {(head.seq if head else 0) + 1}"
    return [estimate(ledger, sender, call, what=what)] * count
