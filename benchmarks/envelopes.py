"""Sign and verify a passport in every envelope with every algorithm, against a bare Ed25519 signature."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.bench import Bench
from benchmarks.measure import side_by_side
from benchmarks.products import SMALL_BYTES
from benchmarks.result import Result, rate
from benchmarks.world import NOW
from passport.credentials import (
    Ed25519Signer,
    KeyLookup,
    Signer,
    parse_canonical,
    sign_document,
    verify_secured,
)
from passport.credentials.ecdsa import EcdsaSigner
from passport.credentials.proof import Signed
from passport.credentials.vc_jwt import sign_vc_jwt, verify_vc_jwt
from passport.model import schema
from passport.model.digest import Digest

_METHOD = "did:web:company.example#key-1"


@dataclass(frozen=True, slots=True)
class _Algorithm:
    """A signer with its algorithm's names, for results and for people."""

    name: str
    words: str
    signer: Signer


def run(bench: Bench) -> Iterator[Result]:
    """The plain ones, embedded Ed25519, are the benchmarks `signing` and `verifying`."""
    documents = [parse_canonical(signed) for signed in bench.passports(SMALL_BYTES)]
    for document in documents:
        del document["proof"]
        document["issuer"]["id"] = _METHOD.partition("#")[0]
    ed25519 = _Algorithm("ed25519", "Ed25519", Ed25519Signer.generate(verification_method=_METHOD))
    key = ec.generate_private_key(ec.SECP256R1())
    p256 = _Algorithm("p256", "ECDSA P-256", EcdsaSigner(key, verification_method=_METHOD))
    yield from _measured(bench, ed25519, "jwt", documents, goals=(0.30, 0.4))
    yield from _measured(bench, p256, "embedded", documents, goals=(0.35, 0.4))
    yield from _measured(bench, p256, "jwt", documents, goals=(0.30, 0.4))


def _measured(
    bench: Bench, algorithm: _Algorithm, envelope: str, documents: list[dict[str, Any]], *, goals: tuple[float, float]
) -> Iterator[Result]:
    if envelope == "jwt":
        sign: Callable[[dict[str, Any]], Signed] = partial(sign_vc_jwt, signer=algorithm.signer)
        words = f"vc+jwt, {algorithm.words}"
    else:
        sign = partial(sign_document, signer=algorithm.signer, created=NOW)
        words = f"ecdsa-jcs-2019, {algorithm.words}"
    times = side_by_side(sign, bench.ed25519.sign, inputs=documents, rounds=bench.rounds)
    yield rate(
        f"sign_{envelope}_{algorithm.name}",
        f"sign and hash a ready passport of {SMALL_BYTES:,} bytes ({words})",
        ours_s=times.ours_s,
        reference_s=times.reference_s,
        reference_name=bench.ed25519.signing,
        unit="passports/s",
        goal=goals[0],
    )
    pins = [(signed.body, signed.doc_hash) for signed in map(sign, documents)]
    verify = partial(_verify, is_jwt=envelope == "jwt", lookup=lambda _: algorithm.signer.multikey)
    times = side_by_side(verify, bench.ed25519.verify, inputs=pins, rounds=bench.rounds)
    yield rate(
        f"verify_{envelope}_{algorithm.name}",
        f"verify a passport of {SMALL_BYTES:,} bytes: read, schema, digest, signature ({words})",
        ours_s=times.ours_s,
        reference_s=times.reference_s,
        reference_name=bench.ed25519.verifying,
        unit="passports/s",
        goal=goals[1],
    )


def _verify(pin: tuple[bytes, Digest], *, is_jwt: bool, lookup: KeyLookup) -> None:
    body, digest = pin
    found = (verify_vc_jwt if is_jwt else verify_secured)(body, lookup, canonical=True)
    if found.doc_hash != digest or not schema.is_valid("untp-dpp-0.7.0-issuing", found.document):
        raise ValueError("a sound passport was refused")
