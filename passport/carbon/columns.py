"""Columns of numbers as callers bring them, checked: what is wrong is said with its row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passport.errors import GraphError

INT32_MAX = 2**31 - 1
"""Products and edges are counted in 32 bits."""

_PART = 1 << 20


def finite_numbers(values: ArrayLike, *, name: str, dimensions: tuple[int, ...] = (1,)) -> NDArray[np.float64]:
    """A copy as float64, all of it finite; an array that nobody can write to is taken as it is.

    Args:
        values: What the caller brings.
        name: What it is called.
        dimensions: How many it may have.

    Raises:
        GraphError: It is something else.
    """
    array = _array(values, name)
    if array.dtype.kind not in "fiu" and array.size:
        raise GraphError("not numbers", where=name, expected="a column of floats", found=f"dtype {array.dtype}")
    if array.ndim not in dimensions:
        expected = " or ".join({1: "one dimension", 2: "two dimensions"}[each] for each in dimensions)
        raise GraphError("wrong shape", where=name, expected=expected, found=f"shape {array.shape}")
    numbers: NDArray[np.float64] = array if _is_frozen(array) else np.array(array, dtype=np.float64, order="C")
    check_finite(numbers, name=name)
    return numbers


def _is_frozen(array: NDArray[Any]) -> bool:
    """Whether this is float64 in rows, and neither it nor what it is a view of can be written to."""
    if array.dtype != np.float64 or not array.flags.c_contiguous:
        return False
    while isinstance(array, np.ndarray) and not array.flags.writeable:
        if array.base is None:
            return True
        array = array.base
    return False


def check_finite(numbers: NDArray[np.float64], *, name: str) -> None:
    """Find the first row that is not a finite number.

    Args:
        numbers: The column.
        name: What it is called.

    Raises:
        GraphError: There is one.
    """
    flat = numbers.reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):
        # Anything else would make the sum so. A dot product wakes a library's threads, which costs more than it saves.
        if np.isfinite(flat.sum()):
            return
    for start in range(0, len(numbers), _PART):
        bad = np.argwhere(~np.isfinite(numbers[start : start + _PART]))
        if len(bad):
            row = (start + int(bad[0][0]), *(int(place) for place in bad[0][1:]))
            place = ", ".join(map(str, row))
            raise GraphError(
                "not a finite number",
                where=f"{name}[{place}]",
                expected="a number; what is not known is no zero and stays out",
                found=float(numbers[row]),
            )


def product_numbers(values: ArrayLike, *, name: str, n_products: int) -> NDArray[np.int32]:
    """A copy as int32, each from 0 to n-1.

    Args:
        values: What the caller brings.
        name: What it is called.
        n_products: n.

    Raises:
        GraphError: It is something else, or there are more rows than 32 bits count.
    """
    array = _array(values, name)
    if array.ndim != 1:
        raise GraphError("wrong shape", where=name, expected="one dimension", found=f"shape {array.shape}")
    check_count(len(array), what="edges", name=name)
    if not array.size:
        return np.empty(0, dtype=np.int32)
    if array.dtype.kind not in "iu":
        raise GraphError(
            "not whole numbers",
            where=name,
            expected="a column of integers",
            found=f"dtype {array.dtype}",
            hint="number the products from 0 on, and name them by `products`",
        )
    if array.min() < 0 or array.max() >= n_products:
        row = int(np.argmax((array < 0) | (array >= n_products)))
        raise GraphError(
            "no such product",
            where=f"{name}[{row}]",
            expected=f"a whole number from 0 to {n_products - 1}, because `direct` has {n_products} rows",
            found=int(array[row]),
        )
    return array.astype(np.int32)


def check_count(count: int, *, what: str, name: str) -> None:
    """Refuse more than 32 bits count.

    Args:
        count: How many there are.
        what: Of what.
        name: The column's name.

    Raises:
        GraphError: There are more.
    """
    if count > INT32_MAX:
        raise GraphError(f"too many {what}", where=name, expected=f"at most {INT32_MAX}", found=count)


def keys(values: ArrayLike, *, n_edges: int) -> NDArray[np.uint64]:
    """Keys of random draws as uint64; they need not differ.

    Args:
        values: What the caller brings.
        n_edges: How many there must be.

    Raises:
        GraphError: It is something else.
    """
    array = _array(values, "edge_ids")
    if array.size and array.dtype.kind not in "iu":
        raise GraphError(
            "not whole numbers", where="edge_ids", expected="a column of integers", found=f"dtype {array.dtype}"
        )
    if array.shape != (n_edges,):
        raise GraphError("wrong shape", where="edge_ids", expected=f"{n_edges} rows", found=f"shape {array.shape}")
    if array.size and array.min() < 0:
        row = int(np.argmax(array < 0))
        raise GraphError("a key below zero", where=f"edge_ids[{row}]", found=int(array[row]))
    return array.astype(np.uint64)


def distinct_names(names: Sequence[str], *, name: str, count: int) -> Sequence[str]:
    """Names, as many as there are things, and all different.

    Args:
        names: What the caller brings; a sequence that has found its texts to be different says so by `is_distinct`, and
            nobody makes a million of them only to look.
        name: What it is called.
        count: How many there must be.

    Raises:
        GraphError: There are others, or one twice.
    """
    if isinstance(names, str) or len(names) != count:
        raise GraphError("not a name for each", where=name, expected=f"{count} names", found=len(names))
    if not getattr(names, "is_distinct", False) and len(set(names)) < count:
        seen: set[str] = set()
        for row, each in enumerate(names):
            if each in seen:
                raise GraphError("a name that stands there twice", where=f"{name}[{row}]", found=repr(each))
            seen.add(each)
    return names


def refuse_masked(values: object, *, name: str) -> None:
    """Refuse a column of which some is masked: NumPy would take what stands behind the mask for its numbers.

    Args:
        values: What the caller brings.
        name: What it is called.

    Raises:
        GraphError: Some of it is masked.
    """
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise GraphError(
            "a masked number",
            where=f"{name}[{int(np.argwhere(np.ma.getmaskarray(values))[0][0])}]",
            expected="a number; what is not known is no zero and stays out",
            found="masked",
        )


def _array(values: ArrayLike, name: str) -> NDArray[Any]:
    refuse_masked(values, name=name)
    try:
        return np.asarray(values)
    except ValueError as error:
        raise GraphError("not a column", where=name, expected="rows of equal length", found=str(error)) from error
