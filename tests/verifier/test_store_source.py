"""A store as the source of an audit: what arrives later, or from strangers, hides nothing that was true."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from judged import row
from verifier_world import World, signer_of

from passport.credentials import build_did_web_document, jcs, parse_canonical
from passport.model.digest import digest_of
from passport.store import DocumentKind, Store
from verifier.outcome import Outcome
from verifier.store_source import StoreSource

DID = "did:web:maker.example"


@pytest.fixture
def store(own_world: World) -> Iterator[Store]:
    """An auditor's store of one's own."""
    with own_world.auditor_store() as opened:
        yield opened


def _file(store: Store, kind: DocumentKind, body: bytes, name: str) -> None:
    store.put_document(kind, digest_of(body), body, document_id=name)


def test_an_old_did_document_that_arrives_late(own_world: World, store: Store) -> None:
    """The maker's second key stays known when a document from before it comes in with somebody's bundle."""
    first, second = own_world.companies["maker"].signer.multikey, signer_of("maker new", f"{DID}#key-2").multikey
    _file(store, DocumentKind.DID_DOCUMENT, build_did_web_document(DID, multikeys=[first, second]), DID)
    _file(store, DocumentKind.DID_DOCUMENT, jcs({"id": DID}), DID)
    _file(store, DocumentKind.DID_DOCUMENT, b"not a document", DID)
    document = parse_canonical(StoreSource(store, own_world.chain).did_document(DID) or b"")
    keys = {entry["id"]: entry["publicKeyMultibase"] for entry in document["verificationMethod"]}
    assert keys[f"{DID}#key-1"] == first
    assert keys[f"{DID}#key-2"] == second
    assert f"{DID}#key-2" in document["assertionMethod"]
    assert own_world.audit(source=StoreSource(store, own_world.chain)).verdict == "passed"


def test_the_newest_document_decides_each_method(own_world: World, store: Store) -> None:
    """A key that took another's place is the one that is used, and what it did not sign fails."""
    other = signer_of("somebody", f"{DID}#key-1").multikey
    _file(store, DocumentKind.DID_DOCUMENT, build_did_web_document(DID, multikeys=[other]), DID)
    report = own_world.audit(source=StoreSource(store, own_world.chain))
    assert row(report, "pack", "signature").outcome is Outcome.FAILED


def test_documents_none_of_which_can_be_read(own_world: World, store: Store) -> None:
    """One of them is handed out all the same, so that the reason can be said; and nothing for an unknown DID."""
    for body in (b"{", b"[]"):
        _file(store, DocumentKind.DID_DOCUMENT, body, "did:web:odd.example")
    source = StoreSource(store, own_world.chain)
    assert source.did_document("did:web:odd.example") == b"[]"
    assert source.did_document("did:web:nobody.example") is None


def test_a_binding_that_a_stranger_filed(own_world: World, store: Store) -> None:
    """A statement in the key's name that the key did not sign does not stand before the one it did."""
    maker = own_world.companies["maker"]
    name = f"{maker.issuer_id}:{maker.key_hash.hex()}"
    true = own_world.source.bindings[name]
    source = StoreSource(store, own_world.chain)
    assert source.key_binding(maker.issuer_id, maker.key_hash) == true
    for body in (b"junk", true.replace(b'"from":1', b'"from":2')):
        _file(store, DocumentKind.KEY_BINDING, body, name)
    assert source.key_binding(maker.issuer_id, maker.key_hash) == true
    assert own_world.audit(source=source).verdict == "passed"
    assert source.key_binding(maker.issuer_id, bytes(32)) is None


def test_only_junk_for_a_binding(own_world: World, store: Store) -> None:
    """Handed out, so that the check can say what is wrong with it."""
    maker = own_world.companies["maker"]
    _file(store, DocumentKind.KEY_BINDING, b"junk", f"{maker.issuer_id}:{bytes(32).hex()}")
    assert StoreSource(store, None).key_binding(maker.issuer_id, bytes(32)) == b"junk"


def test_a_chain_that_is_not_the_one_in_reach(own_world: World, store: Store) -> None:
    """Another chain's state is never handed out, and none where no chain is in reach."""
    other = own_world.trusted.model_copy(update={"genesis": "0x" + "11" * 32})
    source = StoreSource(store, own_world.chain)
    assert source.state(other) is None
    assert source.state(own_world.trusted) is not None
    assert StoreSource(store, None).state(own_world.trusted) is None


def test_the_history_of_a_log_from_any_checkpoint(own_world: World, store: Store) -> None:
    """From the first on, and nothing from beyond the last."""
    place = own_world.companies["maker"].place.leaf(0)
    source = StoreSource(store, own_world.chain)
    history = source.history(place, 1)
    assert history is not None
    assert (history.first_seq, len(history.checkpoints), history.consistency) == (1, 1, ())
    assert source.history(place, 2) is None
    evidence = source.inclusion(place, bytes(32))
    assert evidence is not None
    assert (evidence.root, evidence.size) == history.checkpoints[0]
    assert source.inclusion(own_world.companies["maker"].place.leaf(4), bytes(32)) is None
