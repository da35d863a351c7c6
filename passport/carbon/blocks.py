"""Strongly connected blocks: products that need each other are solved together, and refused when they cannot be.

A block of amounts of zero or more has footprints exactly if its spectral radius is below 1 (Hawkins and Simon). That is
not read off a solution, which may be finite and small-residual nonsense, but off a vector v > 0 with |A|^T v < v
(Collatz and Wielandt). Amounts below zero (products that are displaced) may miss that and still have an answer: then
every eigenvalue must have a real part below 1, so that what each product needs settles as it is passed on, which for
amounts of zero or more is the same demand.

Source: Berman, A. and Plemmons, R. J., Nonnegative matrices in the mathematical sciences, 1994, chapters 2 and 6.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, eye_array
from scipy.sparse.linalg import ArpackNoConvergence, eigs, splu

from passport.carbon.kernels import TINY
from passport.carbon.loops import heaviest_loop
from passport.errors import GraphError, UnproductiveError

DENSE_PRODUCTS = 1000
"""Blocks up to this many products are solved as full matrices."""

SPARSE_PRODUCTS = 20_000
"""Blocks up to this many products are factorised where passes do not end; beyond, that can take hours."""

LIMIT = 1.0 - 1e-10
"""The spectral radius from which a block counts as unproductive; v = 1 + |A|^T v / LIMIT is a proof in any units."""

MARGIN = 1e-12
"""How far below v the sums |A|^T v must stay, relative to v: above what rounding does to them."""

TOLERANCE = 1e-14
"""Passes end when no footprint changes by more than this part of itself."""

RESIDUAL = 1e-10
"""The largest residual of a solved block, relative to what each product's sum is made of."""

_PASSES = 2000
_TURNS = 20
_HUGE = 1e150
_NAMED = 12

Floats = NDArray[np.float64]
Block = csr_array[Any, tuple[int, int]]


def solve_block(inner: Block, outside: Floats) -> Floats:
    """Footprints of a block's products.

    Args:
        inner: (b, b) amounts among them, a row per consumer.
        outside: (b, K) what they emit themselves and take from suppliers outside the block.

    Returns:
        (b, K) footprints.

    Raises:
        UnproductiveError: The block needs at least as much of itself as it makes; its `loop` counts from the block's
            first product.
        GraphError: The block is so near to that that its footprints cannot be told.
    """
    inner = csr_array(inner, copy=True)  # SciPy sums duplicates in place, and the memory may be shared
    inner.sum_duplicates()
    if not np.isfinite(inner.data).all() or not np.isfinite(outside).all():
        raise GraphError("footprints beyond the range of numbers", hint="choose larger units")
    if is_shown_productive(inner):
        found = _by_passes(inner, outside) if inner.shape[0] > DENSE_PRODUCTS else None
    else:
        _judge(inner)
        found = None
    return _directly(inner, outside) if found is None else found


