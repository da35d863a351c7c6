"""Which fonts a picture takes: matplotlib's own for Latin, and one that is found for what it lacks, such as Chinese.

An SVG or HTML page keeps its text as text, so the reader's fonts draw it. A PNG has no text: where no font here has a
character, it is refused rather than drawn as a box.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from passport.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

LATIN: Final = "DejaVu Sans"
KNOWN: Final = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Noto Sans CJK TC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Arial Unicode MS",
)
"""Families with Chinese, those made for reading on screens first; also what an SVG asks its reader's machine for."""

LAST_RESORT: Final = "Last Resort"
"""matplotlib's font of boxes that say what is missing."""

_WIDE: Final = "WF"
_UNKNOWN_EM: Final = 0.6
_UNITS: Final = 100
_REGULAR: Final = 400


def width_px(text: str, size_px: float, *, is_bold: bool = False) -> float:
    """How wide a line of text will be, near enough: Latin by its font's own widths, Chinese by one em a character."""
    return sum(_width_em(character, is_bold) for character in text) * size_px


def shortened(text: str, room_px: float, size_px: float, *, is_bold: bool = False) -> str:
    """The text, or its beginning and an ellipsis when it is wider than the room; empty when not even that fits."""
    if width_px(text, size_px, is_bold=is_bold) <= room_px:
        return text
    room_px -= width_px("…", size_px, is_bold=is_bold)
    kept = 0
    for kept, _ in enumerate(text):
        if width_px(text[: kept + 1], size_px, is_bold=is_bold) > room_px:
            break
    return f"{text[:kept].rstrip()}…" if kept > 2 or (kept and unicodedata.east_asian_width(text[0]) in _WIDE) else ""


def wrapped(text: str, room_px: float, size_px: float, *, lines: int = 2, is_bold: bool = False) -> list[str]:
    """The text in a few lines of that width, broken at spaces or between Chinese characters; the last is shortened."""
    found: list[str] = []
    rest = text
    while rest and len(found) < lines - 1 and width_px(rest, size_px, is_bold=is_bold) > room_px:
        breaks = [
            at
            for at in range(1, len(rest))
            if (rest[at - 1] in " -/_" or unicodedata.east_asian_width(rest[at]) in _WIDE)
            and width_px(rest[:at].rstrip(), size_px, is_bold=is_bold) <= room_px
        ]
        if not breaks:
            break
        found.append(rest[: breaks[-1]].rstrip())
        rest = rest[breaks[-1] :].lstrip()
    return [*found, shortened(rest, room_px, size_px, is_bold=is_bold)]


def families_for(text: str, *, font: Path | None = None) -> list[str]:
    """Font families that together have every character of a text.

    Args:
        text: Whatever the picture shows.
        font: A font file to look in first.

    Raises:
        UsageError: No font on this machine has some of them, or the file is no font.
    """
    from matplotlib import font_manager

    families = [LATIN]
    missing = missing_in_latin(text)
    if font is not None and missing:
        characters = _characters(str(font))
        if characters is None:
            raise UsageError("not a font file", where=str(font), expected="a .ttf, .otf or .ttc file")
        if missing & characters:
            font_manager.fontManager.addfont(str(font))
            families.append(_family(str(font)))
            missing -= characters
    for family, path in _candidates() if missing else ():
        characters = _characters(path) or frozenset()
        if missing & characters:
            families.append(family)
            missing -= characters
        if not missing:
            break
    if missing:
        shown = "".join(chr(code) for code in sorted(missing)[:20])
        raise UsageError(
            "no font on this machine has some characters of the picture",
            found=shown,
            hint="install one with Chinese, such as Noto Sans CJK SC, or name its file with --font; or write .svg or "
            ".html, which are shown in the reader's fonts",
        )
    return families


def missing_in_latin(text: str) -> set[int]:
    """The characters that the Latin font has not; control characters and spaces need none."""
    font = _latin(False)
    return {ord(c) for c in set(text) if unicodedata.category(c)[0] not in "CZ" and not font.get_char_index(ord(c))}


def _candidates() -> Iterator[tuple[str, str]]:
    """Families and files, known families first; last those installed since matplotlib last looked."""
    from matplotlib import font_manager

    entries = [
        entry
        for entry in font_manager.fontManager.ttflist
        if entry.style == "normal" and entry.weight == _REGULAR and not entry.name.startswith(LAST_RESORT)
    ]
    by_family = {entry.name: entry.fname for entry in reversed(entries)}
    yield from ((family, by_family[family]) for family in KNOWN if family in by_family)
    yield from ((entry.name, entry.fname) for entry in entries if entry.name not in KNOWN)
    listed = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in sorted(set(font_manager.findSystemFonts()) - listed):
        if _characters(path) is not None:
            font_manager.fontManager.addfont(path)
            yield _family(path), path


@cache
def _latin(is_bold: bool) -> FT2Font:
    """The font that matplotlib brings, which is always there."""
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    path = font_manager.findfont(font_manager.FontProperties(family=LATIN, weight="bold" if is_bold else "normal"))
    font = FT2Font(path)
    font.set_size(_UNITS, 72)
    return font


@cache
def _width_em(character: str, is_bold: bool) -> float:
    from matplotlib.ft2font import LoadFlags

    font = _latin(is_bold)
    if not font.get_char_index(ord(character)):
        return 1.0 if unicodedata.east_asian_width(character) in _WIDE else _UNKNOWN_EM
    return font.load_char(ord(character), flags=LoadFlags.NO_HINTING).linearHoriAdvance / 65536 / _UNITS


@cache
def _characters(path: str) -> frozenset[int] | None:
    """The characters that a font file has; None when it is no font."""
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(FT2Font(path).get_charmap())
    except (RuntimeError, OSError):
        return None


def _family(path: str) -> str:
    from matplotlib.ft2font import FT2Font

    return str(FT2Font(path).family_name)


def css_families(extra: Iterable[str] = ()) -> str:
    """The families that an SVG or page asks its reader's machine for."""
    names = dict.fromkeys(("Segoe UI", "Helvetica Neue", LATIN, *extra, *KNOWN))
    return ", ".join(f"'{name}'" for name in names) + ", sans-serif"
