"""Sign and hash a ready passport, against a bare signature."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.bench import Bench
from benchmarks.measure import side_by_side
from benchmarks.products import LARGE_BYTES, SMALL_BYTES
from benchmarks.result import Result, rate
from benchmarks.world import NOW
from passport.credentials import Ed25519Signer, parse_canonical, sign_document


def run(bench: Bench) -> Iterator[Result]:
    """From a document in memory to signed bytes and the hash that is anchored."""
    signer = Ed25519Signer.generate(verification_method="did:web:company.example#key-1")

    def sign(document: dict[str, Any]) -> None:
        sign_document(document, signer, NOW)

    for size, goal in ((SMALL_BYTES, 0.35), (LARGE_BYTES, None)):
        documents = [parse_canonical(signed) for signed in bench.passports(size)]
        for document in documents:
            del document["proof"]
        times = side_by_side(sign, bench.ed25519.sign, inputs=documents, rounds=bench.rounds)
        yield rate(
            f"sign_{size}",
            f"sign and hash a ready passport of {size:,} bytes (eddsa-jcs-2022)",
            ours_s=times.ours_s,
            reference_s=times.reference_s,
            reference_name=bench.ed25519.signing,
            unit="passports/s",
            goal=goal,
        )
