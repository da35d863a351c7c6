"""Draw a treemap: who emits, in blocks by direct supplier, areas in proportion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from passport.carbon.charts import Tile, Treemap
from passport.exchange.pictures.canvas import (
    FAINT,
    HIDDEN_HATCH,
    INK,
    MARKED_HATCH,
    NEGATIVE,
    NEGATIVE_HATCH,
    PALETTE,
    PAPER,
    Canvas,
)
from passport.exchange.pictures.figures import amount, figure, share
from passport.exchange.pictures.fonts import shortened, width_px, wrapped
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
from passport.exchange.pictures.words import Language, word

WIDTH: Final = 1100.0
_MAP_PX: Final = 560.0
_STRIP: Final = 22.0
_GAP: Final = 3.0
_TINTS: Final = (0.62, 0.50, 0.70, 0.42)
_NARROW: Final = 34.0
_MAX_TILES: Final = 400


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, width and height."""

    x: float
    y: float
    width: float
    height: float

    def inner(self, gap: float, *, top: float = 0.0) -> Box:
        """The same with a margin inside, and more of it at the top."""
        width, height = max(self.width - 2 * gap, 0.0), max(self.height - 2 * gap - top, 0.0)
        return Box(self.x + gap, self.y + gap + top, width, height)


def squarified(sizes: Sequence[float], box: Box) -> list[Box]:
    """Boxes of areas in proportion to sizes above zero, largest first, as near to squares as rows of them allow.

    Bruls, Huizing and van Wijk, Squarified Treemaps (2000): a row takes the next size as long as that makes its worst
    box no longer.
    """
    scale = box.width * box.height / (sum(sizes) or 1.0)
    areas = [size * scale for size in sizes]
    found: list[Box] = []
    at = 0
    while at < len(areas):
        side = min(box.width, box.height)
        end = at + 1
        while end < len(areas) and _worst(areas[at : end + 1], side) <= _worst(areas[at:end], side):
            end += 1
        row = areas[at:end]
        thickness = sum(row) / side if side else 0.0
        along = 0.0
        for area in row:
            length = area / thickness if thickness else 0.0
            if box.width >= box.height:
                found.append(Box(box.x, box.y + along, thickness, length))
            else:
                found.append(Box(box.x + along, box.y, length, thickness))
            along += length
        if box.width >= box.height:
            box = Box(box.x + thickness, box.y, max(box.width - thickness, 0.0), box.height)
        else:
            box = Box(box.x, box.y + thickness, box.width, max(box.height - thickness, 0.0))
        at = end
    return found


def draw_treemap(chart: Treemap, language: Language) -> Picture:
    """Draw it; a credit or removal has its area too, hatched, and the words say how much is added and taken away.

    Args:
        chart: The tiles.
        language: Of the words.
    """
    return _Painter(chart, language).picture()


