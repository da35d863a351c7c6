"""What `compute` and `plot` have in common: reading a graph, finding the product that is meant, and its unit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli.output import plain
from cli.progress import progress
from cli.session import Session
from passport.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from passport.exchange.named_graph import NamedGraph

MAX_LISTED: Final = 10


def open_graph(session: Session, file: Path, nodes: Path | None) -> NamedGraph:
    """Read a graph from a file or folder; what its reader remarks goes to stderr."""
    from passport.exchange.graphs import read_graph

    with progress(session.output, str(file)):
        named = read_graph(file, nodes=nodes)
    say_notes(session, named)
    return named


def say_notes(session: Session, named: NamedGraph) -> None:
    """What whoever reads results should know, on stderr."""
    for note in named.notes:
        session.output.remark(note, style="dim")


def final_products(named: NamedGraph) -> NDArray[np.intp]:
    """The products that no other one uses: what the graph is there for."""
    import numpy as np

    graph = named.graph
    is_used = np.zeros(graph.n_products, dtype=bool)
    is_used[graph.supplier[graph.supplier != graph.consumer]] = True
    return np.flatnonzero(~is_used)


def the_product(named: NamedGraph, wanted: str | None) -> int:
    """The product that is meant: the one named, or the only one that no other uses.

    Raises:
        NotFoundError: None has that id or name, or several have that name.
        UsageError: None is named, and not exactly one is used by no other.
    """
    if wanted is not None:
        return named.product(wanted)
    final = final_products(named)
    if len(final) == 1:
        return int(final[0])
    if not len(final):
        raise UsageError("every product is used by another", where=named.source, hint="name one with --product")
    some = ", ".join(plain(named.ids[int(number)]) for number in final[:MAX_LISTED])
    raise UsageError(
        f"{len(final)} products are used by no other", where=named.source, found=some, hint="name one with --product"
    )


def column_of(named: NamedGraph, wanted: str | None) -> int:
    """The column that is meant: the one named, or the first that is of greenhouse gases, or the first.

    Raises:
        NotFoundError: There is none of that name.
    """
    if wanted is not None:
        return named.column(wanted)
    return next((place for place, column in enumerate(named.columns) if "CO2" in column.unit), 0)


def per(named: NamedGraph, product: int) -> str:
    """How much of a product its footprint is for."""
    unit = named.units[product] or "unit"
    return unit if unit[:1].isdigit() else f"1 {unit}"
