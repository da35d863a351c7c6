"""Where the nodes of a Sankey stand: suppliers left of their buyers, few crossings, nothing on top of each other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from passport.carbon.charts import Flow, Sankey

TOP_PX: Final = 330.0
"""Height of the product at the right."""

MIN_SLOT_PX: Final = 50.0
"""Room for a node's three lines of text."""

GAP_PX: Final = 10.0
MAX_COLUMNS: Final = 8
"""More than that are not laid out by longest ways."""

_ROUNDS: Final = 8


@dataclass(slots=True)
class Spot:
    """Where a node stands.

    Attributes:
        column: From the right, the product itself in 0.
        height: Pixels of its bar: the larger of what comes in and what leaves, signs aside.
        y: Its top, from the top of the picture's middle part.
    """

    column: int
    height: float
    y: float = 0.0

    @property
    def slot(self) -> float:
        """The room it takes, its text included."""
        return max(self.height, MIN_SLOT_PX)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands.

    Attributes:
        spots: One per node.
        forward: Flows from left to right.
        back: Flows that close a loop.
        scale: Pixels per unit of the numbers.
        columns: How many there are.
        height: Pixels down to the lowest slot's end.
    """

    spots: list[Spot]
    forward: list[Flow]
    back: list[Flow]
    scale: float
    columns: int
    height: float


def lay_out(chart: Sankey) -> Layout:
    """Find a place for every node of a chart."""
    forward, back = _without_loops(chart)
    column = _columns(len(chart.nodes), forward)
    if max(column) >= MAX_COLUMNS:
        # Where nearly everybody supplies everybody, longest ways are as long as there are nodes.
        column = _main_columns(len(chart.nodes), forward)
        back += [flow for flow in forward if column[flow.source] <= column[flow.target]]
        forward = [flow for flow in forward if column[flow.source] > column[flow.target]]
    passing = _passing(chart)
    scale = TOP_PX / (max(passing) or 1.0)
    spots = [Spot(column[node], max(passing[node] * scale, 1.0)) for node in range(len(chart.nodes))]
    count = max(column) + 1
    height = _place(spots, forward, count)
    return Layout(spots, forward, back, scale, count, height)


def _passing(chart: Sankey) -> list[float]:
    """What comes in or leaves each node, whichever is more, signs aside."""
    comes = [abs(node.own) + abs(node.hidden_in) for node in chart.nodes]
    leaves = [abs(node.hidden_out) for node in chart.nodes]
    leaves[0] += abs(chart.total)
    for flow in chart.flows:
        comes[flow.target] += abs(flow.value)
        leaves[flow.source] += abs(flow.value)
    return [max(pair) for pair in zip(comes, leaves, strict=True)]


def _without_loops(chart: Sankey) -> tuple[list[Flow], list[Flow]]:
    """Flows that can all run one way, and those that then run back; larger ones choose first."""
    forward, back = [], []
    onward: dict[int, set[int]] = defaultdict(set)
    for flow in sorted(chart.flows, key=lambda flow: (-abs(flow.value), flow.source, flow.target)):
        # Nothing leaves the product at the right but to it, so what goes on from it is a loop however large it is.
        if flow.source == 0 or _leads_to(onward, flow.target, flow.source):
            back.append(flow)
        else:
            forward.append(flow)
            onward[flow.source].add(flow.target)
    return forward, back


def _leads_to(onward: dict[int, set[int]], start: int, wanted: int) -> bool:
    """Whether there is a way from one node to another."""
    seen, ahead = {start}, [start]
    while ahead:
        node = ahead.pop()
        if node == wanted:
            return True
        ahead += onward[node] - seen
        seen |= onward[node]
    return False


def _columns(count: int, forward: list[Flow]) -> list[int]:
    """For each node the longest way to the product at the right."""
    column = [0] * count
    for _ in range(count):
        changed = False
        for flow in forward:
            if column[flow.source] < column[flow.target] + 1:
                column[flow.source] = column[flow.target] + 1
                changed = True
        if not changed:
            break
    return column


def _main_columns(count: int, forward: list[Flow]) -> list[int]:
    """For each node one more than that of its largest buyer, the product itself in 0."""
    buyer: dict[int, Flow] = {}
    for flow in forward:
        if flow.source not in buyer or abs(flow.value) > abs(buyer[flow.source].value):
            buyer[flow.source] = flow
    column = [0] + [1] * (count - 1)
    for node in range(1, count):
        at, steps = node, 0
        while at in buyer:  # forward flows make no loop
            at, steps = buyer[at].target, steps + 1
        column[node] = max(steps, 1)
    return column


def _place(spots: list[Spot], forward: list[Flow], count: int) -> float:
    columns: list[list[int]] = [[] for _ in range(count)]
    for node, spot in enumerate(spots):
        columns[spot.column].append(node)
    tallest = max(_stack_height([spots[node] for node in nodes]) for nodes in columns)
    neighbours: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for flow in forward:
        neighbours[flow.source].append((flow.target, abs(flow.value)))
        neighbours[flow.target].append((flow.source, abs(flow.value)))
    for nodes in columns:
        _stack([spots[node] for node in nodes], (tallest - _stack_height([spots[node] for node in nodes])) / 2)
    for number in range(_ROUNDS):
        for nodes in columns if number % 2 == 0 else columns[::-1]:
            wanted = {node: _wanted(node, spots, neighbours) for node in nodes}
            nodes.sort(key=lambda node: (wanted[node], node))
            _settle([spots[node] for node in nodes], [wanted[node] for node in nodes], tallest)
    return tallest


def _wanted(node: int, spots: list[Spot], neighbours: dict[int, list[tuple[int, float]]]) -> float:
    """The middle of a node's neighbours, weighted by what flows between them."""
    weight = sum(value for _, value in neighbours[node])
    if not weight:
        return spots[node].y + spots[node].slot / 2
    return sum((spots[other].y + spots[other].slot / 2) * value for other, value in neighbours[node]) / weight


def _settle(spots: list[Spot], middles: list[float], height: float) -> None:
    """Put each as near to its wanted middle as those above and the ends allow."""
    floor = 0.0
    for spot, middle in zip(spots, middles, strict=True):
        spot.y = max(middle - spot.slot / 2, floor)
        floor = spot.y + spot.slot + GAP_PX
    ceiling = height
    for spot in reversed(spots):
        spot.y = min(spot.y, ceiling - spot.slot)
        ceiling = spot.y - GAP_PX


def _stack(spots: list[Spot], top: float) -> None:
    for spot in spots:
        spot.y = top
        top += spot.slot + GAP_PX


def _stack_height(spots: list[Spot]) -> float:
    return sum(spot.slot + GAP_PX for spot in spots) - GAP_PX
