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
    pieces_of,
    usage_of,
)
from cli.session import Session, command
from passport.errors import UsageError

EXAMPLES = """\
passport ledger breakeven --own consortium-qbft --public ethereum --rule per_gas --gas 50000
passport ledger breakeven --rule per_gas --gas 50000 --target-g 0.01 --json
passport ledger breakeven --own consortium-qbft --rule per_gas --gas 50000 --baseline courier --each-g 0.5
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
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline", help="Also the volume that pays back what each passport replaces.", metavar="NAME[=COUNT]"
        ),
    ] = None,
    each_g: Annotated[
        float | None, typer.Option("--each-g", min=0, help="With it: g CO2e of issuing and verifying one.", metavar="G")
    ] = None,
    at: AtOption = None,
    data: DataOption = None,
) -> None:
    """Electricity alone, by location. Below the volume the public chain takes less per passport, above it one's own.

    What a baseline replaces is counted over its life, and so are the chain's machines then.
    """
    from cli.ledger_page import show_break_even, show_paid_back
    from passport.ledger_footprint.decisions import batch_for_target, break_even, paid_back
    from passport.ledger_footprint.quantities import GhgMass

    if each_g is not None and baseline is None:
        raise UsageError("nothing that it replaces is named", where="--each-g", expected="--baseline too")
    usage = usage_of(gas=gas, fee=fee, data_bytes=data_bytes, batch=batch)
    day, catalogue, method = day_of(session, at), catalogue_of(data), method_of(rule, market=None)
    found = break_even(own, public=public, usage=usage, method=method, at=day, catalogue=catalogue)
    needed = None
    if target_g is not None:
        whole = found.public.central * batch
        needed = batch_for_target(whole, target=GhgMass.of(target_g, "g"), leaf=GhgMass(0))
    show_break_even(session.output, found, own=own, public=public, batch=needed)
    paid, name = None, ""
    if baseline is not None:
        name, pieces = pieces_of(baseline)
        profile = catalogue.baseline(name)
        if profile.ghg is None:
            raise UsageError(
                "it runs all year whatever the volume, so no volume pays it back",
                where="--baseline",
                expected="something that is counted by the piece",
                found=name,
                hint="passport ledger compare sets it beside the chains",
            )
        paid = paid_back(
            own,
            avoided=profile.ghg * pieces,
            variable=GhgMass.of(each_g or 0.0, "g"),
            method=method,
            at=day,
            catalogue=catalogue,
        )
        show_paid_back(session.output, paid, own=own, baseline=baseline, is_stated=each_g is not None)
    session.output.document(
        {
            "own": own,
            "public": public,
            "passports_per_year": found.passports_per_year.to_json(),
            "own_ghg_per_year": found.fixed.to_json(),
            "public_ghg_per_passport": found.public.to_json(),
            "batch_for_target": needed,
            "paid_back": None
            if paid is None
            else {
                "baseline": name,
                "passports_per_year": paid.passports_per_year.to_json(),
                "own_ghg_per_year": paid.fixed.to_json(),
                "avoided_per_passport": paid.avoided.to_json(),
                "taken_per_passport": None if each_g is None else paid.variable.amount,
            },
        }
    )