class _Painter:
    def __init__(self, chart: Treemap, language: Language) -> None:
        self._chart = chart
        self._language = language
        self._canvas = Canvas(WIDTH, HEAD_PX + _MAP_PX + LEGEND_PX + 14)

    def picture(self) -> Picture:
        chart, canvas, language = self._chart, self._canvas, self._language
        title, subtitle = title_of(chart.basis, "treemap", language), subtitle_of(chart.basis, chart.total, language)
        added = sum(tile.value for tile in chart.tiles if tile.value > 0)
        taken = sum(tile.value for tile in chart.tiles if tile.value < 0)
        if taken:
            both = word("removals", language, positive=figure(added), negative=figure(-taken))
            subtitle = f"{subtitle} ({both})"
        draw_head(canvas, title, subtitle)
        groups = [list(tiles) for _, tiles in groupby(chart.tiles, key=lambda tile: tile.group)]
        sizes = [sum(abs(tile.value) for tile in tiles) for tiles in groups]
        boxes = squarified(sizes, Box(MARGIN, HEAD_PX, WIDTH - 2 * MARGIN, _MAP_PX))
        for number, (tiles, box) in enumerate(zip(groups, boxes, strict=True)):
            self._group(tiles, box.inner(_GAP / 2), PALETTE[number % len(PALETTE)])
        draw_legend(canvas, self._keys(), HEAD_PX + _MAP_PX + 14)
        largest = sorted(chart.tiles, key=lambda tile: -abs(tile.value))[:12]
        described = "; ".join(f"{self._name(tile)} {amount(tile.value, chart.total)}" for tile in largest)
        return Picture(canvas, title, subtitle, f"{subtitle}. {described}.", (self._table(),), language)

    def _name(self, tile: Tile) -> str:
        if tile.name is None:
            return word("hidden", self._language)
        return named(tile.name, tile.mark, self._language)

    def _group(self, tiles: list[Tile], box: Box, colour: str) -> None:
        total = sum(tile.value for tile in tiles)
        heading = f"{tiles[0].group}  {amount(total, self._chart.total)}"
        has_strip = len(tiles) > 1 and box.width > 70 and box.height > 2.6 * _STRIP
        if has_strip:
            self._canvas.rectangle(box.x, box.y, box.width, _STRIP, colour)
            room = box.width - 12
            text = heading if width_px(heading, 12, is_bold=True) <= room else tiles[0].group
            ink = INK if _is_light(colour) else PAPER
            self._canvas.text(
                box.x + 6, box.y + 15.5, shortened(text, room, 12, is_bold=True), size=12, colour=ink, is_bold=True
            )
        inside = box.inner(0, top=_STRIP + 1) if has_strip else box
        sizes = [abs(tile.value) for tile in tiles]
        for number, (tile, place) in enumerate(zip(tiles[:_MAX_TILES], squarified(sizes, inside), strict=False)):
            is_alone = not has_strip and tile.name not in (None, tile.group)
            self._tile(tile, place, _tinted(colour, _TINTS[number % len(_TINTS)]), with_group=is_alone)

    def _tile(self, tile: Tile, box: Box, fill: str, *, with_group: bool) -> None:
        hatch, edge = None, PAPER
        if tile.value < 0:
            fill, hatch, edge = PAPER, NEGATIVE_HATCH, NEGATIVE
        elif tile.name is None:
            fill, hatch, edge = PAPER, HIDDEN_HATCH, FAINT
        elif tile.mark:
            hatch, edge = MARKED_HATCH, FAINT
        name, said = self._name(tile), amount(tile.value, self._chart.total)
        remark = f"{tile.group}: {name}: {said} {self._chart.basis.unit}"
        self._canvas.rectangle(
            box.x, box.y, box.width, box.height, fill, hatch=hatch, edge=edge, line=1.0, remark=remark
        )
        if with_group:
            name = f"{tile.group}: {name}"
        room = box.width - 10
        has_ground = hatch is not None
        if room < _NARROW and box.width > 17 and box.height > 2 * _NARROW:
            text = shortened(f"{name}  {said}", box.height - 10, 11.5)
            self._canvas.text(
                box.x + box.width / 2 + 4, box.y + 5, text, size=11.5, has_ground=has_ground, is_down=True
            )
        if room < _NARROW or box.height < 18:
            return
        lines = wrapped(name, room, 12, lines=max(1, min(3, int((box.height - 8) // 15) - 1)))
        if not lines[-1]:
            return
        baseline = box.y + 15
        for line in lines:
            self._canvas.text(box.x + 5, baseline, line, size=12, has_ground=has_ground)
            baseline += 15
        if baseline + 2 <= box.y + box.height:
            number = said if width_px(said, 11.5) <= room else figure(tile.value)
            text = shortened(number, room, 11.5)
            self._canvas.text(
                box.x + 5, baseline, text if text == number else "", size=11.5, colour=INK, has_ground=has_ground
            )

    def _keys(self) -> list[Key]:
        language, tiles = self._language, self._chart.tiles
        keys = []
        if any(tile.name is None for tile in tiles):
            keys.append(Key(word("hidden", language), PAPER, HIDDEN_HATCH, FAINT))
        if any(tile.value < 0 for tile in tiles):
            keys.append(Key(word("negative", language), PAPER, NEGATIVE_HATCH, NEGATIVE))
        if any(tile.mark for tile in tiles):
            keys.append(Key(word("marked", language), PAPER, MARKED_HATCH, FAINT))
        return keys

    def _table(self) -> Table:
        language, chart = self._language, self._chart
        heads = (
            word("group", language),
            word("emitter", language),
            chart.basis.unit,
            word("share", language),
        )
        rows = tuple(
            (tile.group, self._name(tile), figure(tile.value, digits=6), share(tile.value, chart.total))
            for tile in chart.tiles
        )
        return Table(word("data", language), heads, rows)


def _worst(areas: Sequence[float], side: float) -> float:
    """How long the longest box of a row is: its longer side over its shorter."""
    total = sum(areas)
    if total <= 0 or side <= 0 or min(areas) <= 0:
        return float("inf")
    return max(side**2 * max(areas) / total**2, total**2 / (side**2 * min(areas)))


def _tinted(colour: str, share_of_white: float) -> str:
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    mixed = [round(part + (255 - part) * share_of_white) for part in parts]
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _is_light(colour: str) -> bool:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue > 145
