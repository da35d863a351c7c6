"""The numbers of a graph in rank order, kept current from one update to the next."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from passport.carbon.blocks import named, solve_block
from passport.carbon.order import Topology
from passport.errors import UnproductiveError

Floats = NDArray[np.float64]


class Live:
    """Amounts, direct emissions and footprints by rank, who uses whom, and what comes into each block from outside.

    A row's footprint is its direct emissions plus the sum over its suppliers, taken in the order of the matrix. All
    roads sum so, and therefore agree to the last bit.

    Attributes:
        topology: The order.
        amounts: (m,) in the order of the matrix: `amount[topology.edge]`.
        direct: (n,) or (n, K) in rank order.
        found: (n,) or (n, K) footprints in rank order.
        user_indptr: (n+1,) int64, the users of rank r are `users[user_indptr[r]:user_indptr[r+1]]`.
        users: (m,) int32, ranks of consumers.
        block_of: (n,) int32, the block of each rank or -1; (0,) in a graph without blocks.
        outside: Like `found`; rows of blocks hold direct emissions plus what comes from suppliers outside the block.
        seed: (1,) int32, room for the rank of a single change.
        is_touched: (B,) bool, whether amounts inside a block have changed since it was solved.
    """

    __slots__ = (
        "amounts",
        "block_of",
        "direct",
        "found",
        "is_touched",
        "outside",
        "seed",
        "topology",
        "user_indptr",
        "users",
    )

    def __init__(self, topology: Topology, amount: Floats, direct: Floats, footprints: Floats) -> None:
        n = topology.n_products
        self.topology = topology
        self.amounts = amount[topology.edge]
        self.direct = direct[topology.order]
        self.found = footprints[topology.order]
        self.user_indptr, self.users = _users(topology)
        self.block_of = np.full(n if topology.n_blocks else 0, -1, dtype=np.int32)
        self.outside = np.empty_like(self.found) if topology.n_blocks else self.found[:0]
        self.seed = np.zeros(1, dtype=np.int32)
        self.is_touched = np.zeros(topology.n_blocks, dtype=np.bool_)
        if topology.n_blocks:
            lengths = topology.block_end - topology.block_start
            first = np.repeat(topology.block_start - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
            self.block_of[first + np.arange(len(first))] = np.repeat(np.arange(topology.n_blocks), lengths)

    def with_edges(
        self,
        topology: Topology,
        amounts: Floats,
        user_indptr: NDArray[np.int64],
        users: NDArray[np.int32],
    ) -> Live:
        """The same products in the same order with other edges; what belongs to products is shared.

        Args:
            topology: With the order, levels and blocks of this one.
            amounts: In its order.
            user_indptr: As of this class.
            users: As of this class.
        """
        other = copy(self)
        other.topology, other.amounts, other.user_indptr, other.users = topology, amounts, user_indptr, users
        return other

    def position(self, edge: int, consumer: int) -> int:
        """Where the amount of one of the caller's edges stands in the matrix."""
        row = self.topology.rank[consumer]
        low, high = self.topology.indptr[row], self.topology.indptr[row + 1]
        return int(low + np.flatnonzero(self.topology.edge[low:high] == edge)[0])

    def touch(self, positions: NDArray[np.int64], rows: NDArray[np.int32]) -> None:
        """Note that these amounts have changed: a block that has both ends is solved anew whatever comes into it."""
        if len(self.block_of):
            blocks = self.block_of[rows]
            inner = (blocks >= 0) & (blocks == self.block_of[self.topology.indices[positions]])
            self.is_touched[blocks[inner]] = True

    def solve_block(self, block: int, *, name_of: Callable[[int], str]) -> Floats:
        """(b, K) footprints of a block's products for what comes into it now.

        Args:
            block: Its number.
            name_of: How a product is called in errors.

        Raises:
            UnproductiveError: The block needs at least as much of itself as it makes; its `loop` holds products.
        """
        topology = self.topology
        start, end = int(topology.block_start[block]), int(topology.block_end[block])
        low, high = topology.indptr[start], topology.indptr[end]
        suppliers = topology.indices[low:high] - start
        is_inner = (suppliers >= 0) & (suppliers < end - start)
        before = np.concatenate(([0], np.cumsum(is_inner)))
        ends = before[topology.indptr[start : end + 1] - low]
        columns = suppliers[is_inner]
        inner = csr_array((self.amounts[low:high][is_inner], columns, ends), shape=(end - start, end - start))
        try:
            return solve_block(inner, self.outside[start:end].reshape(end - start, -1))
        except UnproductiveError as error:
            raise named(error, topology.order[start:end], name_of) from error

    def in_product_order(self) -> Floats:
        """Footprints in the order of the products."""
        return self.found[self.topology.rank]


def _users(topology: Topology) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The matrix's pattern the other way round: the consumers of each supplier, ascending."""
    n = topology.n_products
    pattern = csr_array((np.ones(topology.n_edges, np.int8), topology.indices, topology.indptr), shape=(n, n)).tocsc()
    return pattern.indptr.astype(np.int64), pattern.indices.astype(np.int32)
