"""Keccak-256 as EVM chains compute it: four times as fast where `safe-pysha3` is installed, the same everywhere.

An audit hashes twice for each passport, to find out whether the chain holds a successor of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache


def keccak(data: bytes) -> bytes:
    """Keccak-256 of `data`, 32 bytes."""
    return _backend()(data)


@cache
def _backend() -> Callable[[bytes], bytes]:
    # Chosen at the first hash: nothing happens on import.
    try:
        from sha3 import keccak_256
    except ImportError:
        from eth_hash.auto import keccak as slower

        return slower
    return lambda data: bytes(keccak_256(data).digest())
