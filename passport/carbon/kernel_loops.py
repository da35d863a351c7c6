"""Solve one block for what comes into it: `kernel_blocks` for a single block whose amounts may have just changed."""

from __future__ import annotations

from typing import Any

from passport.carbon.blocks import RESIDUAL
from passport.carbon.kernel_blocks import prove, relax
from passport.carbon.kernels import compiled


@compiled()
def solve(block: Any, amounts: Any, outside: Any, start: Any, plan: Any, solved: Any) -> Any:
    """Prove that a block is productive, pass over it until nothing moves, and check what comes out.

    Args:
        block: Its number.
        amounts: Of the matrix, in the order of the topology.
        outside: (n,) or (n, K), what comes into each rank from outside its block.
        start: First rank of each block.
        plan: `(first, member, ends, suppliers, positions)` of `compiled_sweep.Plan`, `(own_first, own_member,
            own_position)` for products that use themselves, its `proof`, and room for the amounts of the inner edges
            and three times for the members.
        solved: (b,) or (b, K), takes the footprints, by rank.

    Returns:
        Whether that has worked; where it has not, `blocks.solve_block` has the last word.
    """
    first, member, ends, suppliers, positions, own_first, own_member, own_position, proof, inner, rooms = plan
    kept, taken, values = rooms[0], rooms[1], rooms[2]
    low, high = first[block], first[block + 1]
    for at in range(ends[low], ends[high]):
        inner[at] = amounts[positions[at]]
    kept[low:high] = 1.0
    for at in range(own_first[block], own_first[block + 1]):
        kept[own_member[at]] -= amounts[own_position[at]]
    if not prove(ends, suppliers, inner, kept, proof, low, high):
        return False
    columns = 1 if outside.ndim == 1 else outside.shape[1]
    for column in range(columns):
        for here in range(low, high):
            taken[here] = outside[member[here]] if outside.ndim == 1 else outside[member[here], column]
        if not relax(ends, suppliers, inner, kept, taken, values, low, high):
            return False
        for here in range(low, high):
            total, size = taken[here], abs(taken[here])
            for at in range(ends[here], ends[here + 1]):
                part = inner[at] * values[low + suppliers[at]]
                total += part
                size += abs(part)
            total += (1.0 - kept[here]) * values[here]
            size += abs((1.0 - kept[here]) * values[here])
            if not abs(values[here] - total) <= RESIDUAL * size:
                return False
            place = member[here] - start[block]
            if solved.ndim == 1:
                solved[place] = values[here]
            else:
                solved[place, column] = values[here]
    return True
