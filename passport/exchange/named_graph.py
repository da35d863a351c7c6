"""A supply graph with what its numbers mean: ids, names and units of its products, its columns, and tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passport.carbon import Spreads, SupplyGraph
from passport.errors import DocumentError, GraphError, NotFoundError, UnproductiveError

if TYPE_CHECKING:
    from collections.abc import Callable

    from passport.exchange.stated_spreads import StatedSpreads

_SUGGESTIONS_UP_TO = 50_000
"""Products among which a name like the one asked for is looked for: it takes a second a million."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of direct emissions.

    Attributes:
        name: What it is of, as its source calls it.
        unit: In what, per unit of the product.
    """

    name: str
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class Labels(Sequence["str | None"]):
    """A text for each of many things, few different ones: a number for each, and the texts once. None is not known.

    Attributes:
        codes: (n,) which of `labels`; -1 where it is not known.
        labels: The different texts.
    """

    codes: NDArray[np.int32]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str | None]) -> Labels:
        """Those texts; an empty one is not known."""
        number: dict[str, int] = {}
        codes = [number.setdefault(text, len(number)) if text else -1 for text in texts]
        return cls(np.array(codes, dtype=np.int32), tuple(number))

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, place: int) -> str | None: ...
    @overload
    def __getitem__(self, place: slice) -> list[str | None]: ...
    def __getitem__(self, place: int | slice) -> str | list[str | None] | None:
        if isinstance(place, slice):
            return [self._text(code) for code in self.codes[place]]
        return self._text(self.codes[place])

    def __iter__(self) -> Iterator[str | None]:
        return (self._text(code) for code in self.codes)

    def _text(self, code: np.int32) -> str | None:
        return None if code < 0 else self.labels[code]


@dataclass(frozen=True, slots=True, eq=False)
class NamedGraph:
    """A graph and what its numbers mean.

    Attributes:
        graph: Numbers: `graph.direct` has one column for each of `columns`, also where there is only one.
        ids: n ids of the products, each once.
        names: n names for people; those without a name are called by their id.
        units: n units: what one unit of each product is.
        columns: What `graph.direct` is of.
        source: What it was read from, for people.
        tags: By kind (`country`, `location`, `category`, `subject` ...): n texts, one for each product.
        edge_tags: By kind (`stage`): m texts, one for each edge.
        notes: What whoever reads results should know: what was left out, summed, or taken as something.
        edge_spreads: How uncertain the amounts are, one a row; None where the source says it of none. An amount of
            which nothing is said does not move in them: unknown is not zero, so look at `edge_unstated`.
        direct_spreads: How uncertain the direct emissions are, one for each product or one for each of its columns;
            None where the source says it of none.
        edge_unstated: Of what share of each amount nothing is said, 0 to 1, in the shape of its spreads.
        direct_unstated: The same of the direct emissions; above 1 where terms cancel.
    """

    graph: SupplyGraph
    ids: Sequence[str]
    names: Sequence[str]
    units: Sequence[str | None]
    columns: tuple[Column, ...]
    source: str
    tags: Mapping[str, Labels] = field(default_factory=dict)
    edge_tags: Mapping[str, Labels] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    edge_spreads: Spreads | None = None
    direct_spreads: Spreads | None = None
    edge_unstated: NDArray[np.float64] | None = None
    direct_unstated: NDArray[np.float64] | None = None

    def with_spreads(self, *, edges: StatedSpreads | None = None, direct: StatedSpreads | None = None) -> NamedGraph:
        """The same graph with the spreads that its source states, if it states any."""
        said: dict[str, Any] = {}
        for name, stated in (("edge", edges), ("direct", direct)):
            if stated is not None and stated.is_any:
                said |= {f"{name}_spreads": stated.spreads, f"{name}_unstated": stated.unstated}
        return replace(self, **said) if said else self

    def product(self, wanted: str) -> int:
        """The number of the product with that id, or else with that name if only one has it.

        Raises:
            NotFoundError: None has it, or several have that name.
        """
        for texts in (self.ids, self.names):
            found = _places(texts, wanted)
            if len(found) == 1:
                return found[0]
            if found:
                several = ", ".join(self.ids[number] for number in found[:5])
                raise NotFoundError(
                    "several products of that name", where=self.source, found=wanted, hint=f"give an id: {several}"
                )
        near = []
        if len(self.ids) <= _SUGGESTIONS_UP_TO:
            near = get_close_matches(wanted, [*self.ids, *self.names], n=3, cutoff=0.6)
        hint = f"did you mean {' or '.join(dict.fromkeys(near))}?" if near else None
        raise NotFoundError("no product of that id or name", where=self.source, found=wanted, hint=hint)

    def column(self, name: str) -> int:
        """The place of the column of that name.

        Raises:
            NotFoundError: There is none.
        """
        names = [column.name for column in self.columns]
        if name not in names:
            raise NotFoundError("no column of that name", where=self.source, expected=", ".join(names), found=name)
        return names.index(name)


def supply_graph(
    supplier: ArrayLike,
    consumer: ArrayLike,
    amount: ArrayLike,
    direct: ArrayLike,
    *,
    ids: Sequence[str],
    columns: tuple[Column, ...],
    where: Callable[[int], str],
) -> SupplyGraph:
    """A graph from columns, its errors in the words of the file that the columns are from.

    Args:
        supplier: (m,) numbers of products.
        consumer: (m,) numbers of products.
        amount: (m,) amounts.
        direct: (n, K) emissions.
        ids: n ids.
        columns: K columns.
        where: Where the file states an edge, by its row.

    Raises:
        DocumentError: No products.
        GraphError: An edge that cannot be; named with where it stands.
    """
    if not len(ids):
        raise DocumentError("nothing but a heading", where=where(0), expected="at least one product", found="none")
    suppliers, consumers, amounts = np.asarray(supplier), np.asarray(consumer), np.asarray(amount, dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(amounts))
    if len(bad):
        row = int(bad[0])
        raise GraphError("not a finite amount", where=where(row), expected="a number", found=amounts[row])
    loops = np.flatnonzero((suppliers == consumers) & (amounts >= 1))
    if len(loops):
        row = int(loops[0])
        product = int(suppliers[row])
        raise UnproductiveError(
            f"{ids[product]} needs at least one unit of itself for each unit",
            loop=(product,),
            where=where(row),
            expected="less than 1",
            found=amounts[row],
        )
    names = [column.name for column in columns]
    return SupplyGraph.from_edges(suppliers, consumers, amounts, direct, columns=names, products=ids)


def _places(texts: Sequence[str], wanted: str) -> list[int]:
    """Where a text stands; sequences that can find it themselves do."""
    find = getattr(texts, "places", None)
    return list(find(wanted)) if find else [place for place, text in enumerate(texts) if text == wanted]
