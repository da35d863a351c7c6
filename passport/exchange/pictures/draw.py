"""Draw a chart and write it as the kind of file that its name asks for."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from passport.carbon.charts import Sankey, Treemap, Waterfall
from passport.errors import UsageError
from passport.exchange.pictures.figures import figure
from passport.exchange.pictures.frame import Picture
from passport.exchange.pictures.page import page
from passport.exchange.pictures.sankey import draw_sankey
from passport.exchange.pictures.treemap import draw_treemap
from passport.exchange.pictures.waterfall import draw_waterfall
from passport.exchange.pictures.words import SUFFIXES, Language, word


def draw(chart: Sankey | Waterfall | Treemap, language: Language = "en") -> Picture:
    """Draw a chart.

    Args:
        chart: Its numbers.
        language: Of the words around them; names stay as they are.

    Raises:
        UsageError: matplotlib is not installed.
    """
    match chart:
        case Sankey():
            return draw_sankey(chart, language)
        case Waterfall():
            return draw_waterfall(chart, language)
        case Treemap():
            return draw_treemap(chart, language)
        case _:
            assert_never(chart)


def picture_bytes(
    chart: Sankey | Waterfall | Treemap, suffix: str, *, language: Language = "en", font: Path | None = None
) -> bytes:
    """A chart as the bytes of a file.

    Args:
        chart: Its numbers.
        suffix: `.svg`, `.png` or `.html`.
        language: Of the words.
        font: For PNG: a font file for what the Latin font lacks.

    Raises:
        UsageError: Another suffix, matplotlib is not installed, or no font here has some of the characters.
    """
    if suffix not in SUFFIXES:
        raise UsageError("not a kind of picture", expected=" or ".join(SUFFIXES), found=suffix or "no suffix")
    picture = draw(chart, language)
    texts = {"title": picture.title, "description": picture.description}
    if suffix == ".png":
        return picture.canvas.png(**texts, font=font)
    svg = picture.canvas.svg(**texts, language="zh-Hans" if language == "zh" else "en")
    if suffix == ".svg":
        return svg.encode()
    note = word("adds_up", language, total=figure(chart.total, digits=6), unit=chart.basis.unit)
    return page(picture, svg=svg, note=note).encode()
