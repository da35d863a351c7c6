"""Verify one passport from its bytes, against a bare verification."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measure import side_by_side
from benchmarks.products import LARGE_BYTES, SMALL_BYTES
from benchmarks.result import Result, rate
from passport.credentials import check_signature, key_for, read_did_document, read_secured
from passport.model import schema
from passport.model.digest import Digest
from passport.store import DocumentKind


def run(bench: Bench) -> Iterator[Result]:
    """Read strictly, judge by the closed schema, compare the digest, check the signature: as an audit does."""
    for size, goal in ((SMALL_BYTES, 0.4), (LARGE_BYTES, None)):
        pinned = [(signed, read_secured(signed, canonical=True).doc_hash) for signed in bench.passports(size)]
        multikey = _key(bench, pinned[0][0])

        def verify(pin: tuple[bytes, Digest], multikey: str = multikey) -> None:
            signed, digest = pin
            secured = read_secured(signed, canonical=True)
            if secured.doc_hash != digest or not schema.is_valid("untp-dpp-0.7.0-issuing", secured.document):
                raise ValueError("a sound passport was refused")
            check_signature(secured, multikey)

        times = side_by_side(verify, bench.ed25519.verify, inputs=pinned, rounds=bench.rounds)
        yield rate(
            f"verify_{size}",
            f"verify a passport of {size:,} bytes: read, schema, digest, signature",
            ours_s=times.ours_s,
            reference_s=times.reference_s,
            reference_name=bench.ed25519.verifying,
            unit="passports/s",
            goal=goal,
        )


def _key(bench: Bench, signed: bytes) -> str:
    """The key that the issuer's own DID document names."""
    secured = read_secured(signed, canonical=True)
    did = secured.verification_method.partition("#")[0]
    store = bench.company.workspace.store
    ref = store.find_documents(DocumentKind.DID_DOCUMENT, document_id=did)[-1]
    document = read_did_document(store.get_document(DocumentKind.DID_DOCUMENT, ref.digest), did=did)
    return key_for(document, secured.verification_method)
