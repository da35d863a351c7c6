"""The simulation compiled by Numba: one tile of samples at a time, side by side through the sweep.

The numbers are those of `normals`, bit for bit; the loops over the samples of a tile have no branches and no calls, so
that the compiler makes vector instructions of them. Imported only where Numba is there.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.extending import intrinsic

from passport.carbon import normals
from passport.carbon.distributions import Kind
from passport.carbon.kernels_sampled_blocks import grow, relax

__all__ = ["fill_normals", "grow", "moments", "relax", "sweep_rows"]

_FIXED = np.uint8(Kind.FIXED)
_NORMAL = np.uint8(Kind.NORMAL)
_M0, _M1 = (np.uint64(word) for word in normals.MULTIPLIERS)
_W0, _W1 = (np.uint64(word) for word in normals.WEYL)
_MASK = np.uint64(normals.MASK)
_WORD = np.uint64(32)
_ROUNDS = normals.ROUNDS
_LN2_HIGH, _LN2_LOW, _LOG2_E, _ROUNDER = normals.LN2_HIGH, normals.LN2_LOW, normals.LOG2_E, normals.ROUNDER
_HALF_SQRT, _QUARTER = normals.HALF_SQRT, normals.QUARTER
_EXP, _LOG, _SIN, _COS = normals.EXP, normals.LOG, normals.SIN, normals.COS
_LINE_BYTES = 64
_SHIFT_QUADRANT, _WITHIN = np.uint64(30), np.uint64(2**30 - 1)

_inlined = njit(inline="always", error_model="numpy")
_compiled = njit(nogil=True, error_model="numpy", cache=True)


def _bits_of(typing: Any, number: Any) -> Any:
    """The bits of a number as a whole number."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(types.int64))

    return types.int64(types.float64), generate


def _number_of(typing: Any, bits: Any) -> Any:
    """The number that has these bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(types.float64))

    return types.float64(types.int64), generate


def _prefetch_line(typing: Any, address: Any) -> Any:
    """Ask for a line of memory that will be read soon."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        function = builder.module.declare_intrinsic(
            "llvm.prefetch", [pointer], ir.FunctionType(ir.VoidType(), [pointer, number, number, number])
        )
        place = builder.inttoptr(arguments[0], pointer)
        builder.call(function, [place, number(0), number(3), number(1)])  # to read, to keep, data
        return context.get_dummy_value()

    return types.void(types.int64), generate


_bits: Any = intrinsic(_bits_of)
_number: Any = intrinsic(_number_of)
_prefetch: Any = intrinsic(_prefetch_line)


@_inlined
def _exp(x: float) -> Any:
    shifted = x * _LOG2_E + _ROUNDER
    whole = shifted - _ROUNDER
    r = (x - whole * _LN2_HIGH) - whole * _LN2_LOW
    p = _EXP[0]
    for place in range(1, len(_EXP)):
        p = p * r + _EXP[place]
    return (p * r * r + r + 1.0) * _number((_bits(shifted) + 1023) << 52)


@_inlined
def _log(x: float) -> Any:
    bits = _bits(x)
    exponent = (bits - _HALF_SQRT) >> 52
    mantissa = _number(bits - (exponent << 52))
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square = s * s
    p = _LOG[0]
    for place in range(1, len(_LOG)):
        p = p * square + _LOG[place]
    power = np.float64(exponent)
    return power * _LN2_HIGH + (power * _LN2_LOW + (s * square * p + 2.0 * s))


