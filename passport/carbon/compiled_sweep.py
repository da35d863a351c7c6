"""The compiled road to all footprints of a topology: rows and blocks in one march, stopping for what is hard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from passport.carbon import kernel_blocks, kernel_march, kernel_needs, kernel_sweep, kernel_wide
from passport.carbon.lanes import LINE_BYTES
from passport.carbon.order import Topology
from passport.carbon.sweep import BlockSolver
from passport.carbon.threads import (
    WORTH,
    Part,
    even_parts,
    parts_of,
    processors,
    results,
    returned,
    stretches,
    together,
)
from passport.errors import GraphError

Floats = NDArray[np.float64]

_PROOF = 6
"""Where `_blocks` has the proofs: a copy, for kernels let go of Python's lock and others may solve the same plan."""

_KEPT_BYTES = 1 << 24
"""Rows of a level that are more than that are in no cache any more when the next level asks for them."""


class Plan:
    """What of a topology's blocks does not depend on numbers, and the proofs that have held so far.

    Args:
        topology: The topology.
        workers: How many threads may share the work; None: one per processor.
        worth: As of `stretches`.
    """

    __slots__ = ("_suppliers", "ends", "first", "inner", "member", "own", "proof", "seat", "stretches", "topology")

    def __init__(self, topology: Topology, *, workers: int | None = None, worth: int = WORTH) -> None:
        start, end = topology.block_start, topology.block_end
        indptr, indices = topology.indptr, topology.indices
        if not all(_in_order(topology)):
            raise GraphError("an order in which a product stands before what it needs", hint="this is our own bug")
        self.topology = topology
        self.stretches = stretches(topology, processors() if workers is None else workers, worth=worth)
        self.first = np.concatenate(([0], np.cumsum(end - start))).astype(np.int64)
        n_inner, n_own = kernel_blocks.count_inner(indptr, indices, start, end) if len(start) else (0, 0)
        self.member = np.empty(self.first[-1], dtype=np.int32)
        self.ends = np.zeros(self.first[-1] + 1, dtype=np.int64)
        self.inner = np.empty((2, n_inner), dtype=np.int32)
        self.own = np.empty((2, n_own), dtype=np.int32)
        if len(start):
            kernel_blocks.plan(indptr, indices, start, end, self.first, self.member, self.ends, self.inner, self.own)
        # The other way round than `member`: where each rank of a block stands in its order of solving.
        self.seat = np.empty(self.first[-1], dtype=np.int32)
        blocks = np.repeat(np.arange(len(start)), end - start)
        self.seat[self.first[blocks] + self.member - start[blocks]] = np.arange(len(blocks), dtype=np.int32)
        self.proof = np.ones(self.first[-1])
        self._suppliers: NDArray[np.int32] | None = None

    def suppliers(self) -> NDArray[np.int32]:
        """(m,) products that the rows use, found when several columns are first asked for, and kept."""
        if self._suppliers is None:
            self._suppliers = self.topology.order[self.topology.indices]
        return self._suppliers


def _in_order(topology: Topology) -> list[bool]:
    """Of each part of the rows, whether all that a row needs stands before it."""
    start, end = topology.block_start, topology.block_end
    return results(
        [
            partial(
                kernel_sweep.in_order,
                *(topology.indptr, topology.indices, start, end),
                int(np.searchsorted(end, first, side="right")),
                *(first, last),
            )
            for first, last in parts_of(topology.indptr, processors())
        ]
    )


def gathered(topology: Topology, amount: Floats) -> tuple[Floats, bool]:
    """(m,) amounts in the order of the topology, and whether their sum is finite.

    Args:
        topology: The order.
        amount: (m,) in the caller's order.
    """
    found = np.empty(len(amount))
    totals = _shared(kernel_sweep.gather, topology.edge, amount, found)
    return found, bool(np.isfinite(totals).all())


def _shared(kernel: Callable[..., Any], places: Any, one: Any, other: Any) -> list[Any]:
    """What a kernel returns for each part of the places, one part a thread."""
    parts = even_parts(len(places), processors())
    return results([partial(kernel, places, one, other, first, last) for first, last in parts])


