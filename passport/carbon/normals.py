"""Standard normal numbers that depend on nothing but their names: seed, stream, key and number of the sample.

Philox4x32-10 turns a counter (key, block of four samples, stream) and the seed into four 32-bit words; Box and Muller's
transform turns two words into two normals. Logarithm, sine, cosine and exponential are polynomials made of +, -, *, /
and square root, which IEEE 754 rounds alike everywhere: so the same names give the same bits on every machine, in this
module (NumPy) as in the compiled one, in whatever order and however many at a time. 32 bits bound |Z| by 6.77, beyond
which lies a normal number in 8e10.

Sources: Salmon, J. K. et al., Parallel random numbers: as easy as 1, 2, 3, SC '11 (Philox); Box, G. E. P. and Muller,
M. E., A note on the generation of random normal deviates, Ann. Math. Stat. 29 (1958); Cody, W. J. and Waite, W.,
Software manual for the elementary functions, 1980 (the reduction of arguments).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Floats = NDArray[np.float64]

SAMPLES_PER_BLOCK = 4
ROUNDS = 10
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
MASK = 0xFFFFFFFF

LN2_HIGH = 6.93147180369123816490e-01  # ln 2 with 21 zero bits at its end, and what is missing
LN2_LOW = 1.90821492927058770002e-10
LOG2_E = 1.4426950408889634
ROUNDER = 6755399441055744.0
"""1.5 * 2^52: added to a number it leaves no room for a fraction; its last bits are then the whole number."""

HALF_SQRT = 0x3FE6A09E667F3BCD
"""The bits of sqrt(1/2): a number is m * 2^k with m from there to sqrt(2)."""

EXP = tuple(1.0 / math.factorial(power) for power in range(13, 1, -1))
LOG = tuple(2.0 / power for power in range(19, 1, -2))
SIN = tuple((-1.0) ** (power // 2) / math.factorial(power) for power in range(15, 1, -2))
COS = tuple((-1.0) ** (power // 2) / math.factorial(power) for power in range(16, 0, -2))
QUARTER = math.pi / 2


def philox(counter: tuple[Any, Any, Any, Any], seed: tuple[Any, Any]) -> tuple[Words, Words, Words, Words]:
    """Philox4x32-10: four words for each counter.

    Args:
        counter: Four columns of 32-bit words (as uint64) that broadcast against each other.
        seed: The two 32-bit words of the key.
    """
    c0, c1, c2, c3 = np.broadcast_arrays(*(np.asarray(word, dtype=np.uint64) for word in counter))
    k0, k1 = int(seed[0]), int(seed[1])
    mask, half = np.uint64(MASK), np.uint64(32)
    for _ in range(ROUNDS):
        p0, p1 = c0 * np.uint64(MULTIPLIERS[0]), c2 * np.uint64(MULTIPLIERS[1])
        c0, c1, c2, c3 = (p1 >> half) ^ c1 ^ np.uint64(k0), p1 & mask, (p0 >> half) ^ c3 ^ np.uint64(k1), p0 & mask
        k0, k1 = (k0 + WEYL[0]) & MASK, (k1 + WEYL[1]) & MASK
    return c0, c1, c2, c3


def split_seed(seed: int) -> tuple[int, int]:
    """The two words of a 64-bit seed, the lower one first."""
    return seed & MASK, seed >> 32


def normals(key: Words, stream: Words, first_block: int, lanes: int, seed: int) -> Floats:
    """Standard normals for every key: the samples of `lanes` blocks.

    Args:
        key: (rows,) which unknown.
        stream: (rows,) which kind of unknown, below 2^32.
        first_block: The first block; block b holds samples 4b to 4b+3.
        lanes: How many blocks.
        seed: 0 to 2^64 - 1.

    Returns:
        (rows, 4 * lanes), where sample 4 * (first_block + j) + w is in column w * lanes + j: see `sample_numbers`.
    """
    block = np.arange(first_block, first_block + lanes, dtype=np.uint64)
    low, high = (key & np.uint64(MASK))[:, None], (key >> np.uint64(32))[:, None]
    words = philox((low, high, block[None, :], stream[:, None]), split_seed(seed))
    return np.concatenate((*_box_muller(words[0], words[1]), *_box_muller(words[2], words[3])), axis=1)


def sample_numbers(first_block: int, lanes: int) -> NDArray[np.int64]:
    """(4 * lanes,) the number of the sample in each column of a tile."""
    word, lane = np.divmod(np.arange(SAMPLES_PER_BLOCK * lanes, dtype=np.int64), lanes)
    return SAMPLES_PER_BLOCK * (first_block + lane) + word


def _box_muller(first: Words, second: Words) -> tuple[Floats, Floats]:
    radius = np.sqrt(-2.0 * log((first.astype(np.float64) + 0.5) * 2.0**-32))
    quadrant = second >> np.uint64(30)
    within = ((second & np.uint64(2**30 - 1)).astype(np.float64) + 0.5) * 2.0**-30
    angle = (within - 0.5) * QUARTER
    square = angle * angle
    sine = _polynomial(SIN, square) * square * angle + angle
    cosine = _polynomial(COS, square) * square + 1.0
    is_odd = (quadrant & np.uint64(1)).astype(bool)
    x, y = np.where(is_odd, sine, cosine), np.where(is_odd, cosine, sine)
    x = np.where((quadrant == 1) | (quadrant == 2), -x, x)
    y = np.where(quadrant >= 2, -y, y)
    return radius * x, radius * y


def log(x: Floats) -> Floats:
    """Natural logarithm of positive normal numbers, within 2 units in the last place."""
    bits = np.ascontiguousarray(x).view(np.int64)
    exponent = (bits - HALF_SQRT) >> 52
    mantissa = (bits - (exponent << 52)).view(np.float64)
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square = s * s
    power = exponent.astype(np.float64)
    return power * LN2_HIGH + (power * LN2_LOW + (s * square * _polynomial(LOG, square) + 2.0 * s))


def exp(x: Floats) -> Floats:
    """Exponential of numbers between -700 and 700, within 2 units in the last place."""
    shifted = x * LOG2_E + ROUNDER
    whole = shifted - ROUNDER
    r = (x - whole * LN2_HIGH) - whole * LN2_LOW
    fraction = _polynomial(EXP, r) * r * r + r + 1.0
    return fraction * ((shifted.view(np.int64) + 1023) << 52).view(np.float64)


def _polynomial(coefficients: tuple[float, ...], x: Floats) -> Floats:
    """Horner's rule, the coefficient of the highest power first."""
    value = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value = value * x + coefficient
    return value
