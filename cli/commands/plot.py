"""`passport plot`: one footprint as a picture, from a passport's rows or from a file that `compute` takes."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.graphs import column_of, open_graph, say_notes, the_product
from cli.judging import find_passport
from cli.progress import progress
from cli.session import Session, command
from passport.errors import DocumentError, NotFoundError, UsageError

if TYPE_CHECKING:
    from passport.carbon.charts import Basis, Sankey, Treemap, Waterfall
    from passport.exchange.named_graph import NamedGraph

EXAMPLES = """\
passport plot https://acme.example/passports/0b6e... --kind sankey -o pack.svg
passport plot edges.csv --product cell --kind waterfall --by country -o cell.html
passport plot edges.csv --product cell --kind treemap -o cell.png --lang zh
"""
MAX_STEPS = 15
DEFAULT_STEP_CUTOFF = 0.002
SUPPLIER = "supplier"


class Kind(StrEnum):
    """What is drawn."""

    SANKEY = "sankey"
    WATERFALL = "waterfall"
    TREEMAP = "treemap"


@command()
def plot(
    session: Session,
    name: Annotated[
        str,
        typer.Argument(
            help="A passport's id or digest, a product's id, or a file as `compute` takes it.", metavar="ID_OR_FILE"
        ),
    ],
    *,
    kind: Annotated[Kind, typer.Option("--kind", help="What to draw.")],
    out: Annotated[Path, typer.Option("--output", "-o", help="The picture: .svg, .png or .html.", metavar="FILE")],
    product: Annotated[
        str | None, typer.Option("--product", help="Of a file: id or name of the product.", metavar="ID")
    ] = None,
    column: Annotated[
        str | None, typer.Option("--column", help="Of a file: which impact column.", metavar="NAME")
    ] = None,
    by: Annotated[
        str, typer.Option("--by", help="Of a waterfall: supplier, tier, or a tag such as country.", metavar="TAG")
    ] = SUPPLIER,
    cutoff: Annotated[
        float | None,
        typer.Option("--cutoff", min=0, max=1, help="Leave out what is below this share of the total."),
    ] = None,
    font: Annotated[
        Path | None,
        typer.Option("--font", help="Of a PNG: a font file for Chinese, if none is found.", metavar="FILE"),
    ] = None,
    nodes: Annotated[
        Path | None, typer.Option("--nodes", help="The node table of an edge table, if not beside it.", metavar="FILE")
    ] = None,
) -> None:
    """What is withheld, imported or unknown is shown as such. A page (.html) has the numbers in a table below.

    A picture shows what issuers state; whether it is true is for `passport audit`.
    """
    from passport.exchange.pictures.words import SUFFIXES
    from passport.workspace import WORKSPACE_FILE

    suffix = out.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError("not a kind of picture", where=str(out), expected=" or ".join(SUFFIXES))
    if by != SUPPLIER and kind is not Kind.WATERFALL:
        raise UsageError("only a waterfall is split by something", found=f"--by {by} with --kind {kind}")
    if Path(name).exists():
        named = open_graph(session, Path(name), nodes)
        number = the_product(named, product)
        boundary = session.output.word("plot.boundary.cradle_to_gate")
    else:
        if not (session.folder / WORKSPACE_FILE).exists() and ("/" not in name or Path(name).suffix):
            raise NotFoundError("no such file, and no workspace to look in", where=name, hint="--workspace names one")
        if product is not None or nodes is not None:
            raise UsageError("a passport is of one product", found="--product or --nodes", hint="leave it out")
        named, number = _of_passport(session, name), 0
        boundary = session.output.word("plot.boundary.cradle_to_gate_excluding_uptake")
    from passport.exchange.pictures.draw import picture_bytes

    with progress(session.output, str(kind)):
        chart = _chart(session, named, number, kind, column=column, by=by, cutoff=cutoff, boundary=boundary)
        data = picture_bytes(chart, suffix, language=session.output.language.value, font=font)
    try:
        out.write_bytes(data)
    except OSError as error:
        raise DocumentError("cannot be written", where=str(out), found=error.strerror) from error
    output = session.output
    output.result(output.word("plot.done", file=out, kind=kind, size=f"{len(data):,}"))
    output.document({"file": str(out), "bytes": len(data), "kind": str(kind), "chart": chart.to_json()})


def _of_passport(session: Session, name: str) -> NamedGraph:
    from passport.exchange.passport_graph import read_passport_graph
    from verifier.store_source import StoreSource

    with session.open() as workspace, progress(session.output, name):
        named = read_passport_graph(StoreSource(workspace.store, None), find_passport(workspace.store, name))
    say_notes(session, named)
    return named


def _chart(
    session: Session,
    named: NamedGraph,
    number: int,
    kind: Kind,
    *,
    column: str | None,
    by: str,
    cutoff: float | None,
    boundary: str,
) -> Sankey | Waterfall | Treemap:
    from cli.compute import basis_of, captions_of
    from passport.carbon.charts import DEFAULT_SANKEY_CUTOFF, sankey_chart, treemap_chart
    from passport.carbon.paths import DEFAULT_CUTOFF, follow

    which = column_of(named, column)
    basis, captions = basis_of(named, number, which, boundary), captions_of(named)
    match kind:
        case Kind.SANKEY:
            share = DEFAULT_SANKEY_CUTOFF if cutoff is None else cutoff
            return sankey_chart(named.graph, number, basis, captions, cutoff=share, column=which)
        case Kind.TREEMAP:
            share = DEFAULT_CUTOFF if cutoff is None else cutoff
            return treemap_chart(follow(named.graph, number, cutoff=share, column=which), basis, captions)
        case Kind.WATERFALL:
            share = DEFAULT_STEP_CUTOFF if cutoff is None else cutoff
            return _waterfall(session, named, number, which, by=by, cutoff=share, basis=basis)


def _waterfall(
    session: Session, named: NamedGraph, number: int, column: int, *, by: str, cutoff: float, basis: Basis
) -> Waterfall:
    from cli.compute import TIER, captions_of, split_by
    from passport.carbon.charts import waterfall_chart
    from passport.carbon.contributions import by_supplier

    if by == SUPPLIER:
        found = by_supplier(named.graph, number)
        name_of = {key: named.names[key] for key in found.keys}
        marks = captions_of(named).marks
    else:
        if by != TIER and by not in named.tags and by not in named.edge_tags:
            known = ", ".join([SUPPLIER, TIER, *named.tags, *named.edge_tags])
            raise UsageError("no such tag", where="--by", expected=known, found=by)
        split = split_by(named, number, by, column=column)
        found, marks = split.breakdown, {}
        names = split.names
        if by == TIER:
            names = tuple(session.output.word("plot.tier", number=name) for name in names)
        name_of = dict(zip(found.keys, names, strict=True))
    found = found.largest(found.count_above(cutoff, column=column, at_most=MAX_STEPS), column=column)
    shown = [name_of[key] for key in found.keys]
    return waterfall_chart(found, basis, shown, marks=[marks.get(key) for key in found.keys], column=column)