def is_shown_productive(inner: Block) -> bool:
    """Whether the spectral radius of a block, its amounts all taken as positive, is shown to be below 1.

    Args:
        inner: (b, b) amounts, a row per consumer.
    """
    size = abs(inner)
    b = inner.shape[0]
    if b <= DENSE_PRODUCTS:
        try:
            full = np.linalg.solve(np.eye(b) - size.toarray() / LIMIT, np.ones(b))
            return _is_proof(size, np.asarray(full, dtype=np.float64))
        except np.linalg.LinAlgError:
            return False
    proof: Floats = np.ones(b)
    for _ in range(_PASSES // _TURNS):
        for _ in range(_TURNS):
            proof = 1.0 + size @ proof / LIMIT
        if _is_proof(size, proof):
            return True
        if not proof.max() < _HUGE:
            return False
    if b > SPARSE_PRODUCTS:
        return False
    try:
        system = csc_array(eye_array(b, format="csc") - csc_array(size) * (1.0 / LIMIT))
        return _is_proof(size, splu(system).solve(np.ones(b)))
    except RuntimeError:
        return False


def _is_proof(size: Block, proof: Floats) -> bool:
    """Whether this vector shows it; however it was found."""
    return bool(np.all(proof > 0) and np.all(size @ proof <= (1.0 - MARGIN) * proof))


def _judge(inner: Block) -> None:
    """Refuse a block that is unproductive, or that cannot be told from one.

    Raises:
        UnproductiveError: It is.
    """
    if not (inner.data < 0).any() or _largest_real_part(inner) >= LIMIT:
        loop, gain = heaviest_loop(inner)
        around = f"{gain:.6g} units of each for one unit of itself around the heaviest loop"
        raise UnproductiveError(
            "these products need as much of each other as they make, or more, or so nearly that it cannot be told",
            loop=loop,
            expected="less than one unit of itself in each unit, over all loops",
            found=f"{around}, which is one of those among {inner.shape[0]} products",
            hint="look for a wrong unit or amount in the loop",
        )


def _largest_real_part(inner: Block) -> float:
    """Of the eigenvalues; 1 where it is not found."""
    if inner.shape[0] <= DENSE_PRODUCTS:
        return float(np.linalg.eigvals(inner.toarray()).real.max())
    try:
        start = np.ones(inner.shape[0])
        return float(eigs(inner, k=1, which="LR", v0=start, return_eigenvectors=False).real.max())
    except ArpackNoConvergence:
        return 1.0


def _by_passes(inner: Block, outside: Floats) -> Floats | None:
    """The series e + A^T e + ...; nothing if its terms do not become small soon."""
    found, term = outside.copy(), outside
    for _ in range(_PASSES):
        term = inner @ term
        found += term
        if np.all(np.abs(term) <= TOLERANCE * np.abs(found)):
            return found
    return None


def _directly(inner: Block, outside: Floats) -> Floats:
    """By elimination, rows scaled first so that units do not matter, improved once, and checked.

    Raises:
        GraphError: The residual is too large.
    """
    b = inner.shape[0]
    found: Floats
    system = (eye_array(b, format="csr") - inner).tocsr()
    scale = 1.0 / abs(system).max(axis=1).toarray().ravel()
    scaled = csr_array((system.data * np.repeat(scale, np.diff(system.indptr)), system.indices, system.indptr))
    try:
        if b <= DENSE_PRODUCTS:
            full = scaled.toarray()
            found = np.asarray(np.linalg.solve(full, scale[:, None] * outside), dtype=np.float64)
            found += np.linalg.solve(full, scale[:, None] * (outside - system @ found))
        elif b > SPARSE_PRODUCTS:
            raise _unsolvable(inner, "passes that do not end")
        else:
            factors = splu(scaled.tocsc())
            found = factors.solve(scale[:, None] * outside)
            found += factors.solve(scale[:, None] * (outside - system @ found))
    except (np.linalg.LinAlgError, RuntimeError) as error:
        raise _unsolvable(inner, "singular") from error
    if _is_right(inner, outside, found):
        return found
    if b <= DENSE_PRODUCTS:
        # What nothing gets into over edges above or below zero is none, and elimination leaves some dust there.
        found = np.where(_is_reached(inner, outside), found, 0.0)
        if _is_right(inner, outside, found):
            return found
    raise _unsolvable(inner, "a residual above what rounding explains")


def _is_right(inner: Block, outside: Floats, found: Floats) -> bool:
    """Whether the residual of every product is small against what its sum is made of."""
    size = np.abs(outside) + abs(inner) @ np.abs(found)
    with np.errstate(invalid="ignore"):
        return bool(np.all(np.abs(outside + inner @ found - found) <= RESIDUAL * size + TINY))


def _is_reached(inner: Block, outside: Floats) -> NDArray[np.bool_]:
    """Of each product, whether anything from outside gets into it, directly or through others."""
    passes = csr_array(((inner.data != 0).astype(np.float64), inner.indices, inner.indptr), shape=inner.shape)
    reached: NDArray[np.bool_] = outside != 0
    while True:
        wider: NDArray[np.bool_] = reached | (passes @ reached.astype(np.float64) > 0)
        if np.array_equal(wider, reached):
            return reached
        reached = wider


def _unsolvable(inner: Block, found: str) -> UnproductiveError:
    return UnproductiveError(
        "the footprints of these products cannot be told",
        loop=heaviest_loop(inner)[0],
        found=found,
        hint="look for amounts that nearly cancel each other",
    )


def named(error: UnproductiveError, products: NDArray[np.int32], name_of: Any) -> UnproductiveError:
    """The same error with the loop's products by number and name.

    Args:
        error: Of `solve_block`.
        products: (b,) numbers of the block's products.
        name_of: Gives a product's name.
    """
    loop = tuple(int(products[place]) for place in error.loop)
    names = [str(name_of(product)) for product in loop[:_NAMED]]
    names.append(f"... ({len(loop) - _NAMED} more)" if len(loop) > _NAMED else names[0])
    return UnproductiveError(
        error.message, loop=loop, where=" -> ".join(names), expected=error.expected, found=error.found, hint=error.hint
    )
