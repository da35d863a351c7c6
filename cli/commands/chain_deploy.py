"""`passport chain deploy`: both contracts onto a chain behind a node, with the files to reach and to trust it by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.cost import confirm_costs, deployment_costs, refuse_poor, report_costs
from cli.session import DryRunOption, Session, YesOption, command
from passport.errors import ConflictError, UsageError

EXAMPLES = """\
passport chain deploy --url https://node.example --finality finalized --dry-run
passport chain deploy --url-variable NODE_URL --finality depth:12 --max-fee-wei 50000000000
passport chain deploy --url ipc:/var/run/node.ipc --finality instant --fees zero --yes
"""


@command(passphrase=True)
def chain_deploy(
    session: Session,
    *,
    finality: Annotated[
        str, typer.Option("--finality", help="finalized, safe, depth:N or instant, as the chain is.", metavar="RULE")
    ],
    url: Annotated[
        str | None, typer.Option("--url", help="The node: https://, http:// or ipc:/PATH, without any secret.")
    ] = None,
    url_variable: Annotated[
        str | None,
        typer.Option("--url-variable", help="The environment variable that holds the node's address.", metavar="NAME"),
    ] = None,
    fees: Annotated[str, typer.Option("--fees", help="auto, legacy or zero.")] = "auto",
    max_fee_wei: Annotated[
        int | None, typer.Option("--max-fee-wei", help="Never bid more for a unit of gas.", min=1, metavar="WEI")
    ] = None,
    out: Annotated[Path, typer.Option("--output", "-o", help="Where the chain's settings go.", metavar="FILE")] = Path(
        "chain.json"
    ),
    trust: Annotated[Path, typer.Option("--trust-file", help="Where the trust file goes.", metavar="FILE")] = Path(
        "trust.json"
    ),
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """This workspace's controller pays and becomes the root registrar; the workspace joins the chain.

    Two transactions. Should it be interrupted between them, run it again: what was deployed by then is left unused.
    """
    from passport.credentials import Role
    from passport.ledger import Account, Address
    from passport.workspace import NodeChoice, deploy_chain, reach_node
    from verifier.trust import KnownBlock, trust_in

    for file in (out, trust):
        if file.exists():
            raise ConflictError("the file is there already", where=str(file), hint="name another one")
    choice = NodeChoice.of(
        url=url, url_variable=url_variable, finality=finality, fees=fees, max_fee_wei_per_gas=max_fee_wei
    )
    output = session.output
    with session.open_company() as workspace:
        if workspace.has_chain:
            raise UsageError("the workspace has a chain already", where=str(session.folder))
        with reach_node(choice, None, clock=session.clock) as ledger:
            chain = ledger.chain
            output.remark(
                output.word("chain.reached", chain=chain.caip2, genesis=chain.genesis_hash, node=ledger.place)
            )
            costs = deployment_costs(ledger, session.clock)
            if dry_run:
                report_costs(output, costs)
                return
            refuse_poor(ledger, Address(workspace.settings.controller or ""), costs)
            confirm_costs(session, ledger, lambda: costs, yes=yes)
            ring = workspace.keys()
            root = Account(ring.open_account(ring.active(Role.CONTROLLER), session.passphrase()))
            settings = deploy_chain(
                ledger, root, workspace.party, choice, out, turn=lambda: workspace.store.sending(root.address)
            )
            head = ledger.final_head()
        known = KnownBlock(number=head.number, hash="0x" + head.hash.hex())
        _write(trust, trust_in(settings, known).to_json())
        workspace.join_chain(out)
    output.result(output.word("chain.deployed", registry=settings.registry, log=settings.log, root=settings.root))
    output.result(output.word("chain.written", file=out, trust=trust))
    output.document({"chain": settings.to_json(), "chain_file": str(out), "trust_file": str(trust)})


def _write(file: Path, document: dict[str, Any]) -> None:
    import json

    from passport.errors import DocumentError

    try:
        file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise DocumentError("cannot be written", where=str(file), found=error.strerror) from error
