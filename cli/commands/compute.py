"""`passport compute`: footprints of a graph in a file, without any passport, key or chain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.graphs import open_graph
from cli.progress import progress
from cli.session import Session, command
from passport.errors import UsageError

EXAMPLES = """\
passport compute edges.csv                           what is in it, and its final products
passport compute edges.csv --product cell --by country --by tier
passport compute edges.parquet --all --json > footprints.json
passport compute edges.csv --product cell --monte-carlo 1000 --seed 7
passport compute edges.csv --product cell --monte-carlo 1000 --gsd 1.2    where none is stated
"""
MAX_SAMPLES = 1_000_000
MAX_SEED = 2**63 - 1
MAX_GSD = 100.0


@command(workspace=False)
def compute(
    session: Session,
    file: Annotated[
        Path, typer.Argument(help="An edge table, inventories, or LCA data: a file or folder.", metavar="FILE")
    ],
    *,
    product: Annotated[
        list[str] | None, typer.Option("--product", help="Id or name of a product; may be repeated.", metavar="ID")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="The footprint of every product, one a line.")] = False,
    column: Annotated[
        str | None, typer.Option("--column", help="Which impact column decides what is large.", metavar="NAME")
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", help="Also split by tier, or by a tag of the file such as country.", metavar="TAG"),
    ] = None,
    cutoff: Annotated[
        float, typer.Option("--cutoff", min=0, max=1, help="Follow paths down to this share of the total.")
    ] = 0.005,
    max_nodes: Annotated[
        int, typer.Option("--max-nodes", min=1, max=1_000_000, help="Follow at most so many places.")
    ] = 100,
    monte_carlo: Annotated[
        int | None, typer.Option("--monte-carlo", min=2, max=MAX_SAMPLES, help="Draw so many samples.", metavar="N")
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=MAX_SEED, help="Of the draws; the same seed, the same result.")
    ] = 0,
    gsd: Annotated[
        float | None,
        typer.Option(
            "--gsd",
            min=1,
            max=MAX_GSD,
            help="Take this geometric standard deviation for whatever the file states none for.",
        ),
    ] = None,
    nodes: Annotated[
        Path | None, typer.Option("--nodes", help="The node table of an edge table, if not beside it.", metavar="FILE")
    ] = None,
) -> None:
    """For named products: own part, suppliers, heaviest paths, and what these leave unexplained.

    What a FILE may be is in the documents (docs/howto-engine.md). A loop that cannot be, a missing node or a unit that
    does not convert is named, and nothing is computed.
    """
    if all_ and product:
        raise UsageError("all products or some", found="--all with --product", hint="leave out one of them")
    if gsd is not None and monte_carlo is None:
        raise UsageError("a spread without samples", found="--gsd alone", hint="add --monte-carlo 1000")
    named = open_graph(session, file, nodes)
    # Only now: the engine's arrays are an extra, and whoever reads the graph says so.
    from cli.compute import Asked, compute_report, every_footprint
    from cli.compute_page import show_all, show_report

    asked = Asked(
        products=tuple(product or ()),
        column=column,
        by=tuple(by or ()),
        cutoff=cutoff,
        max_nodes=max_nodes,
        samples=monte_carlo,
        seed=seed,
        gsd=gsd,
    )
    output = session.output
    if all_:
        with progress(output, "compute"):
            table = every_footprint(named, asked)
        if output.as_json:
            output.document(table.to_json())
        else:
            show_all(output, table)
        return
    with progress(output, "compute"):
        report = compute_report(named, asked)
    if output.as_json:
        output.document(report.to_json())
    else:
        show_report(output, report)
