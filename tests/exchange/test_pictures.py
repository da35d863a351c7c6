"""Drawing: numbers as people read them, text that fits, fonts that are there, layouts without overlaps."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.carbon import SupplyGraph
from passport.carbon.charts import Basis, Captions, sankey_chart, waterfall_chart
from passport.carbon.contributions import by_supplier
from passport.errors import UsageError
from passport.exchange.pictures import fonts
from passport.exchange.pictures.draw import draw, picture_bytes
from passport.exchange.pictures.figures import amount, figure, share
from passport.exchange.pictures.fonts import families_for, shortened, width_px, wrapped
from passport.exchange.pictures.sankey_layout import lay_out
from passport.exchange.pictures.treemap import Box, squarified
from passport.exchange.pictures.waterfall import ticks
from passport.exchange.pictures.words import PICTURE_WORDS, word

BASIS = Basis("cell", "kg CO2e", "1 piece", "cradle to gate")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (19, "19.0"),
        (0.385412, "0.385"),
        (12345.678, "12,300"),
        (1234567, "1,230,000"),
        (123456789, "1.23×10⁸"),
        (0.00012345, "0.000123"),
        (1e-5, "1.00×10⁻⁵"),
        (-3.2, "−3.20"),
        (9.996, "10.0"),
        (999.9, "1,000"),
        (float("nan"), "?"),
    ],
)
def test_figures(value: float, said: str) -> None:
    assert figure(value) == said


@pytest.mark.parametrize(
    ("part", "total", "said"),
    [
        (1, 4, "25.0 %"),
        (4, 4, "100 %"),
        (3.9999, 4, ">99.9 %"),
        (1e-9, 4, "<0.1 %"),
        (0, 4, "0 %"),
        (-1, 4, "−25.0 %"),
        (8, 4, "200 %"),
        (1, 0, ""),
    ],
)
def test_shares_are_never_rounded_to_nothing_or_all(part: float, total: float, said: str) -> None:
    assert share(part, total) == said


def test_an_amount_of_no_total_has_no_share() -> None:
    assert (amount(2, 4), amount(2, 0)) == ("2.00 (50.0 %)", "2.00")


def test_text_widths() -> None:
    """DejaVu Sans: M is 0.863 em, i 0.278 em (its own tables, at 2048 units); Chinese is one em a character."""
    assert width_px("M", 1000) == pytest.approx(1767 / 2048 * 1000, abs=1)
    assert width_px("i", 1000) == pytest.approx(569 / 2048 * 1000, abs=1)
    assert width_px("锂电", 10) == 20


@given(st.text(max_size=60), st.floats(5, 300))
def test_what_is_shortened_fits(text: str, room: float) -> None:
    """And is the text itself, or its beginning with an ellipsis, or nothing."""
    short = shortened(text, room, 12)
    assert width_px(short, 12) <= max(room, 0) or short == ""
    assert short in (text, "") or (short.endswith("…") and text.startswith(short[:-1].rstrip()))


@given(st.text(alphabet="ab -锂电", max_size=60), st.floats(20, 300))
def test_what_is_wrapped_fits_and_loses_only_its_end(text: str, room: float) -> None:
    lines = wrapped(text, room, 12, lines=3)
    assert 1 <= len(lines) <= 3
    assert all(width_px(line, 12) <= room for line in lines)
    kept = "".join(lines).removesuffix("…").replace(" ", "")
    assert text.replace(" ", "").startswith(kept)


@given(st.lists(st.floats(0.01, 1000), min_size=1, max_size=30), st.floats(10, 900), st.floats(10, 900))
def test_boxes_have_their_areas_and_stay_inside(sizes: list[float], width: float, height: float) -> None:
    sizes = sorted(sizes, reverse=True)
    frame = Box(7, 11, width, height)
    boxes = squarified(sizes, frame)
    areas = np.array([box.width * box.height for box in boxes])
    assert areas == pytest.approx(np.array(sizes) / sum(sizes) * width * height, rel=1e-6)
    for box in boxes:
        assert 7 - 1e-6 <= box.x <= box.x + box.width <= 7 + width + 1e-6
        assert 11 - 1e-6 <= box.y <= box.y + box.height <= 11 + height + 1e-6
    for one, two in ((a, b) for number, a in enumerate(boxes) for b in boxes[:number]):
        overlap = (
            min(one.x + one.width, two.x + two.width) - max(one.x, two.x),
            min(one.y + one.height, two.y + two.height) - max(one.y, two.y),
        )
        assert min(overlap) <= 1e-6


def test_the_example_of_the_paper() -> None:
    """Bruls, Huizing and van Wijk (2000), section 3.1: 6 6 4 3 2 2 1 in 6 x 4: first two sixes, each 3 wide, 2 high."""
    boxes = squarified([6, 6, 4, 3, 2, 2, 1], Box(0, 0, 6, 4))
    assert (boxes[0], boxes[1]) == (Box(0, 0, 3, 2), Box(0, 2, 3, 2))
    assert (boxes[2].height, boxes[3].height) == (pytest.approx(7 / 3), pytest.approx(7 / 3))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 19, [0, 5, 10, 15]),
        (-3, 9, [-2, 0, 2, 4, 6, 8]),
        (0, 0, [0]),
        (0, 0.07, [0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07]),
    ],
)
def test_ticks_are_round_and_hold_zero(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


def looped() -> SupplyGraph:
    """A chain of three with a weak way back, and a self-loop."""
    return SupplyGraph.from_edges([0, 1, 2, 1], [1, 2, 0, 1], [2, 3, 0.01, 0.1], [1.0, 1.0, 1.0])


def test_the_weakest_flow_of_a_loop_runs_back() -> None:
    graph = looped()
    chart = sankey_chart(graph, 2, BASIS, Captions(["mine", "smelter", "cell"]), cutoff=0)
    layout = lay_out(chart)
    names = [node.name for node in chart.nodes]
    assert {(names[flow.source], names[flow.target]) for flow in layout.back} == {
        ("cell", "mine"),
        ("smelter", "smelter"),
    }
    assert [spot.column for spot in layout.spots] == [{"cell": 0, "smelter": 1, "mine": 2}[name] for name in names]


@given(st.integers(0, 10_000))
def test_nodes_do_not_overlap(seed: int) -> None:
    """And every flow forward runs to a column further right."""
    random = np.random.default_rng(seed)
    n = 14
    consumer = np.repeat(np.arange(1, n), 3)
    supplier = (random.random(len(consumer)) * consumer).astype(int)
    graph = SupplyGraph.from_edges(supplier, consumer, random.random(len(consumer)), random.random(n))
    chart = sankey_chart(graph, n - 1, BASIS, Captions.of(graph), cutoff=0)
    layout = lay_out(chart)
    for flow in layout.forward:
        assert layout.spots[flow.source].column > layout.spots[flow.target].column
    assert len(layout.forward) + len(layout.back) == len(chart.flows)
    for column in range(layout.columns):
        spots = sorted((spot for spot in layout.spots if spot.column == column), key=lambda spot: spot.y)
        for upper, lower in pairwise(spots):
            assert upper.y + upper.slot <= lower.y + 1e-6
        assert spots[0].y >= -1e-6
        assert spots[-1].y + spots[-1].slot <= layout.height + 1e-6


def test_a_png_without_a_font_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_candidates", lambda: iter(()))
    assert families_for("Zelle für 2 µm") == [fonts.LATIN]
    with pytest.raises(UsageError, match=r"no font on this machine has some characters.*锂.*--font.*\.svg"):
        families_for("锂 cell")


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A font file with two Chinese characters, drawn as boxes of known size."""
    builder = pytest.importorskip("fontTools.fontBuilder")
    pens = pytest.importorskip("fontTools.pens.ttGlyphPen")
    pen = pens.TTGlyphPen(None)
    pen.moveTo((100, 0))
    for point in ((100, 800), (900, 800), (900, 0)):
        pen.lineTo(point)
    pen.closePath()
    box = pen.glyph()
    font = builder.FontBuilder(1000, isTTF=True)
    names = [".notdef", "li", "dian"]
    font.setupGlyphOrder(names)
    font.setupCharacterMap({ord("锂"): "li", ord("电"): "dian"})
    font.setupGlyf(dict.fromkeys(names, box))
    font.setupHorizontalMetrics(dict.fromkeys(names, (1000, 100)))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Two Characters", "styleName": "Regular"})
    font.setupOS2()
    font.setupPost()
    path = tmp_path_factory.mktemp("font") / "two.ttf"
    font.save(path)
    return path