def _blocks(plan: Plan, amounts: Floats) -> tuple[Any, ...]:
    kept = np.ones(len(plan.member))
    np.subtract.at(kept, plan.own[0], amounts[plan.own[1]])
    inner = np.empty(plan.inner.shape[1])
    _shared(kernel_sweep.gather, plan.inner[1], amounts, inner)
    return plan.first, plan.member, plan.ends, plan.inner[0], inner, kept, plan.proof.copy(), plan.seat


def solve(plan: Plan, amounts: Floats, direct: Floats, *, solve_block: BlockSolver) -> tuple[Floats, float]:
    """Footprints of all products.

    Args:
        plan: The topology and its blocks.
        amounts: (m,) in the order of the topology.
        direct: (n,) or (n, K) direct emissions, in product order.
        solve_block: What is asked for a block that passes over it do not solve.

    Returns:
        Footprints in the shape and order of `direct`, and the largest residual: not a number where a footprint is
        beyond the range of numbers.
    """
    topology = plan.topology
    width = 0 if direct.ndim == 1 else direct.shape[1]
    if width == 1:
        found, worst = solve(plan, amounts, direct.reshape(-1), solve_block=solve_block)
        return found.reshape(-1, 1), worst
    if width:
        found = _in_lines(direct.size)
        emissions = np.ascontiguousarray(direct).reshape(-1)
        worst = _march(plan, amounts, emissions, found, width, solve_block)
        return found.reshape(direct.shape), worst
    emissions = np.empty_like(direct)
    _shared(kernel_sweep.gather, topology.order, direct, emissions)
    ranked, found = np.empty_like(direct), emissions
    worst = _march(plan, amounts, emissions, ranked, width, solve_block)
    _shared(kernel_sweep.scatter, topology.order, ranked, found)
    return found, worst


