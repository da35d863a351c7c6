"""Keccak-256 on both roads: published digests, and the same whichever library is installed."""

from __future__ import annotations

import sys

import pytest

from passport.model import keccak as module
from passport.model.keccak import keccak

# The Keccak team's test vectors for Keccak[r=1088, c=512] with 256 bits out (ShortMsgKAT_256, lengths 0 and 8), and the
# Keccak-256 of an empty RLP string, the root of Ethereum's empty trie (Yellow Paper, appendix D).
VECTORS = {
    b"": "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
    b"\xcc": "eead6dbfc7340a56caedc044696a168870549a6a7f6f56961e84a54bd9970b8a",
    b"\x80": "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
}


@pytest.mark.parametrize("is_installed", [True, False])
def test_published_digests(is_installed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if is_installed:
        pytest.importorskip("sha3")
    else:
        monkeypatch.setitem(sys.modules, "sha3", None)  # an import then fails as if it were not there
    module._backend.cache_clear()
    try:
        for data, digest in VECTORS.items():
            assert keccak(data).hex() == digest
        assert module._backend().__module__.startswith("passport" if is_installed else "eth_hash")
    finally:
        module._backend.cache_clear()
