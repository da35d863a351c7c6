"""What every picture has around it: title, total with unit and basis, legend, and the words for the reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from passport.carbon.charts import Basis
from passport.exchange.pictures.canvas import FAINT, INK, Canvas
from passport.exchange.pictures.figures import figure
from passport.exchange.pictures.fonts import shortened, width_px
from passport.exchange.pictures.words import Language, word

MARGIN: Final = 28.0
HEAD_PX: Final = 84.0
LEGEND_PX: Final = 34.0

_BOX_PX: Final = 14.0
_TITLE_PX: Final = 19.0
_SUBJECT_PX: Final = 460.0


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a legend."""

    text: str
    fill: str
    hatch: str | None = None
    edge: str = "none"
    alpha: float = 1.0


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a picture as a table, for those who do not see it."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that has been drawn, with the words that go with it."""

    canvas: Canvas
    title: str
    subtitle: str
    description: str
    tables: tuple[Table, ...]
    language: Language


def title_of(basis: Basis, kind: str, language: Language) -> str:
    """The title: what of which product."""
    colon = "：" if language == "zh" else ": "
    subject = shortened(basis.subject, _SUBJECT_PX, _TITLE_PX, is_bold=True)
    return f"{word('title', language, subject=subject)}{colon}{word(f'kind.{kind}', language)}"


def subtitle_of(basis: Basis, total: float, language: Language) -> str:
    """The total with unit, declared amount and boundary."""
    parts = [word("total", language, total=figure(total), unit=basis.unit, per=basis.per), basis.boundary]
    if basis.column:
        parts.insert(1, basis.column)
    return ("，" if language == "zh" else ", ").join(part for part in parts if part)


def draw_head(canvas: Canvas, title: str, subtitle: str) -> None:
    """Title and subtitle at the top left."""
    room = canvas.width - 2 * MARGIN
    canvas.text(MARGIN, 38, shortened(title, room, _TITLE_PX, is_bold=True), size=_TITLE_PX, is_bold=True)
    canvas.text(MARGIN, 62, shortened(subtitle, room, 14), size=14, colour=FAINT)


def draw_legend(canvas: Canvas, keys: list[Key], y: float) -> None:
    """A line of boxes with what they mean, as far as there is room."""
    x = MARGIN
    for key in keys:
        width = _BOX_PX + 6 + width_px(key.text, 12) + 22
        if x + width > canvas.width - MARGIN / 2:
            break
        canvas.rectangle(x, y, _BOX_PX, _BOX_PX, key.fill, hatch=key.hatch, edge=key.edge, alpha=key.alpha)
        canvas.text(x + _BOX_PX + 6, y + 11.5, key.text, size=12, colour=INK)
        x += width


def named(name: str, mark: str | None, language: Language) -> str:
    """A product's name, with what is known of its footprint beyond the number."""
    if not mark:
        return name
    said = word(mark, language)
    return f"{name}（{said}）" if language == "zh" else f"{name} ({said})"