def _in_lines(count: int) -> Floats:
    """Room for so many numbers, the first of them at the beginning of a line of memory."""
    room = np.empty(count + LINE_BYTES // 8)
    begin = -room.ctypes.data % LINE_BYTES // 8
    return room[begin : begin + count]


def _is_streamed(topology: Topology, width: int) -> bool:
    """Whether footprints are better written past the caches: rows are whole lines, and levels too large to be kept."""
    is_in_lines = width % kernel_wide.LANES == 0
    return is_in_lines and not topology.n_blocks and topology.n_products * width * 8 > topology.n_levels * _KEPT_BYTES


def _march(
    plan: Plan,
    amounts: Floats,
    emissions: Floats,
    found: Floats,
    width: int,
    solve_block: BlockSolver,
    begin: int = 0,
) -> float:
    """Fill in footprints from a row on, which is in no block that begins before it; the largest residual."""
    topology = plan.topology
    bounds = (topology.block_start, topology.block_end)
    rooms = (np.empty_like(plan.proof), np.empty_like(plan.proof), np.empty_like(plan.proof))
    arguments = (bounds, _blocks(plan, amounts), rooms)
    wide = (topology.order, plan.suppliers(), width, _is_streamed(topology, width)) if width else ()
    worst = 0.0
    # A part of them all is one walk from its first row; what is computed of a single product is seldom worth more.
    for parts in [[(begin, topology.n_products)]] if begin else plan.stretches:
        outcomes = together(
            [partial(_walk, plan, amounts, emissions, found, wide, arguments, solve_block, part) for part in parts]
        )
        for outcome in outcomes:  # the first that failed is the one that one thread would have met
            part_worst = float(returned(outcome))
            if part_worst != part_worst:
                return part_worst
            worst = max(worst, part_worst)
    plan.proof = arguments[1][_PROOF]
    return worst


def _walk(
    plan: Plan,
    amounts: Floats,
    emissions: Floats,
    found: Floats,
    wide: tuple[Any, ...],
    arguments: tuple[Any, ...],
    solve_block: BlockSolver,
    part: Part,
) -> float:
    """Fill in the footprints of one part of a stretch: the largest residual, not a number where there is none."""
    topology = plan.topology
    matrix, width = (topology.indptr, topology.indices, amounts), wide[2] if wide else 0
    first, stop = part
    state = np.array([np.searchsorted(topology.block_start, first), first], dtype=np.int64)
    rest: tuple[Any, ...] = (*arguments, state, stop)
    worst = 0.0
    while True:
        if wide:
            residual = kernel_wide.march_wide(matrix, emissions, found, *wide, *rest)
        else:
            residual = kernel_march.march(matrix, emissions, found, *rest)
        worst = max(worst, float(residual)) if residual < np.inf else np.nan
        if state[1] == stop or worst != worst:
            return worst
        start, end = int(topology.block_start[state[0]]), int(topology.block_end[state[0]])
        _solve_hard(plan, amounts, emissions, found, width, (start, end), solve_block)
        residual = kernel_march.residual(matrix, emissions, found, topology.order, width, start, end)
        worst = max(worst, float(residual)) if residual < np.inf else np.nan
        state[0], state[1] = state[0] + 1, end
        if worst != worst:
            return worst


def units(plan: Plan, amounts: Floats, rank: int, *, solve_block: BlockSolver) -> tuple[Floats, float]:
    """How much of one product is in every product: `solve` for one unit of emissions, from that product on.

    Args:
        plan: The topology and its blocks.
        amounts: (m,) in the order of the topology.
        rank: The product's.
        solve_block: As of `solve`.

    Returns:
        (n,) in rank order, and the largest residual.
    """
    topology = plan.topology
    emissions = np.zeros(topology.n_products)
    emissions[rank] = 1.0
    block = int(np.searchsorted(topology.block_end, rank, side="right"))
    first = min(rank, int(topology.block_start[block])) if block < topology.n_blocks else rank
    found = np.zeros_like(emissions)
    return found, _march(plan, amounts, emissions, found, 0, solve_block, begin=first)


def needs(plan: Plan, amounts: Floats, rank: int, *, solve_block: BlockSolver) -> tuple[Floats, float]:
    """What one unit of a product needs of every product; only what is upstream is looked at.

    Args:
        plan: The topology and its blocks.
        amounts: (m,) in the order of the topology.
        rank: The product's.
        solve_block: Solves a block the other way round, for what is needed of it from outside.

    Returns:
        (n,) in rank order, and the largest residual.
    """
    topology = plan.topology
    need = np.zeros(topology.n_products)
    need[rank] = 1.0
    blocks = _blocks(plan, amounts)
    rooms = (np.empty_like(plan.proof), np.empty_like(plan.proof))
    matrix, bounds = (topology.indptr, topology.indices, amounts), (topology.block_start, topology.block_end)
    below = int(np.searchsorted(topology.block_start, rank, side="right"))
    last = max(rank + 1, int(bounds[1][below - 1])) if below else rank + 1
    state = np.array([below, last, 0], dtype=np.int64)
    while True:
        kernel_needs.climb(matrix, need, bounds, blocks, rooms, state)
        if state[0] == 0:
            break
        start, end = int(bounds[0][state[0] - 1]), int(bounds[1][state[0] - 1])
        need[start:end] = solve_block(start, end, need[start:end, None])[:, 0]
        state[2] = 1
    return need, float(kernel_needs.residual_up(matrix, rank, need, last))


def _solve_hard(
    plan: Plan,
    amounts: Floats,
    direct: Floats,
    found: Floats,
    width: int,
    span: tuple[int, int],
    solve_block: BlockSolver,
) -> None:
    """Solve the block with ranks start:end directly, and write its footprints."""
    topology = plan.topology
    start, end = span
    low, high = int(topology.indptr[start]), int(topology.indptr[end])
    at: Any = topology.order[start:end] if width else slice(start, end)
    emitted, known = (array.reshape(topology.n_products, -1) for array in (direct, found))
    known[at] = 0.0
    rows = csr_array(
        (amounts[low:high], topology.indices[low:high], topology.indptr[start : end + 1] - low),
        shape=(end - start, topology.n_products),
    )
    if width:
        suppliers = np.unique(rows.indices)
        taken = rows[:, suppliers] @ known[topology.order[suppliers]]
    else:
        taken = rows @ known
    known[at] = solve_block(start, end, emitted[at] + taken)
