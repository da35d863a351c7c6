"""`passport ledger nodes`: a network by its nodes and their watts, with those that no crawl saw."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.ledger_footprint import AtOption, DataOption, catalogue_of, day_of, stated
from cli.session import Session, command
from passport.errors import UsageError

EXAMPLES = """\
passport ledger nodes --observed 1000 --seen-once 200 --seen-twice 100 --watts 25
passport ledger nodes --observed 4 --watts 48 --pue 1.58 --tps 0.5 --json
"""


@command(workspace=False)
def ledger_nodes(
    session: Session,
    *,
    observed: Annotated[int, typer.Option("--observed", min=1, max=10**9, help="Different nodes that were seen.")],
    watts: Annotated[float, typer.Option("--watts", min=0, help="Power of one node.")],
    seen_once: Annotated[
        int | None, typer.Option("--seen-once", min=0, help="Of them, seen in one crawl only.")
    ] = None,
    seen_twice: Annotated[
        int | None, typer.Option("--seen-twice", min=0, help="Of them, seen in two crawls only.")
    ] = None,
    tps: Annotated[
        float | None, typer.Option("--tps", min=0, help="Transactions a second, for the energy of each.")
    ] = None,
    pue: Annotated[float | None, typer.Option("--pue", help="Overhead of the buildings, 1 or more.")] = None,
    at: AtOption = None,
    data: DataOption = None,
) -> None:
    """Nodes times watts for a year. What no crawl saw is estimated from what few of them did (Chao 1): a lower bound.

    The energy of a transaction falls with load (Platt and others), so the throughput that it is for is said with it.
    """
    from passport.ledger_footprint.data_centre import facility_energy
    from passport.ledger_footprint.figures import Figure, derive, exact
    from passport.ledger_footprint.nodes import energy_per_transaction, with_hidden_nodes
    from passport.ledger_footprint.quantities import Count, Duration, Power, Ratio

    day, output = day_of(session, at), session.output
    if (seen_once is None) != (seen_twice is None):
        raise UsageError("both counts, or neither", where="--seen-once", expected="--seen-once and --seen-twice")
    if not watts > 0 or (tps is not None and not tps > 0):
        raise UsageError("nothing to divide by, or nothing drawn", expected="--watts and --tps above 0")
    nodes = exact(Count(observed))
    if seen_once is not None and seen_twice is not None:
        most = with_hidden_nodes(observed, seen_once=seen_once, seen_twice=seen_twice)
        nodes = Figure(Count(observed), most, most)
    overhead = stated(Ratio, "1", pue, name="pue", at=day) or catalogue_of(data).default("pue")
    power = stated(Power, "W", watts, name="watts of a node", at=day) or exact(Power(watts))
    year = Duration.of(1, "a")
    it = derive(lambda number, drawn: drawn.over(year) * number.amount, nodes, power)
    energy = facility_energy(it, pue=overhead)
    each = None
    if tps is not None:
        each = facility_energy(
            energy_per_transaction(nodes, power=power, transactions_per_second=exact(Ratio(tps))), pue=overhead
        )
    output.result(output.word("nodes.counted", low=f"{nodes.low.amount:,.0f}", central=f"{nodes.central.amount:,.0f}"))
    ends = {end: f"{getattr(energy, end).amount:,.4g}" for end in ("low", "central", "high")}
    output.result(output.word("nodes.energy", **ends))
    if each is not None:
        output.result(output.word("nodes.each", energy=f"{each.central.in_unit('Wh'):,.4g}", tps=f"{tps:g}"))
    if energy.filled_in:
        output.result(output.word("ledger.filled_in", names=", ".join(energy.filled_in)))
    output.document(
        {
            "nodes": nodes.to_json(),
            "energy_per_year": energy.to_json("kWh"),
            "energy_per_transaction": None if each is None else each.to_json("Wh"),
            "transactions_per_second": tps,
        }
    )
