"""All footprints from a topology and numbers, by whichever kernels there are, with a residual that is checked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from passport.carbon.blocks import named, solve_block
from passport.carbon.kernels import Kernel, chosen
from passport.carbon.order import Topology
from passport.carbon.sweep import BlockSolver, climb, residual, rows_of, sweep
from passport.errors import GraphError, UnproductiveError

RESIDUAL = 1e-10
"""The largest |f - e - A^T f| of a product, relative to what its sum is made of, with which a result is handed out."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]


def solve_cold(
    supplier: Integers, consumer: Integers, amount: Floats, direct: Floats, *, name_of: Callable[[int], str]
) -> tuple[Floats | None, float | None, Topology | None]:
    """Footprints from edges whose order is not known, in one walk; numba only.

    Args:
        supplier: (m,) the product that is used.
        consumer: (m,) the product that uses it.
        amount: (m,) amounts.
        direct: (n,) or (n, 1) direct emissions.
        name_of: Gives a product's name for errors.

    Returns:
        Footprints in the shape of `direct` and their largest residual; where there are loops, the topology instead.

    Raises:
        GraphError: A footprint is beyond the range of numbers, or the residual is too large.
    """
    from passport.carbon.compiled_order import disagreement, peel, topology_of

    n, emissions = len(direct), direct.reshape(-1)
    found, marks, is_grouped = peel(supplier, consumer, amount, emissions)
    if len(marks):
        return None, None, topology_of(supplier, consumer, n_products=n, marks=marks)
    worst = disagreement(supplier, consumer, amount, emissions, found, is_grouped=is_grouped)
    check(worst, found, name_of)
    return found.reshape(direct.shape), worst, None


class Solver:
    """Solves one topology for any numbers; what depends on the topology alone is prepared once.

    Args:
        topology: The order of the products.
        kernel: What does the work.
    """

    __slots__ = ("_kernel", "_plan", "topology")

    def __init__(self, topology: Topology, *, kernel: Kernel = "auto") -> None:
        self.topology = topology
        self._kernel = chosen(kernel)
        if self._kernel == "numba":
            from passport.carbon.compiled_sweep import Plan

            self._plan = Plan(topology)

    def amounts(self, amount: Floats) -> tuple[Floats, bool]:
        """(m,) amounts in the order of the topology, and whether their sum is finite.

        Args:
            amount: (m,) in the caller's order.
        """
        if self._kernel == "numba":
            from passport.carbon.compiled_sweep import gathered

            return gathered(self.topology, amount)
        ranked = amount[self.topology.edge]
        with np.errstate(over="ignore", invalid="ignore"):
            return ranked, bool(np.isfinite(np.dot(ranked, ranked)))

    def solve(self, amounts: Floats, direct: Floats, *, name_of: Callable[[int], str]) -> tuple[Floats, float]:
        """Footprints of all products.

        Args:
            amounts: (m,) of `amounts`.
            direct: (n,) or (n, K) direct emissions, in product order.
            name_of: Gives a product's name for errors.

        Returns:
            Footprints in the shape and order of `direct`; the largest residual.

        Raises:
            UnproductiveError: Some products need at least as much of each other as they make.
            GraphError: A footprint is beyond the range of numbers, or the residual is too large.
        """
        topology = self.topology
        block = self._block_solver(amounts, name_of)
        if self._kernel == "numba":
            from passport.carbon.compiled_sweep import solve

            found, worst = solve(self._plan, amounts, direct, solve_block=block)
        else:
            matrix = topology.matrix_of(amounts)
            ranked = direct.reshape(topology.n_products, -1)[topology.order]
            solved = sweep(topology, matrix, ranked, solve_block=block)
            worst = residual(matrix, ranked, solved)
            found = np.empty_like(solved)
            found[topology.order] = solved
            found = found.reshape(direct.shape)
        check(worst, found, name_of)
        return found, worst

    def needs(self, amounts: Floats, rank: int, *, name_of: Callable[[int], str]) -> Floats:
        """(n,) in rank order: what one unit of a product needs of every product; only what is upstream is looked at.

        Args:
            amounts: (m,) of `amounts`.
            rank: The product's.
            name_of: Gives a product's name for errors.

        Raises:
            UnproductiveError: Products upstream need at least as much of each other as they make.
            GraphError: As `solve`.
        """
        block = self._block_solver(amounts, name_of, is_upward=True)
        if self._kernel == "numba":
            from passport.carbon.compiled_sweep import needs

            need, worst = needs(self._plan, amounts, rank, solve_block=block)
        else:
            matrix = self.topology.matrix_of(amounts)
            need = climb(self.topology, matrix, rank, solve_block=block)
            worst = residual(matrix.T.tocsr(), _unit(len(need), rank)[:, None], need[:, None])
        check(worst, need, lambda place: name_of(int(self.topology.order[place])))
        return need

    def units(self, amounts: Floats, rank: int, *, name_of: Callable[[int], str]) -> Floats:
        """(n,) in rank order: how much of one product is in a unit of every product.

        Args:
            amounts: (m,) of `amounts`.
            rank: The product's.
            name_of: Gives a product's name for errors.

        Raises:
            UnproductiveError: Products downstream need at least as much of each other as they make.
            GraphError: As `solve`.
        """
        solve = self._block_solver(amounts, name_of)

        def block(start: int, end: int, outside: Floats) -> Floats:
            # An unproductive loop that the product does not go into is none of its business.
            return solve(start, end, outside) if outside.any() else np.zeros_like(outside)

        if self._kernel == "numba":
            from passport.carbon.compiled_sweep import units

            found, worst = units(self._plan, amounts, rank, solve_block=block)
        else:
            matrix, emissions = self.topology.matrix_of(amounts), _unit(self.topology.n_products, rank)[:, None]
            found = sweep(self.topology, matrix, emissions, solve_block=block)
            worst = residual(matrix, emissions, found)
        check(worst, found, lambda place: name_of(int(self.topology.order[place])))
        return found.reshape(-1)

    def _block_solver(self, amounts: Floats, name_of: Callable[[int], str], *, is_upward: bool = False) -> BlockSolver:
        topology = self.topology

        def solver(start: int, end: int, outside: Floats) -> Floats:
            rows = rows_of(topology.matrix_of(amounts), start, end)
            inner = rows[:, start:end].tocsr()
            try:
                return solve_block(inner.T.tocsr() if is_upward else inner, outside)
            except UnproductiveError as error:
                error.loop = error.loop[::-1] if is_upward else error.loop
                raise named(error, topology.order[start:end], name_of) from error

        return solver


def _unit(n: int, place: int) -> Floats:
    one = np.zeros(n)
    one[place] = 1.0
    return one


def check(worst: float, found: Floats, name_of: Callable[[int], str]) -> None:
    """Refuse a result that does not solve the equations.

    Args:
        worst: The largest residual.
        found: (n,) or (n, K) footprints.
        name_of: Gives a product's name for errors.

    Raises:
        GraphError: It does not.
    """
    if worst <= RESIDUAL:
        return
    bad = np.flatnonzero(~np.isfinite(found.reshape(len(found), -1)).all(axis=1))
    if len(bad):
        raise GraphError(
            "a footprint is beyond the range of numbers", where=name_of(int(bad[0])), hint="choose larger units"
        )
    raise GraphError(
        "footprints that do not solve their equations", expected=f"a residual of {RESIDUAL:g}", found=worst
    )
