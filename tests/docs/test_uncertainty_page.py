"""The page on uncertainty: its example runs, and the figures in its sentences are right."""

from __future__ import annotations

import contextlib
import io
import math

from markdown_blocks import blocks

from passport.carbon import Spread

PAGE = "docs/uncertainty.md"


def test_the_example_runs() -> None:
    """It prints the analytic variation and shares, then the drawn ones, which agree to some per cent."""
    (example,) = blocks(PAGE, "python")
    names: dict[str, object] = {}
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(example.text, PAGE, "exec"), names)  # noqa: S102 - the project's own page
    exact, drawn = names["exact"], names["drawn"]
    analytic = float(exact.variation[0])  # type: ignore[attr-defined]
    sampled = float(drawn.standard_deviation[2] / drawn.mean[2])  # type: ignore[attr-defined]
    assert abs(analytic / sampled - 1) < 0.05
    assert len(output.getvalue().splitlines()) == 2


def test_the_sentences_figures() -> None:
    """GSD 1.5: the mean 9 % above the median; three of them multiplied: 80 %, and 73 % to first order."""
    spread = Spread.lognormal(gsd=1.5)
    assert round(100 * (spread.mean(1) - 1)) == 9
    assert round(100 * math.sqrt(math.expm1(3 * spread.sigma**2))) == 80
    assert round(100 * math.sqrt(3) * spread.variation) == 73
