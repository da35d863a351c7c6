"""`passport ledger breakeven`: from which volume on a chain of one's own takes less, and which batch meets a target."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.ledger_footprint import (
    AtOption,
    BatchOption,
    BytesOption,
    DataOption,
    FeeOption,
    GasOption,
    RuleOption,
    catalogue_of,
    day_of,
    method_of,
    usage_of,
)
from cli.session import Session, command

EXAMPLES = """\
passport ledger breakeven --own consortium-qbft --public ethereum --rule per_gas --gas 50000
passport ledger breakeven --rule per_gas --gas 50000 --target-g 0.01 --json
"""


@command(workspace=False)
def ledger_breakeven(
    session: Session,
    *,
    own: Annotated[str, typer.Option("--own", help="The permissioned chain.", metavar="NAME")] = "consortium-qbft",
    public: Annotated[str, typer.Option("--public", help="The public chain.", metavar="NAME")] = "ethereum",
    rule: RuleOption = None,
    gas: GasOption = None,
    fee: FeeOption = None,
    data_bytes: BytesOption = None,
    batch: BatchOption = 1,
    target_g: Annotated[
        float | None,
        typer.Option("--target-g", min=0, help="At most so many g CO2e per passport: which batch?", metavar="G"),
    ] = None,
    at: AtOption = None,
    data: DataOption = None,
) -> None:
    """Electricity alone, by location. Below the volume the public chain takes less per passport, above it one's own."""
    from cli.ledger_page import show_break_even
    from passport.ledger_footprint.decisions import batch_for_target, break_even
    from passport.ledger_footprint.quantities import GhgMass

    usage = usage_of(gas=gas, fee=fee, data_bytes=data_bytes, batch=batch)
    found = break_even(
        own,
        public=public,
        usage=usage,
        method=method_of(rule, market=None),
        at=day_of(session, at),
        catalogue=catalogue_of(data),
    )
    needed = None
    if target_g is not None:
        whole = found.public.central * batch
        needed = batch_for_target(whole, target=GhgMass.of(target_g, "g"), leaf=GhgMass(0))
    show_break_even(session.output, found, own=own, public=public, batch=needed)
    session.output.document(
        {
            "own": own,
            "public": public,
            "passports_per_year": found.passports_per_year.to_json(),
            "own_ghg_per_year": found.fixed.to_json(),
            "public_ghg_per_passport": found.public.to_json(),
            "batch_for_target": needed,
        }
    )
