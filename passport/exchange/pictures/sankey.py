"""Draw a Sankey: emissions flow from left to right, from those who emit to the product at the right."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from passport.carbon.charts import Flow, Node, Sankey
from passport.exchange.pictures.canvas import (
    FAINT,
    HIDDEN,
    HIDDEN_HATCH,
    MARKED_HATCH,
    NEGATIVE,
    NEGATIVE_HATCH,
    PALETTE,
    PAPER,
    Canvas,
)
from passport.exchange.pictures.figures import amount, figure, share
from passport.exchange.pictures.fonts import shortened, wrapped
from passport.exchange.pictures.frame import (
    HEAD_PX,
    LEGEND_PX,
    MARGIN,
    Key,
    Picture,
    Table,
    draw_head,
    draw_legend,
    named,
    subtitle_of,
    title_of,
)
from passport.exchange.pictures.sankey_layout import Layout, Spot, lay_out
from passport.exchange.pictures.words import Language, word

MIN_WIDTH: Final = 1100.0
_COLUMN_PX: Final = 196.0
_BAR: Final = 16.0
_STUB: Final = 26.0
_LABEL: Final = 150.0
_LOOP_PX: Final = 44.0
_THIN_PX: Final = 0.8
_NAME_PX: Final = 12.5
_LINE_PX: Final = 15.5


def draw_sankey(chart: Sankey, language: Language) -> Picture:
    """Draw it.

    Args:
        chart: Nodes and flows.
        language: Of the words.
    """
    return _Painter(chart, language).picture()


class _Painter:
    def __init__(self, chart: Sankey, language: Language) -> None:
        self._chart = chart
        self._language = language
        self._layout: Layout = lay_out(chart)
        loops = _LOOP_PX if self._layout.back else 10.0
        self._top = HEAD_PX + 8
        self._floor = self._top + self._layout.height + 6
        width = max(MIN_WIDTH, 2 * MARGIN + _LABEL + _STUB + self._layout.columns * _COLUMN_PX)
        self._canvas = Canvas(width, self._floor + loops + LEGEND_PX)
        self._legend_y = self._floor + loops
        span = width - 2 * MARGIN - _STUB - _LABEL - _BAR
        self._step = span / max(self._layout.columns - 1, 1)
        # In the order in which they stand, so that neighbours differ.
        spots = self._layout.spots
        order = sorted(range(len(spots)), key=lambda number: (spots[number].column, spots[number].y))
        self._colours = [PALETTE[order.index(number) % len(PALETTE)] for number in range(len(spots))]
        self._left_used = [0.0] * len(chart.nodes)
        self._right_used = [0.0] * len(chart.nodes)

    def picture(self) -> Picture:
        chart, canvas, language = self._chart, self._canvas, self._language
        title, subtitle = title_of(chart.basis, "sankey", language), subtitle_of(chart.basis, chart.total, language)
        draw_head(canvas, title, subtitle)
        starts, ends = self._ports()
        for flow in self._layout.forward:
            self._ribbon(flow, starts[flow], ends[flow])
        for number, flow in enumerate(self._layout.back):
            self._arch(flow, starts[flow], ends[flow], number)
        for number, (node, spot) in enumerate(zip(chart.nodes, self._layout.spots, strict=True)):
            self._node(number, node, spot)
        draw_legend(canvas, self._keys(), self._legend_y)
        largest = sorted(chart.flows, key=lambda flow: -abs(flow.value))[:12]
        described = "; ".join(
            f"{chart.nodes[flow.source].name} → {chart.nodes[flow.target].name} {amount(flow.value, chart.total)}"
            for flow in largest
        )
        return Picture(canvas, title, subtitle, f"{subtitle}. {described}.", self._tables(), language)

    def _x(self, spot: Spot) -> float:
        return self._canvas.width - MARGIN - _LABEL - _BAR - spot.column * self._step

    def _y(self, spot: Spot) -> float:
        return self._top + spot.y + (spot.slot - spot.height) / 2

    def _px(self, value: float) -> float:
        return abs(value) * self._layout.scale

    def _ports(self) -> tuple[dict[Flow, float], dict[Flow, float]]:
        """The upper end of every flow at its source and at its target: higher neighbours first, loops last."""
        spots, back = self._layout.spots, set(self._layout.back)
        out: dict[int, list[Flow]] = defaultdict(list)
        into: dict[int, list[Flow]] = defaultdict(list)
        for flow in self._chart.flows:
            out[flow.source].append(flow)
            into[flow.target].append(flow)
        starts, ends = {}, {}
        for node, flows in out.items():
            for flow in sorted(
                flows, key=lambda flow: (flow in back, spots[flow.target].y, -spots[flow.target].column)
            ):
                starts[flow] = self._y(spots[node]) + self._right_used[node]
                self._right_used[node] += self._px(flow.value)
        for node, flows in into.items():
            for flow in sorted(flows, key=lambda flow: (flow in back, spots[flow.source].y, spots[flow.source].column)):
                ends[flow] = self._y(spots[node]) + self._left_used[node]
                self._left_used[node] += self._px(flow.value)
        return starts, ends

    def _said(self, flow: Flow) -> str:
        nodes, basis = self._chart.nodes, self._chart.basis
        said = amount(flow.value, self._chart.total)
        return f"{nodes[flow.source].name} → {nodes[flow.target].name}: {said} {basis.unit}"

    def _ribbon(self, flow: Flow, start: float, end: float) -> None:
        source, target = self._layout.spots[flow.source], self._layout.spots[flow.target]
        is_negative = flow.value < 0
        self._canvas.ribbon(
            (self._x(source) + _BAR, start),
            (self._x(target), end),
            max(self._px(flow.value), _THIN_PX),
            PAPER if is_negative else self._colours[flow.source],
            alpha=0.9 if is_negative else 0.38,
            hatch=NEGATIVE_HATCH if is_negative else None,
            edge=NEGATIVE if is_negative else "none",
            remark=self._said(flow),
        )

    def _arch(self, flow: Flow, start: float, end: float, number: int) -> None:
        source, target = self._layout.spots[flow.source], self._layout.spots[flow.target]
        thickness = self._px(flow.value)
        self._canvas.arch(
            (self._x(source) + _BAR, start + thickness / 2),
            (self._x(target), end + thickness / 2),
            self._y(source) + source.height + 9 if flow.source == flow.target else self._floor + 10 + 7 * (number % 4),
            thickness,
            NEGATIVE if flow.value < 0 else self._colours[flow.source],
            remark=f"{self._said(flow)} ({word('loop', self._language)})",
        )

    def _node(self, number: int, node: Node, spot: Spot) -> None:
        x, y, canvas, unit = self._x(spot), self._y(spot), self._canvas, self._chart.basis.unit
        name = named(node.name, node.mark, self._language)
        said = amount(node.value, self._chart.total)
        for value, text, is_hidden in ((node.own, "emitted", False), (node.hidden_in, "from_hidden", True)):
            height = self._px(value)
            if height < 0.3:
                continue
            top = y + self._left_used[number]
            self._left_used[number] += height
            fill, hatch, edge = self._stub_look(value, is_hidden=is_hidden, mark=node.mark, number=number)
            remark = f"{name}: {word(text, self._language)}: {amount(value, self._chart.total)} {unit}"
            canvas.rectangle(x - _STUB, top, _STUB, height, fill, hatch=hatch, edge=edge, line=0.6, remark=remark)
        leaves = self._px(node.hidden_out)
        if leaves >= 0.3:
            top = y + self._right_used[number]
            remark = f"{name}: {word('to_hidden', self._language)}: {amount(node.hidden_out, self._chart.total)} {unit}"
            canvas.rectangle(
                x + _BAR, top, _STUB, leaves, HIDDEN, hatch=HIDDEN_HATCH, edge=FAINT, line=0.6, remark=remark
            )
        canvas.rectangle(x, y, _BAR, spot.height, self._colours[number], remark=f"{name}: {said} {unit}", z=3)
        self._label(name, said, x, y + spot.height / 2, spot)

    def _stub_look(
        self, value: float, *, is_hidden: bool, mark: str | None, number: int
    ) -> tuple[str, str | None, str]:
        if value < 0:
            return PAPER, NEGATIVE_HATCH, NEGATIVE
        if is_hidden:
            return HIDDEN, HIDDEN_HATCH, FAINT
        if mark:
            return PAPER, MARKED_HATCH, self._colours[number]
        return self._colours[number], None, "none"

    def _label(self, name: str, said: str, x: float, middle: float, spot: Spot) -> None:
        """Right of the node: what it is in one line or two, and how much passes through it."""
        is_top = spot.column == 0
        room = _LABEL - 8 if is_top else self._step - _BAR - _STUB - 16
        lines = wrapped(name, room, _NAME_PX, is_bold=is_top)
        y = middle + 4 - _LINE_PX * len(lines) / 2
        for line in lines:
            self._canvas.text(x + _BAR + 6, y, line, size=_NAME_PX, has_ground=True, is_bold=is_top)
            y += _LINE_PX
        self._canvas.text(x + _BAR + 6, y, shortened(said, room, 11.5), size=11.5, has_ground=True)

    def _keys(self) -> list[Key]:
        language, chart = self._language, self._chart
        keys = [Key(word("emitted", language), PALETTE[0]), Key(word("handed_on", language), PALETTE[0], alpha=0.38)]
        if any(self._px(node.hidden_in) >= 0.3 for node in chart.nodes):
            keys.append(Key(word("from_hidden", language), HIDDEN, HIDDEN_HATCH, FAINT))
        if any(self._px(node.hidden_out) >= 0.3 for node in chart.nodes):
            keys.append(Key(word("to_hidden", language), HIDDEN, HIDDEN_HATCH, FAINT))
        values = [flow.value for flow in chart.flows] + [node.own for node in chart.nodes]
        if any(value < 0 for value in values):
            keys.append(Key(word("negative", language), PAPER, NEGATIVE_HATCH, NEGATIVE))
        if any(node.mark for node in chart.nodes):
            keys.append(Key(word("marked", language), PAPER, MARKED_HATCH, PALETTE[0]))
        return keys

    def _tables(self) -> tuple[Table, Table]:
        language, chart = self._language, self._chart
        number = chart.basis.unit
        texts = ("product", "emitted", "from_hidden", "to_hidden", "passing")
        heads = tuple(word(text, language) for text in texts)
        nodes = tuple(
            (
                named(node.name, node.mark, language),
                *(figure(value, digits=6) for value in (node.own, node.hidden_in, node.hidden_out, node.value)),
                share(node.value, chart.total),
            )
            for node in chart.nodes
        )
        flows = tuple(
            (
                chart.nodes[flow.source].name,
                chart.nodes[flow.target].name,
                figure(flow.value, digits=6),
                share(flow.value, chart.total),
            )
            for flow in sorted(chart.flows, key=lambda flow: -abs(flow.value))
        )
        flow_heads = (word("from", language), word("to", language), number, word("share", language))
        return (
            Table(f"{word('products', language)} ({chart.basis.unit})", (*heads, word("share", language)), nodes),
            Table(word("flows", language), flow_heads, flows),
        )
