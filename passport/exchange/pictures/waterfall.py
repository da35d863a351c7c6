"""Draw a waterfall: how own emissions and parts add up to the total, credits going back."""

from __future__ import annotations

import math
from typing import Final

from passport.carbon.charts import Step, StepKind, Waterfall
from passport.exchange.pictures.canvas import (
    FAINT,
    HIDDEN,
    HIDDEN_HATCH,
    INK,
    MARKED_HATCH,
    NEGATIVE,
    NEGATIVE_HATCH,
    PALETTE,
    PAPER,
    RULE,
    Canvas,
)
from passport.exchange.pictures.figures import amount, figure, share
from passport.exchange.pictures.fonts import width_px, wrapped
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
_NAMES: Final = 270.0
_ROW: Final = 42.0
_BAR: Final = 26.0
_AXIS: Final = 50.0
_NUMBER_PX: Final = 12.5
_TICKS: Final = 7


def draw_waterfall(chart: Waterfall, language: Language) -> Picture:
    """Draw it, a row a step, so that long names can be read.

    Args:
        chart: The steps.
        language: Of the words.
    """
    return _Painter(chart, language).picture()


class _Painter:
    def __init__(self, chart: Waterfall, language: Language) -> None:
        self._chart = chart
        self._language = language
        rows_px = _ROW * len(chart.steps)
        self._bottom = HEAD_PX + rows_px
        self._canvas = Canvas(WIDTH, self._bottom + _AXIS + LEGEND_PX)
        ends = [end for step in chart.steps for end in (step.start, step.end)]
        self._low, self._high = min(0.0, *ends), max(0.0, *ends)
        numbers = max(width_px(amount(step.value, chart.total), _NUMBER_PX) for step in chart.steps) + 12
        self._left, self._right = MARGIN + _NAMES, WIDTH - MARGIN - numbers

    def picture(self) -> Picture:
        chart, canvas, language = self._chart, self._canvas, self._language
        title, subtitle = title_of(chart.basis, "waterfall", language), subtitle_of(chart.basis, chart.total, language)
        draw_head(canvas, title, subtitle)
        self._axis()
        for number, step in enumerate(chart.steps):
            self._row(step, HEAD_PX + number * _ROW)
        for number, step in enumerate(chart.steps[:-1]):
            y, x = HEAD_PX + number * _ROW + (_ROW + _BAR) / 2, self._x(step.end)
            canvas.line(x, y, x, y + _ROW - _BAR, colour=FAINT)
        draw_legend(canvas, self._keys(), self._bottom + _AXIS)
        described = "; ".join(f"{self._name(step)} {amount(step.value, chart.total)}" for step in chart.steps)
        return Picture(canvas, title, subtitle, f"{subtitle}. {described}.", (self._table(),), language)

    def _x(self, value: float) -> float:
        return self._left + (value - self._low) / ((self._high - self._low) or 1.0) * (self._right - self._left)

    def _name(self, step: Step) -> str:
        match step.kind:
            case StepKind.OWN:
                return word("own", self._language)
            case StepKind.REST:
                return word("rest_of_tiers" if self._chart.by == "tier" else "rest", self._language)
            case StepKind.TOTAL:
                return word("sum", self._language)
            case _:
                return named(step.name, step.mark, self._language)

    def _axis(self) -> None:
        for tick in ticks(self._low, self._high):
            x = self._x(tick)
            self._canvas.line(x, HEAD_PX, x, self._bottom, colour=RULE if tick else FAINT)
            self._canvas.text(x, self._bottom + 17, figure(tick), size=11.5, colour=FAINT, align="center")
        middle = (self._left + self._right) / 2
        self._canvas.text(middle, self._bottom + 37, self._chart.basis.unit, size=12, colour=FAINT, align="center")

    def _row(self, step: Step, y: float) -> None:
        canvas, is_total = self._canvas, step.kind is StepKind.TOTAL
        top = y + (_ROW - _BAR) / 2
        name = self._name(step)
        lines = wrapped(name, _NAMES - 16, 13, is_bold=is_total)
        for number, line in enumerate(lines):
            baseline = top + _BAR / 2 + 4.5 + (number - (len(lines) - 1) / 2) * 16
            canvas.text(self._left - 12, baseline, line, size=13, align="right", is_bold=is_total)
        low, high = sorted((self._x(step.start), self._x(step.end)))
        fill, hatch, edge = _look(step)
        said = amount(step.value, self._chart.total)
        remark = f"{name}: {said} {self._chart.basis.unit}"
        canvas.rectangle(low, top, max(high - low, 1.2), _BAR, fill, hatch=hatch, edge=edge, remark=remark)
        canvas.text(high + 7, top + _BAR / 2 + 4.5, said, size=_NUMBER_PX, is_bold=is_total, has_ground=True)

    def _keys(self) -> list[Key]:
        language, steps = self._language, self._chart.steps
        keys = []
        for kind, text in ((StepKind.OWN, "own"), (StepKind.PART, "handed_on"), (StepKind.REST, "rest")):
            plain = [step for step in steps if step.kind is kind and step.value > 0 and not step.mark]
            if plain and not (kind is StepKind.PART and self._chart.by != "supplier"):
                fill, hatch, edge = _look(plain[0])
                keys.append(Key(word(text, language), fill, hatch, edge))
        if any(step.value < 0 for step in steps):
            keys.append(Key(word("negative", language), PAPER, NEGATIVE_HATCH, NEGATIVE))
        if any(step.mark for step in steps):
            keys.append(Key(word("marked", language), PAPER, MARKED_HATCH, PALETTE[0]))
        return keys

    def _table(self) -> Table:
        language, total = self._language, self._chart.total
        heads = (word("step", language), self._chart.basis.unit, word("share", language))
        rows = tuple(
            (self._name(step), figure(step.value, digits=6), share(step.value, total)) for step in self._chart.steps
        )
        return Table(word("data", language), heads, rows)


def ticks(low: float, high: float) -> list[float]:
    """Round numbers from low to high, zero among them."""
    span = high - low
    if span <= 0:
        return [0.0]
    rough = span / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [number * step for number in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _look(step: Step) -> tuple[str, str | None, str]:
    """Fill, hatching and outline of a step."""
    if step.kind is StepKind.TOTAL:
        return INK, None, "none"
    if step.value < 0:
        return PAPER, NEGATIVE_HATCH, NEGATIVE
    if step.kind is StepKind.REST:
        return HIDDEN, HIDDEN_HATCH, FAINT
    if step.kind is StepKind.OWN:
        return PALETTE[1], None, "none"
    return (PAPER, MARKED_HATCH, PALETTE[0]) if step.mark else (PALETTE[0], None, "none")
