"""Random numbers by name: the generator's published answers, the two roads bit for bit, and the distribution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from passport.carbon import normals

# Known answers of Random123 1.14.0 (D. E. Shaw Research), file tests/kat_vectors, lines "philox4x32 10":
# counter, key, answer.
KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]

keys = hnp.arrays(np.uint64, 5, elements=st.integers(0, 2**64 - 1))


def words(text: str) -> tuple[int, ...]:
    """Words out of hexadecimal."""
    return tuple(int(word, 16) for word in text.split())


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_the_generators_known_answers(counter: str, key: str, answer: str) -> None:
    """Philox4x32-10 gives what its authors published."""
    c0, c1, c2, c3 = words(counter)
    k0, k1 = words(key)
    assert tuple(int(word) for word in normals.philox((c0, c1, c2, c3), (k0, k1))) == words(answer)


@given(keys, st.integers(0, 2**32 - 1), st.integers(0, 2**30), st.integers(1, 20), st.integers(0, 2**64 - 1))
def test_both_roads_give_the_same_bits(key: np.ndarray, stream: int, block: int, lanes: int, seed: int) -> None:
    """The compiled road's normals are NumPy's, for any names."""
    kernels = pytest.importorskip("passport.carbon.kernels_monte_carlo")
    streams = np.full(len(key), stream, dtype=np.uint64)
    plain = normals.normals(key, streams, block, lanes, seed)
    found = np.empty(4 * lanes)
    for row, number in enumerate(key):
        kernels.fill_normals(number, np.uint64(stream), np.uint64(block), lanes, np.uint64(seed), found)
        assert found.tobytes() == plain[row].tobytes()


@given(keys, st.integers(1, 9), st.integers(1, 9))
def test_a_sample_is_the_same_in_any_tile(key: np.ndarray, first: int, lanes: int) -> None:
    """Samples asked for in other tiles, or other company, are the same numbers."""
    streams = np.zeros(len(key), dtype=np.uint64)
    whole = normals.normals(key, streams, 0, first + lanes, 1)
    by_sample = dict(zip(normals.sample_numbers(0, first + lanes).tolist(), whole.T, strict=True))
    assert sorted(by_sample) == list(range(4 * (first + lanes)))
    part = normals.normals(key[:2], streams[:2], first, lanes, 1)
    for number, column in zip(normals.sample_numbers(first, lanes).tolist(), part.T, strict=True):
        assert np.array_equal(column, by_sample[number][:2])


def test_they_are_normal_and_independent() -> None:
    """640,000 numbers by Kolmogorov and Smirnov; squares and neighbours uncorrelated (bounds: 5 standard errors)."""
    key = np.arange(10_000, dtype=np.uint64)
    found = normals.normals(key, np.zeros(10_000, np.uint64), 0, 16, 20240229)
    flat = found.ravel()
    assert stats.kstest(flat, "norm").pvalue > 1e-4
    bound = 5 / np.sqrt(len(flat))
    assert abs(flat.mean()) < bound
    assert abs(flat.var() - 1) < bound * np.sqrt(2)
    assert abs((flat**4).mean() - 3) < bound * np.sqrt(96)
    for step in (1, 16, 64):
        assert abs(np.corrcoef(flat[:-step], flat[step:])[0, 1]) < 2 * bound
        assert abs(np.corrcoef(flat[:-step] ** 2, flat[step:] ** 2)[0, 1]) < 2 * bound
    other = normals.normals(key, np.ones(10_000, np.uint64), 0, 16, 20240229)
    assert abs(np.corrcoef(flat, other.ravel())[0, 1]) < 2 * bound


@given(hnp.arrays(np.float64, 20, elements=st.floats(-700, 700)))
def test_the_exponential_is_numpys(x: np.ndarray) -> None:
    """Within 2 units in the last place; exactly 1 at zero."""
    np.testing.assert_allclose(normals.exp(x), np.exp(x), rtol=4.5e-16)
    assert normals.exp(np.zeros(1))[0] == 1.0


@given(hnp.arrays(np.float64, 20, elements=st.floats(1e-300, 1e300)))
def test_the_logarithm_is_numpys(x: np.ndarray) -> None:
    """Within 2 units in the last place; exactly 0 at one."""
    np.testing.assert_allclose(normals.log(x), np.log(x), rtol=4.5e-16, atol=1e-30)
    assert normals.log(np.ones(1))[0] == 0.0


def test_the_outermost_words_stay_finite() -> None:
    """Words of all zeros and all ones give the largest and smallest radius there are."""
    low, high = np.zeros(1, np.uint64), np.full(1, 2**32 - 1, np.uint64)
    for first in (low, high):
        for second in (low, high):
            x, y = normals._box_muller(first, second)
            radius = float(np.hypot(x, y)[0])
            assert radius == pytest.approx(np.sqrt(-2 * np.log((int(first[0]) + 0.5) / 2**32)))
