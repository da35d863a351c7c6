"""`passport ledger profile`: what a unit of use of a chain emits, in the file that ceilings name by its hash."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.ledger_footprint import MAX_COUNT, AtOption, DataOption, RuleOption, catalogue_of, day_of
from cli.session import Session, command

EXAMPLES = """\
passport ledger profile --chain ethereum --chain-id eip155:1 --rule per_gas
passport ledger profile --chain consortium-qbft --chain-id eip155:4242 --rule per_transaction --volume 9000 > ours.json
passport issue pack.yaml --ledger-ceiling auto --ledger-profile ours.json
"""


@command(workspace=False)
def ledger_profile(
    session: Session,
    *,
    chain: Annotated[str, typer.Option("--chain", help="The chain, by the name of its profile.", metavar="NAME")],
    chain_id: Annotated[str, typer.Option("--chain-id", help="The chain as CAIP-2.", metavar="ID")],
    rule: RuleOption = None,
    volume: Annotated[
        int | None,
        typer.Option(
            "--volume", min=1, max=MAX_COUNT, help="Of a chain of one's own: all passports of a year.", metavar="N"
        ),
    ] = None,
    edition: Annotated[
        str | None, typer.Option("--edition", help="A certain account of the chain.", metavar="NAME")
    ] = None,
    at: AtOption = None,
    data: DataOption = None,
) -> None:
    """Offline. Whoever judges a ceiling must hold the same file: what an issuer brings along is believed by nobody.

    Those of public chains ship with the program and need no file.
    """
    from passport.ledger_footprint.anchoring_estimate import make_profile
    from passport.ledger_footprint.rule import rule_of
    from passport.model.digest import from_sha256

    made = make_profile(
        chain,
        chain_id=chain_id,
        rule=rule_of(rule),
        at=day_of(session, at),
        catalogue=catalogue_of(data),
        edition=edition,
        passports_per_year=volume,
    )
    session.output.result(made.to_bytes().decode())
    session.output.remark(session.output.word("ledger.profile", digest=from_sha256(made.sha256)))
    session.output.document({"profile": made.to_json(), "digest": from_sha256(made.sha256)})
