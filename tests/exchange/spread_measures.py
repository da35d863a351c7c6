"""What tests of spreads read off a graph, and how far estimates may differ by chance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passport.carbon import Spreads
from passport.exchange.named_graph import NamedGraph

Floats = NDArray[np.float64]

NAN = math.nan
BOUND = 4.5
"""Standard errors that two estimates of one number may differ by: once in 150 000 draws by chance."""


def stated_edges(named: NamedGraph) -> Spreads:
    """The spreads of the edges, which are there."""
    assert named.edge_spreads is not None
    return named.edge_spreads


def stated_direct(named: NamedGraph) -> Spreads:
    """The spreads of the emissions, which are there."""
    assert named.direct_spreads is not None
    return named.direct_spreads


def lacking(named: NamedGraph) -> tuple[Any, Any]:
    """Of what share of amounts and emissions nothing is said; None where it is said of none."""
    edges, direct = named.edge_unstated, named.direct_unstated
    return None if edges is None else edges.tolist(), None if direct is None else direct.tolist()


def error_of_deviation(drawn: Floats) -> float:
    """The standard error of a sample's standard deviation, by its own fourth moment: sd sqrt((k - 1) / 4N)."""
    off = drawn - drawn.mean()
    variance = float((off**2).mean())
    kurtosis = float((off**4).mean()) / variance**2
    return math.sqrt(variance * (kurtosis - 1) / (4 * len(drawn)))


def error_of_mean(drawn: Floats) -> float:
    """The standard error of a sample's mean."""
    return float(drawn.std(ddof=1)) / math.sqrt(len(drawn))
