"""A named graph of an edge table kept as arrays beside it, and read from there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passport.errors import PassportError
from passport.exchange.array_cache import read_arrays, write_arrays
from passport.exchange.named_graph import Column, Labels, NamedGraph, supply_graph
from passport.exchange.packed_texts import PackedTexts
from passport.exchange.stated_spreads import StatedSpreads


def keep_graph(path: Path, graph: NamedGraph, *, key: str) -> bool:
    """Write a graph down; False where nobody may write."""
    arrays, facts = _packed(graph)
    return write_arrays(path, arrays, key=key, facts=facts)


def kept_graph(path: Path, *, key: str, source: Path) -> NamedGraph | None:
    """The graph that was kept under this key, if it is there and whole."""
    kept = read_arrays(path, key=key)
    try:
        return None if kept is None else _unpacked(*kept, source=source)
    except (PassportError, LookupError, TypeError, ValueError):  # arrays that make no graph, whoever left them there
        return None


def _packed(named: NamedGraph) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """A graph as arrays and facts."""
    graph = named.graph
    arrays: dict[str, NDArray[Any]] = {
        "supplier": graph.supplier,
        "consumer": graph.consumer,
        "amount": graph.amount,
        "direct": graph.direct,
    }
    for name, texts in (("ids", named.ids), ("names", named.names)):
        if isinstance(texts, PackedTexts) and (name == "ids" or texts is not named.ids):
            arrays |= {f"{name}.data": texts.data, f"{name}.offsets": texts.offsets}
    labels = {"unit": named.units} | {f"tag.{name}": each for name, each in named.tags.items()}
    labels |= {f"edge.{name}": each for name, each in named.edge_tags.items()}
    for name, spreads, unstated in (
        ("edge", named.edge_spreads, named.edge_unstated),
        ("direct", named.direct_spreads, named.direct_unstated),
    ):
        if spreads is not None and unstated is not None:
            arrays |= {
                f"spread.{name}.kind": spreads.kind,
                f"spread.{name}.scale": spreads.scale,
                f"spread.{name}.unstated": unstated,
            }
    arrays |= {name: each.codes for name, each in labels.items() if isinstance(each, Labels)}
    facts = {
        "columns": [[column.name, column.unit] for column in named.columns],
        "labels": {name: each.labels for name, each in labels.items() if isinstance(each, Labels)},
    }
    return arrays, facts


def _unpacked(arrays: dict[str, NDArray[Any]], facts: dict[str, Any], *, source: Path) -> NamedGraph:
    """The graph again."""
    columns = tuple(Column(name, unit) for name, unit in facts["columns"])
    ids = PackedTexts(arrays["ids.data"], arrays["ids.offsets"], is_distinct=True)
    has_names = "names.data" in arrays
    labels = {name: Labels(arrays[name], tuple(texts)) for name, texts in facts["labels"].items()}
    ends = (arrays["supplier"], arrays["consumer"], arrays["amount"], arrays["direct"])
    named = NamedGraph(
        graph=supply_graph(*ends, ids=ids, columns=columns, where=lambda row: f"{source}: row {row + 1}"),
        ids=ids,
        names=PackedTexts(arrays["names.data"], arrays["names.offsets"]) if has_names else ids,
        units=labels["unit"],
        columns=columns,
        source=str(source),
        tags={name[4:]: each for name, each in labels.items() if name.startswith("tag.")},
        edge_tags={name[5:]: each for name, each in labels.items() if name.startswith("edge.")},
    )
    return named.with_spreads(edges=_spreads(arrays, "edge"), direct=_spreads(arrays, "direct"))


def _spreads(arrays: dict[str, NDArray[Any]], name: str) -> StatedSpreads | None:
    """Spreads as tables state them: each an unknown of its own, around the amount as the median."""
    if f"spread.{name}.kind" not in arrays:
        return None
    kind = arrays[f"spread.{name}.kind"]
    is_mean = np.zeros(kind.shape, dtype=np.bool_)
    return StatedSpreads(kind, arrays[f"spread.{name}.scale"], is_mean, arrays[f"spread.{name}.unstated"])
