"""Signing and verifying in several processes: the same as one by one, in order, and errors in their places."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from itertools import count, islice
from pathlib import Path

import pytest

from passport.credentials import (
    FilePassphrase,
    KeyDidResolver,
    Signer,
    generate_credential_key,
    jcs,
    key_lookup,
    open_signer,
    sign_document,
    verify_secured,
)
from passport.credentials.batch import CHUNK, Held, sign_batch, verify_batch
from passport.credentials.key_files import write_private_file
from passport.credentials.proof import Signed
from passport.credentials.untp_credential import Envelope
from passport.credentials.vc_jwt import verify_vc_jwt
from passport.errors import SignatureError, SignerError, UsageError

CREATED = datetime(2026, 11, 30, 12, tzinfo=UTC)
LOOKUP = key_lookup(KeyDidResolver())
MANY = CHUNK + 3  # two chunks, so that both processes have work


@pytest.fixture(scope="module")
def opener(tmp_path_factory: pytest.TempPathFactory) -> partial[Signer]:
    folder = tmp_path_factory.mktemp("keys")
    generate_credential_key(folder / "key.pem", b"correct horse", kdf_passes=1)
    write_private_file(folder / "passphrase", b"correct horse\n")
    return partial(open_signer, f"file://{folder / 'key.pem'}", passphrase=FilePassphrase(folder / "passphrase"))


def _documents(number: int, issuer: str = "did:key:z6Mk") -> list[bytes]:
    return [jcs({"issuer": issuer, "name": f"coil {each}", "number": each}) for each in range(number)]


def test_a_batch_is_signed_as_its_documents_are_one_by_one(opener: partial[Signer]) -> None:
    signer = opener()
    signed = list(sign_batch(_documents(MANY), opener, CREATED, processes=2))
    # Ed25519 signatures are deterministic (RFC 8032), so the bytes are the same.
    assert signed == [
        sign_document({"issuer": "did:key:z6Mk", "name": f"coil {each}", "number": each}, signer, CREATED)
        for each in range(MANY)
    ]


def test_one_that_cannot_be_signed_leaves_the_others_in_their_places(opener: partial[Signer]) -> None:
    documents = [jcs({"name": "first"}), jcs({"name": "second", "proof": {}}), b"[7]", b"{", jcs({"name": "last"})]
    first, second, third, fourth, last = sign_batch(documents, opener, CREATED, processes=1)
    assert isinstance(first, Signed)
    assert isinstance(last, Signed)
    assert "has a proof already" in str(second)
    assert "expected a JSON object; found list" in str(third)
    assert "not JSON" in str(fourth)


def _bent(body: bytes, envelope: Envelope) -> bytes:
    """Another name inside, or, where the name is in base64url, another first character of the signature."""
    if envelope is Envelope.EMBEDDED:
        return body.replace(b"coil 5", b"coil 6")
    head, _, signature = body.rpartition(b".")
    return head + b"." + (b"B" if signature[:1] == b"A" else b"A") + signature[1:]


@pytest.mark.parametrize("envelope", Envelope)
def test_a_batch_is_verified_and_a_changed_byte_found_at_its_place(opener: partial[Signer], envelope: Envelope) -> None:
    issuer = opener().verification_method.partition("#")[0]
    signed = [
        each.body
        for each in sign_batch(_documents(MANY, issuer), opener, CREATED, processes=1, envelope=envelope)
        if isinstance(each, Signed)
    ]
    assert len(signed) == MANY
    bodies = [
        *signed[:5],
        _bent(signed[5], envelope),
        *signed[6:],
    ]
    found = list(
        verify_batch(bodies, partial(key_lookup, KeyDidResolver()), processes=2, canonical=True, envelope=envelope)
    )
    one_by_one = verify_vc_jwt if envelope is Envelope.JWT else verify_secured
    for at, (outcome, body) in enumerate(zip(found, bodies, strict=True)):
        if at == 5:
            assert isinstance(outcome, SignatureError)
            assert "does not hold" in str(outcome)
        else:
            alone = one_by_one(body, LOOKUP, canonical=True)
            assert outcome == Held(alone.doc_hash, alone.verification_method)


def test_documents_are_read_as_they_are_needed(opener: partial[Signer]) -> None:
    taken = 0

    def endless() -> count[int]:
        return count()

    def documents():
        nonlocal taken
        for each in endless():
            taken += 1
            yield jcs({"number": each})

    results = sign_batch(documents(), opener, CREATED, processes=1)
    assert len(list(islice(results, CHUNK + 1))) == CHUNK + 1
    results.close()
    assert taken <= 6 * CHUNK


def test_a_signer_that_cannot_be_opened_is_said_once(opener: partial[Signer], tmp_path: Path) -> None:
    wrong = partial(open_signer, f"file:{tmp_path / 'nothing.pem'}", passphrase=opener.keywords["passphrase"])
    with pytest.raises(SignerError, match=r"nothing\.pem"):
        list(sign_batch(_documents(2), wrong, CREATED, processes=1))


def test_a_process_that_is_gone_is_said_and_nothing_is_made_up_for_it(opener: partial[Signer]) -> None:
    """As where memory ran out: no result stands for a document that nobody has judged."""
    results = verify_batch([b"{}"] * 3, partial(os._exit, 9), processes=2)  # type: ignore[arg-type]  # it does not return
    with pytest.raises(UsageError, match="a process ended while it worked"):
        next(results)
    assert list(results) == []


def test_what_cannot_be_begun_is_refused_at_once(opener: partial[Signer]) -> None:
    with pytest.raises(UsageError, match="no time zone"):
        sign_batch([], opener, datetime(2026, 11, 30), processes=1)
    with pytest.raises(UsageError, match="expected 1 or more; found 0"):
        verify_batch([], partial(key_lookup, KeyDidResolver()), processes=0)
    with pytest.raises(UsageError, match="cannot be sent to another process"):
        verify_batch([], lambda: LOOKUP, processes=1)
