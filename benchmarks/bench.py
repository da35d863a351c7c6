"""What benchmarks share in one run: how thorough to be, a folder, and worlds that take long to build."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.measure import ROUNDS
from benchmarks.products import LARGE_BYTES, SMALL_BYTES, inventory, padding_for
from benchmarks.tree import Tree, grow
from benchmarks.world import Company

BARE_MESSAGE_BYTES = 64
_PASSPORTS = 20
_PARTS = {SMALL_BYTES: 6, LARGE_BYTES: 40}


class BareEd25519:
    """Signing and verifying 64 bytes with `cryptography`, and nothing else: the yardstick of everything signed."""

    signing = "cryptography: Ed25519 signature of 64 bytes"
    verifying = "cryptography: Ed25519 verification of 64 bytes"

    def __init__(self) -> None:
        key = Ed25519PrivateKey.generate()
        public = key.public_key()
        message = bytes(range(BARE_MESSAGE_BYTES))
        signature = key.sign(message)

        def sign() -> None:
            key.sign(message)

        def verify() -> None:
            public.verify(signature, message)

        self.sign = sign
        self.verify = verify


@dataclass
class Bench:
    """One run.

    Attributes:
        folder: A folder of its own, removed afterwards.
        is_quick: Smaller worlds and fewer turns: figures are rough, but every path runs.
        scale: Parts of the usual sizes; tests go far down.
    """

    folder: Path
    is_quick: bool = False
    scale: float = 1.0
    _passports: dict[int, list[bytes]] = field(default_factory=dict)
    _trees: dict[tuple[int, int], Tree] = field(default_factory=dict)

    def say(self, text: str) -> None:
        """Tell whoever waits what happens."""
        print(text, file=sys.stderr, flush=True)

    def count(self, full: int, *, quick: int | None = None) -> int:
        """A number of things to measure with: `full`, or `quick` in a quick run."""
        wanted = quick if self.is_quick and quick is not None else full
        return max(1, round(wanted * self.scale))

    @property
    def tries(self) -> int:
        """How often a long job is repeated."""
        return 1 if self.is_quick else 2

    @property
    def rounds(self) -> int:
        """How many turns each side gets."""
        return ROUNDS // 10 if self.is_quick else ROUNDS

    @cached_property
    def ed25519(self) -> BareEd25519:
        """The yardstick."""
        return BareEd25519()

    @cached_property
    def company(self) -> Company:
        """A company with forty passports to build on."""
        company = Company(self.folder / "company")
        for number in range(1, max(_PARTS.values()) + 1):
            company.issue(inventory(number))
        return company

    def passports(self, size_bytes: int) -> list[bytes]:
        """Some signed passports of that size, which name several upstream passports each."""
        if size_bytes not in self._passports:
            company, parts = self.company, range(1, _PARTS[size_bytes] + 1)
            first = size_bytes * 1000
            padding = padding_for(company, size_bytes, number=first, parts=parts)
            numbers = range(first + 1, first + 1 + self.count(_PASSPORTS))
            inventories = [inventory(number, parts=parts, padding_bytes=padding) for number in numbers]
            self._passports[size_bytes] = [company.signed(company.issue(each)) for each in inventories]
        return self._passports[size_bytes]

    def tree(self, nodes: int, passport_bytes: int) -> Tree:
        """A bundled tree, grown on first use."""
        key = (nodes, passport_bytes)
        if key not in self._trees:
            start = time.perf_counter()

            def progress(issued: int) -> None:
                if issued % 1000 == 0:
                    self.say(f"  {issued:,} of {nodes:,} passports issued")

            folder = self.folder / f"tree-{nodes}-{passport_bytes}"
            self._trees[key] = grow(folder, nodes=nodes, passport_bytes=passport_bytes, progress=progress)
            taken = time.perf_counter() - start
            self.say(f"  a tree of {nodes:,} passports of {passport_bytes:,} bytes took {taken:.0f} s to make")
        return self._trees[key]

    def close(self) -> None:
        """Let go of the files."""
        if "company" in self.__dict__:
            self.company.workspace.close()