def test_a_font_that_is_named_or_found_draws_chinese(chinese: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture with it differs from one in which other characters stand, so they are drawn by it."""
    monkeypatch.setattr(fonts, "_candidates", lambda: iter(()))
    assert families_for("锂电", font=chinese) == [fonts.LATIN, "Two Characters"]
    chart = waterfall(name="锂电")
    with pytest.raises(UsageError, match="no font on this machine"):
        picture_bytes(chart, ".png")
    drawn = picture_bytes(chart, ".png", font=chinese)
    assert drawn != picture_bytes(waterfall(name="电锂电"), ".png", font=chinese)
    monkeypatch.setattr(fonts, "_candidates", lambda: iter([("Two Characters", str(chinese))]))
    assert picture_bytes(chart, ".png") == drawn


def test_what_is_no_font_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_candidates", lambda: iter(()))
    (tmp_path / "no.ttf").write_bytes(b"no font")
    for path in (tmp_path / "no.ttf", tmp_path / "none.ttf"):
        with pytest.raises(UsageError, match="not a font file"):
            families_for("锂", font=path)


def test_a_font_that_is_here_has_the_characters_it_is_taken_for() -> None:
    """The search over this machine's own fonts: Greek and Cyrillic are in the Latin one, boxes are none."""
    assert families_for("µ Ω Ж") == [fonts.LATIN]
    assert all(not family.startswith(fonts.LAST_RESORT) for family, _ in fonts._candidates())


def waterfall(name: str = "power") -> object:
    graph = SupplyGraph.from_edges([0], [1], [2.0], [1.0, 1.0])
    return waterfall_chart(by_supplier(graph, 1), BASIS, [name], marks=["withheld"])


def test_the_words_of_a_picture() -> None:
    """Title, subtitle and table say the numbers; a mark is said in words, in either language."""
    picture = draw(waterfall(), "en")  # type: ignore[arg-type]
    assert picture.title == "Carbon footprint of cell: how the total adds up"
    assert picture.subtitle == "3.00 kg CO2e per 1 piece, cradle to gate"
    (table,) = picture.tables
    assert table.rows == (
        ("own emissions", "1.00000", "33.3 %"),
        ("power (withheld)", "2.00000", "66.7 %"),
        ("total", "3.00000", "100 %"),
    )
    chinese = draw(waterfall(), "zh")  # type: ignore[arg-type]
    assert chinese.tables[0].rows[1][0] == "power（未披露）"
    assert chinese.subtitle.startswith("3.00 kg CO2e（每 1 piece）")


def test_the_languages_have_the_same_words() -> None:
    for key, (english, chinese) in PICTURE_WORDS.items():
        assert set(re.findall(r"{(\w+)}", english)) == set(re.findall(r"{(\w+)}", chinese)), key
    assert word("tier", "zh", number=2) == "第 2 层"


def test_another_suffix_is_refused() -> None:
    with pytest.raises(UsageError, match="not a kind of picture"):
        picture_bytes(waterfall(), ".pdf")  # type: ignore[arg-type]
