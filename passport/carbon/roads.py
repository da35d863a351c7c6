"""Which road an update takes: the compiled one where there is numba, else the plain one."""

from __future__ import annotations

from passport.carbon.kernels import Kernel, chosen
from passport.carbon.live import Live
from passport.carbon.propagation import PlainRoad, Road


def road_for(live: Live, *, kernel: Kernel) -> Road:
    """The road of a graph.

    Args:
        live: What it is to work on.
        kernel: What the graph computes with.
    """
    if chosen(kernel) == "numpy":
        return PlainRoad(live)
    from passport.carbon.compiled_road import CompiledRoad  # the import is slow, and numba an extra

    return CompiledRoad(live)
