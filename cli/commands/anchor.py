"""`passport anchor`: freeze what was issued into a checkpoint and bring it to the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.cost import estimate, report_costs
from cli.session import DryRunOption, Session, command
from passport.errors import IssueError

if TYPE_CHECKING:
    from passport.workspace import Workspace

EXAMPLES = """\
passport anchor
passport anchor --dry-run       what would it cost?
passport anchor --steady        a checkpoint even if nothing was issued, so that the rhythm tells nothing
"""


@command(passphrase=True)
def anchor(
    session: Session,
    *,
    steady: Annotated[bool, typer.Option("--steady", help="Make a checkpoint even if nothing was issued.")] = False,
    dry_run: DryRunOption = False,
) -> None:
    """One transaction for any number of passports. Safe to repeat after any failure: nothing is lost or doubled."""
    output = session.output
    with session.open_company() as workspace:
        if dry_run:
            _try_out(session, workspace)
            return
        issuer = workspace.issuer(session.passphrase(), accept=_refuse_upstream)
        moved = issuer.anchor(steady=steady)
        for checkpoint in moved:
            block = checkpoint.anchored.block_number if checkpoint.anchored else "-"
            state = checkpoint.state.value
            output.result(
                output.word("anchor.done", seq=checkpoint.seq, size=checkpoint.size, state=state, block=block)
            )
        if not moved:
            output.result(output.word("anchor.nothing"))
        output.document(
            {
                "checkpoints": [
                    {
                        "seq": checkpoint.seq,
                        "size": checkpoint.size,
                        "root": "0x" + checkpoint.root.hex(),
                        "state": checkpoint.state.value,
                        "block": checkpoint.anchored.block_number if checkpoint.anchored else None,
                    }
                    for checkpoint in moved
                ]
            }
        )


def _refuse_upstream(upstream: object) -> None:
    raise IssueError("anchoring issues nothing")


def _try_out(session: Session, workspace: Workspace) -> None:
    """The cost of the next commit; the root of a batch that is still open is not known, and costs the same."""
    import secrets

    from passport.ledger import Address, LogWriter, PassportLogView
    from passport.ledger.merkle import DEFAULT_PADDING_LEAVES

    ledger, place = workspace.ledger, workspace.place
    head = PassportLogView(ledger.state(), Address(workspace.chain.log)).head(place.issuer_id)
    size = head.size if head else 0
    pending = [c for c in workspace.store.outbox(workspace.log_key, unfinished=True) if c.anchored is None]
    leaves = [leaf for leaf in workspace.store.open_leaves(workspace.log_key) if leaf.entry is not None]
    if not pending and not leaves:
        session.output.remark(session.output.word("anchor.nothing"))
    writer = LogWriter(Address(workspace.chain.log), ledger.chain)
    call = writer.commit(
        place.issuer_id, prev_size=size, root=secrets.token_bytes(32), size=size + DEFAULT_PADDING_LEAVES
    )
    sender = Address(workspace.settings.anchoring or "")
    count = len(pending) + (1 if leaves else 0)
    what = f"commit checkpoint {(head.seq if head else 0) + 1}"
    cost = estimate(ledger, sender, call, what=what)
    report_costs(session.output, [cost] * count)
