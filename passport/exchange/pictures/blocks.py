"""Draw how much gas the blocks of a chain use, as bars over time below the gas that they may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from passport.errors import UsageError
from passport.exchange.pictures.canvas import FAINT, PALETTE, RULE, Canvas, HorizontalAlignment
from passport.exchange.pictures.figures import figure
from passport.exchange.pictures.fonts import width_px
from passport.exchange.pictures.frame import HEAD_PX, LEGEND_PX, MARGIN, Key, Picture, Table, draw_head, draw_legend
from passport.exchange.pictures.page import page
from passport.exchange.pictures.waterfall import ticks
from passport.exchange.pictures.words import SUFFIXES, Language, word

WIDTH: Final = 1100.0
MAX_BARS: Final = 60
_HEIGHT: Final = 300.0
_LEFT: Final = 120.0
_AXIS: Final = 62.0
_TIMES: Final = 6
_LONGEST: Final = 1e11
"""Gas below this is written in plain digits beside the axis."""


class Block(NamedTuple):
    """One block: number, unix seconds, gas used and gas limit."""

    number: int
    timestamp: int
    gas_used: int
    gas_limit: int


@dataclass(frozen=True, slots=True)
class Bar:
    """Blocks that follow each other, as one bar.

    Attributes:
        first: Number of the first.
        last: Number of the last.
        timestamp: The last one's time, unix seconds.
        gas_used: Mean gas of a block.
        gas_limit: Mean gas that a block may use.
    """

    first: int
    last: int
    timestamp: int
    gas_used: float
    gas_limit: float


def bars_of(blocks: Sequence[Block]) -> tuple[Bar, ...]:
    """At most `MAX_BARS` bars, each of as many blocks as the others but for the last.

    Args:
        blocks: By number, without a gap.
    """
    each = -(-len(blocks) // MAX_BARS)
    groups = (blocks[start : start + each] for start in range(0, len(blocks), each)) if each else ()
    return tuple(
        Bar(
            group[0].number,
            group[-1].number,
            group[-1].timestamp,
            sum(block.gas_used for block in group) / len(group),
            sum(block.gas_limit for block in group) / len(group),
        )
        for group in groups
    )


def blocks_picture(
    blocks: Sequence[Block], suffix: str, *, chain: str, language: Language = "en", font: Path | None = None
) -> bytes:
    """Gas of blocks as the bytes of a picture.

    Args:
        blocks: By number, without a gap.
        suffix: `.svg`, `.png` or `.html`.
        chain: The chain's name.
        language: Of the words.
        font: For PNG: a font file for what the Latin font lacks.

    Raises:
        UsageError: No blocks, another suffix, matplotlib is not installed, or no font here has some of the characters.
    """
    if suffix not in SUFFIXES:
        raise UsageError("not a kind of picture", expected=" or ".join(SUFFIXES), found=suffix or "no suffix")
    if not blocks:
        raise UsageError("no blocks to draw", expected="one at least")
    picture = _draw(bars_of(blocks), chain, language)
    texts = {"title": picture.title, "description": picture.description}
    if suffix == ".png":
        return picture.canvas.png(**texts, font=font)
    svg = picture.canvas.svg(**texts, language="zh-Hans" if language == "zh" else "en")
    return svg.encode() if suffix == ".svg" else page(picture, svg=svg, note=word("blocks.note", language)).encode()


def _draw(bars: Sequence[Bar], chain: str, language: Language) -> Picture:
    bottom = HEAD_PX + _HEIGHT
    canvas = Canvas(WIDTH, bottom + _AXIS + LEGEND_PX)
    title = word("blocks.title", language)
    each = bars[0].last - bars[0].first + 1
    ends = {"first": f"{bars[0].first:,}", "last": f"{bars[-1].last:,}"}
    subtitle = word("blocks.subtitle", language, chain=chain, each=each, **ends)
    draw_head(canvas, title, subtitle)
    # The limit may be a hundred times what is used: then bars are drawn to what is used, and it is said in words.
    used, limit = max(bar.gas_used for bar in bars), max(bar.gas_limit for bar in bars)
    has_limit = limit <= 5 * used
    top = (limit if has_limit else used) * 1.05 or 1.0
    right = WIDTH - MARGIN

    def y_of(gas: float) -> float:
        return bottom - gas / top * _HEIGHT

    is_plain = 10 <= top < _LONGEST  # one way to write them on one axis
    for tick in ticks(0.0, top):
        canvas.line(_LEFT, y_of(tick), right, y_of(tick), colour=RULE if tick else FAINT)
        written = f"{tick:,.0f}" if is_plain else figure(tick)
        canvas.text(_LEFT - 10, y_of(tick) + 4, written, size=11.5, colour=FAINT, align="right")
    canvas.text(28, HEAD_PX + _HEIGHT / 2 - 60, word("blocks.axis", language), size=12, colour=FAINT, is_down=True)
    step = (right - _LEFT) / len(bars)
    for number, bar in enumerate(bars):
        x = _LEFT + number * step
        remark = f"{bar.first}-{bar.last}: {figure(bar.gas_used)} / {figure(bar.gas_limit)}"
        height = bottom - y_of(bar.gas_used)
        canvas.rectangle(x + step * 0.1, bottom - height, step * 0.8, height, PALETTE[0], remark=remark)
        if has_limit:
            canvas.line(x, y_of(bar.gas_limit), x + step, y_of(bar.gas_limit), colour=PALETTE[5], width=2, z=3)
    every = -(-len(bars) // _TIMES)
    for number in range(0, len(bars), every):
        x = _LEFT + (number + 0.5) * step
        moment = _moment(bars[number].timestamp)
        align: HorizontalAlignment = "center"
        if x + width_px(moment, 11) / 2 > WIDTH - 4:  # the last one would run out of the picture
            x, align = right, "right"
        canvas.text(x, bottom + 18, f"{bars[number].last:,}", size=11.5, colour=FAINT, align=align)
        canvas.text(x, bottom + 35, moment, size=11, colour=FAINT, align=align)
    keys = [Key(word("blocks.used", language), PALETTE[0])]
    said = word("blocks.limit", language, limit=figure(limit))
    keys.append(Key(said if has_limit else word("blocks.limit_above", language, limit=figure(limit)), PALETTE[5]))
    draw_legend(canvas, keys if has_limit else keys[:1], bottom + _AXIS - 10)
    if not has_limit:
        canvas.text(right, bottom + _AXIS + 2, keys[1].text, size=12, colour=FAINT, align="right")
    heads = tuple(word(f"blocks.{name}", language) for name in ("first", "last", "time", "used", "may_use"))
    rows = tuple(
        (
            str(bar.first),
            str(bar.last),
            _moment(bar.timestamp),
            figure(bar.gas_used, digits=6),
            figure(bar.gas_limit, digits=6),
        )
        for bar in bars
    )
    described = word(
        "blocks.described",
        language,
        low=figure(min(bar.gas_used for bar in bars)),
        high=figure(used),
        limit=figure(limit),
    )
    tables = (Table(word("data", language), heads, rows),)
    return Picture(canvas, title, subtitle, f"{subtitle}. {described}", tables, language)


def _moment(timestamp: int) -> str:
    """A block's time in UTC; what no calendar reaches as a number."""
    try:
        return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return str(timestamp)