@_inlined
def _words(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """Philox4x32-10, as `normals.philox`."""
    for _ in range(_ROUNDS):
        p0, p1 = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (p1 >> _WORD) ^ c1 ^ k0, p1 & _MASK, (p0 >> _WORD) ^ c3 ^ k1, p0 & _MASK
        k0, k1 = (k0 + _W0) & _MASK, (k1 + _W1) & _MASK
    return c0, c1, c2, c3


@_inlined
def _pair(first: Any, second: Any) -> Any:
    """Box and Muller's two normals out of two words, as `normals`."""
    radius = math.sqrt(-2.0 * _log((np.float64(np.int64(first)) + 0.5) * 2.0**-32))
    quadrant = np.int64(second >> _SHIFT_QUADRANT)
    within = (np.float64(np.int64(second & _WITHIN)) + 0.5) * 2.0**-30
    angle = (within - 0.5) * _QUARTER
    square = angle * angle
    sine = _SIN[0]
    for place in range(1, len(_SIN)):
        sine = sine * square + _SIN[place]
    sine = sine * square * angle + angle
    cosine = _COS[0]
    for place in range(1, len(_COS)):
        cosine = cosine * square + _COS[place]
    cosine = cosine * square + 1.0
    is_odd = (quadrant & 1) != 0
    x = sine if is_odd else cosine
    y = cosine if is_odd else sine
    x = -x if (quadrant == 1) or (quadrant == 2) else x
    y = -y if quadrant >= 2 else y
    return radius * x, radius * y


@_compiled
def fill_normals(key: Any, stream: Any, first_block: Any, lanes: int, seed: Any, out: Any) -> None:
    """Standard normals of one unknown for a tile, as a row of `normals.normals`.

    Args:
        key: uint64.
        stream: uint64.
        first_block: uint64.
        lanes: Blocks.
        seed: uint64.
        out: (4 * lanes,) float64, written.
    """
    low, high, k0, k1 = key & _MASK, key >> _WORD, seed & _MASK, seed >> _WORD
    for lane in range(lanes):
        w0, w1, w2, w3 = _words(low, high, first_block + np.uint64(lane), stream, k0, k1)
        x, y = _pair(w0, w1)
        out[lane] = x
        out[lanes + lane] = y
        x, y = _pair(w2, w3)
        out[2 * lanes + lane] = x
        out[3 * lanes + lane] = y


@_compiled
def _fill_values(
    base: float, kind: Any, scale: float, key: Any, stream: Any, block: Any, lanes: int, seed: Any, out: Any
) -> None:
    """Base times drawn factor of one input for a tile."""
    if kind == _FIXED:
        for t in range(4 * lanes):
            out[t] = base
        return
    fill_normals(key, stream, block, lanes, seed, out)
    if kind == _NORMAL:
        for t in range(4 * lanes):
            out[t] = base * (1.0 + scale * out[t])
    else:
        for t in range(4 * lanes):
            out[t] = base * _exp(scale * out[t])


@_compiled
def sweep_rows(
    first: int,
    last: int,
    columns: int,
    indptr: Any,
    indices: Any,
    edge: Any,
    direct: Any,
    block: Any,
    lanes: int,
    seed: Any,
    found: Any,
    inner: Any,
) -> None:
    """Footprints of ranks first:last in every sample of a tile.

    Args:
        first: First rank.
        last: The rank after the last one.
        columns: K.
        indptr: Of the topology.
        indices: Of the topology.
        edge: Base, kind, scale, key, stream of the edges, in the topology's order.
        direct: The same of the direct emissions: base (n, K), the others (n, 1 or K).
        block: First block of four samples, uint64.
        lanes: Blocks.
        seed: uint64.
        found: (n, K * 4 * lanes), rows first:last are written.
        inner: (edges inside, 4 * lanes): for a block of products that need each other, the drawn amounts of edges from
            ranks first:last go here instead of into the sum; no rows: there are no such edges.
    """
    base, kind, scale, key, stream = edge
    direct_base, direct_kind, direct_scale, direct_key, direct_stream = direct
    width = 4 * lanes
    drawn = np.empty(width)
    inside = 0
    start_address, row_bytes = np.int64(found.ctypes.data), np.int64(8 * found.shape[1])
    last_place = indptr[last]
    for rank in range(first, last):
        row = found[rank]
        for column in range(direct_kind.shape[1]):
            _fill_values(
                1.0,
                direct_kind[rank, column],
                direct_scale[rank, column],
                direct_key[rank, column],
                direct_stream[rank, column],
                block,
                lanes,
                seed,
                drawn,
            )
            end = columns if direct_kind.shape[1] == 1 else column + 1
            for target in range(column, end):
                own = direct_base[rank, target]
                for t in range(width):
                    row[target * width + t] = own * drawn[t]
        for place in range(indptr[rank], indptr[rank + 1]):
            supplier = indices[place]
            if place + 1 < last_place:
                address = start_address + np.int64(indices[place + 1]) * row_bytes
                for line in range(0, row_bytes, _LINE_BYTES):
                    _prefetch(address + line)
            if len(inner) > 0 and first <= supplier < last:
                _fill_values(
                    base[place], kind[place], scale[place], key[place], stream[place], block, lanes, seed, inner[inside]
                )
                inside += 1
                continue
            above = found[supplier]
            if kind[place] == _FIXED:
                amount = base[place]
                for t in range(columns * width):
                    row[t] += amount * above[t]
                continue
            _fill_values(base[place], kind[place], scale[place], key[place], stream[place], block, lanes, seed, drawn)
            for column in range(columns):
                start = column * width
                for t in range(width):
                    row[start + t] += drawn[t] * above[start + t]


@_compiled
def moments(found: Any, is_asked: Any, count: Any, mean: Any, squares: Any) -> None:
    """Number, mean and sum of squared deviations over a tile's samples, leaving out what is not a number.

    Args:
        found: (rows, T).
        is_asked: (T,) bool, which samples count.
        count: (rows,) int64, written.
        mean: (rows,) written.
        squares: (rows,) written.
    """
    rows, width = found.shape
    for row in range(rows):
        number, total = 0, 0.0
        for t in range(width):
            if is_asked[t] and found[row, t] == found[row, t]:
                number += 1
                total += found[row, t]
        middle = total / number if number else 0.0
        spread = 0.0
        for t in range(width):
            if is_asked[t] and found[row, t] == found[row, t]:
                spread += (found[row, t] - middle) ** 2
        count[row], mean[row], squares[row] = number, middle, spread
