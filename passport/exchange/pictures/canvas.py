"""A page to draw on in pixels, y downwards: shapes, lines of text and remarks for readers who cannot see it."""

from __future__ import annotations

import html
import io
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from unicodedata import category

from passport.errors import UsageError
from passport.exchange.pictures.fonts import LATIN, css_families, families_for, missing_in_latin

if TYPE_CHECKING:
    from matplotlib.artist import Artist

INK: Final = "#1b1f24"
FAINT: Final = "#5b6470"
RULE: Final = "#c9ced6"
PAPER: Final = "#ffffff"
HIDDEN: Final = "#d4d8de"
NEGATIVE: Final = "#0f766e"
PALETTE: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c6d31", "#7b6ccf")
"""Okabe and Ito's colours, which people with any colour vision tell apart, less their yellow, and two more."""

MARKED_HATCH: Final = "xxx"
NEGATIVE_HATCH: Final = "////"
HIDDEN_HATCH: Final = "||||"

_DPI: Final = 100
_PNG_SCALE: Final = 2
_POINTS_A_PIXEL: Final = 72 / _DPI

_CONTROLS: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DIRECTION: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

HorizontalAlignment = Literal["left", "center", "right"]


class Canvas:
    """One picture being drawn.

    Args:
        width: Pixels.
        height: Pixels.
    """

    def __init__(self, width: float, height: float) -> None:
        try:
            from matplotlib.figure import Figure
        except ModuleNotFoundError as error:
            raise UsageError(
                "pictures need matplotlib, which is not installed", hint="pip install 'carbon-passport[plot]'"
            ) from error
        self.width = width
        self.height = height
        self._figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor=PAPER)
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_xlim(0, width)
        self._axes.set_ylim(height, 0)
        self._axes.axis("off")
        self._texts: list[str] = []
        self._remarks: list[str] = []

    def rectangle(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str,
        *,
        edge: str = "none",
        hatch: str | None = None,
        alpha: float = 1.0,
        line: float = 1.0,
        remark: str | None = None,
        z: float = 2,
    ) -> None:
        """A rectangle.

        Args:
            x: Left.
            y: Top.
            width: To the right.
            height: Downwards.
            fill: Its colour.
            edge: Colour of its outline and hatching.
            hatch: matplotlib's hatching.
            alpha: 1 is opaque.
            line: Width of the outline in pixels.
            remark: What a reader is told who points at it or hears the picture read out.
            z: What is higher lies on top.
        """
        from matplotlib.patches import Rectangle

        self._add(
            Rectangle(
                (x, y),
                width,
                height,
                facecolor=fill,
                edgecolor=edge,
                hatch=hatch,
                alpha=alpha,
                linewidth=line * _POINTS_A_PIXEL if edge != "none" else 0,
                zorder=z,
            ),
            remark,
        )

    def ribbon(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        thickness: float,
        fill: str,
        *,
        alpha: float = 0.4,
        hatch: str | None = None,
        edge: str = "none",
        remark: str | None = None,
    ) -> None:
        """A band from one vertical edge to another, both ends of one thickness.

        Args:
            start: Its upper left corner.
            end: Its upper right corner.
            thickness: At both ends.
            fill: Its colour.
            alpha: 1 is opaque.
            hatch: matplotlib's hatching.
            edge: Colour of its outline and hatching.
            remark: See `rectangle`.
        """
        (x0, y0), (x1, y1) = start, end
        middle = (x0 + x1) / 2
        points = [
            (x0, y0),
            (middle, y0),
            (middle, y1),
            (x1, y1),
            (x1, y1 + thickness),
            (middle, y1 + thickness),
            (middle, y0 + thickness),
            (x0, y0 + thickness),
            (x0, y0),
        ]
        self._path(points, [1, 4, 4, 4, 2, 4, 4, 4, 79], fill, alpha, hatch, edge, remark)

    def arch(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        depth: float,
        thickness: float,
        colour: str,
        *,
        remark: str | None = None,
    ) -> None:
        """A band that leaves to the right, dives below everything and comes back from the left: a loop.

        Args:
            start: The middle of its beginning.
            end: The middle of its end.
            depth: The y of its lowest part.
            thickness: Of the line.
            colour: Of the line.
            remark: See `rectangle`.
        """
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path as Line

        (x0, y0), (x1, y1) = start, end
        reach = 34.0
        points = [(x0, y0), (x0 + reach, y0), (x0 + reach, depth), (x0, depth)]
        points += [(x1, depth), (x1 - reach, depth), (x1 - reach, y1), (x1, y1)]
        line = Line(points, [1, 4, 4, 4, 2, 4, 4, 4])
        width = max(thickness, 0.5) * _POINTS_A_PIXEL
        self._add(
            PathPatch(line, facecolor="none", edgecolor=colour, linewidth=width, alpha=0.45, capstyle="butt", zorder=1),
            remark,
        )

    def line(
        self, x0: float, y0: float, x1: float, y1: float, *, colour: str = RULE, width: float = 1.0, z: float = 1
    ) -> None:
        """A straight line."""
        from matplotlib.lines import Line2D

        self._axes.add_line(Line2D((x0, x1), (y0, y1), color=colour, linewidth=width * _POINTS_A_PIXEL, zorder=z))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 12,
        colour: str = INK,
        align: HorizontalAlignment = "left",
        is_bold: bool = False,
        has_ground: bool = False,
        is_down: bool = False,
    ) -> None:
        """One line of text; whatever strangers write into it is text and nothing else.

        Args:
            x: Its left, middle or right, as `align` says.
            y: Its baseline.
            text: The line.
            size: Pixels.
            colour: Of the letters.
            align: What `x` is.
            is_bold: Bold.
            has_ground: On light ground, to be read over bands.
            is_down: Read from top to bottom; `x` is then near its middle, and `y` its beginning.
        """
        text = _harmless(text)
        if not text:
            return
        self._texts.append(text)
        ground = {"facecolor": PAPER, "alpha": 0.72, "edgecolor": "none", "pad": 1.2} if has_ground else None
        self._axes.text(
            x,
            y,
            text,
            fontsize=size * _POINTS_A_PIXEL,
            color=colour,
            ha="center" if is_down else align,
            va="top" if is_down else "baseline",
            rotation=-90 if is_down else 0,
            fontweight="bold" if is_bold else "normal",
            parse_math=False,
            bbox=ground,
            zorder=5,
        )

    def svg(self, *, title: str, description: str, language: str) -> str:
        """The picture as SVG: text stays text, in the reader's fonts; title, description and remarks inside.

        Args:
            title: What it is.
            description: What it shows, for those who do not see it.
            language: Of its words.
        """
        from matplotlib import rc_context

        buffer = io.StringIO()
        settings: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "carbon-passport", "font.family": [LATIN]}
        with rc_context(settings), warnings.catch_warnings():
            # The reader's machine draws the text: what is missing here need not be missing there.
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            for text in self._axes.texts:
                text.set_fontfamily([LATIN])
            self._figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        drawn = buffer.getvalue()
        drawn = re.sub(r"<metadata>.*?</metadata>\s*", "", drawn, flags=re.DOTALL)
        drawn = re.sub(r"^.*?(?=<svg )", "", drawn, flags=re.DOTALL)
        drawn = re.sub(r" *font-family: [^;\"]*;", "", drawn)
        drawn = drawn.replace('<style type="text/css">', f"<style>svg text {{font-family: {css_families()}}} ", 1)
        for number, remark in enumerate(self._remarks):
            group = f'<g id="{_remark_id(number)}">'
            drawn = drawn.replace(group, f"{group}<title>{_escaped(remark)}</title>", 1)
        names = f'<title id="picture-title">{_escaped(title)}</title>\n'
        names += f'<desc id="picture-desc">{_escaped(description)}</desc>\n'
        head = f'<svg role="img" aria-labelledby="picture-title picture-desc" xml:lang="{language}" '
        drawn = drawn.replace("<svg ", head, 1)
        return re.sub(r"(<svg [^>]*>\s*)", lambda match: match[1] + names, drawn, count=1)

    def png(self, *, title: str, description: str, font: Path | None = None) -> bytes:
        """The picture as PNG, with two of its pixels for each of ours.

        Args:
            title: What it is; stands in the file.
            description: The same.
            font: A font file for what the Latin font lacks.

        Raises:
            UsageError: No font here has some of the characters.
        """
        from matplotlib import rc_context

        families = families_for("".join(self._texts), font=font)
        for text in self._axes.texts:
            is_latin = not missing_in_latin(text.get_text())
            text.set_fontfamily([LATIN] if is_latin else families)
            if not is_latin:
                text.set_fontweight("normal")  # few Chinese fonts come in bold, and half a line in bold is none
        buffer = io.BytesIO()
        with rc_context({"hatch.linewidth": 0.6}):
            self._figure.savefig(
                buffer,
                format="png",
                dpi=_DPI * _PNG_SCALE,
                metadata={"Title": title, "Description": description, "Software": None},
            )
        return buffer.getvalue()

    def _path(
        self,
        points: Sequence[tuple[float, float]],
        codes: Sequence[int],
        fill: str,
        alpha: float,
        hatch: str | None,
        edge: str,
        remark: str | None,
    ) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path as Line

        self._add(
            PathPatch(
                Line(list(points), list(codes)),
                facecolor=fill,
                edgecolor=edge,
                alpha=alpha,
                hatch=hatch,
                linewidth=0.6 if edge != "none" else 0,
                zorder=1,
            ),
            remark,
        )

    def _add(self, artist: Any, remark: str | None) -> None:
        if remark:
            artist.set_gid(_remark_id(len(self._remarks)))
            self._remarks.append(remark)
        added: Artist = self._axes.add_patch(artist)
        added.set_clip_on(False)


def _remark_id(number: int) -> str:
    return f"part-{number}"


def _harmless(text: str) -> str:
    """Text in one line without control characters, which XML has not, and without marks that turn its direction."""
    return "".join("\N{REPLACEMENT CHARACTER}" if c in _DIRECTION or category(c) in _CONTROLS else c for c in text)


def _escaped(text: str) -> str:
    return html.escape(_harmless(text))
