"""A store as the source of an audit: what arrives later, or from strangers, hides nothing that was true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from forge import draft_of
from judged import rows_of
from verifier_world import NOW, World, delivery_of, signer_of

from passport.credentials import build_did_web_document, jcs, parse_canonical
from passport.credentials.untp_credential import sign_credential
from passport.errors import SignatureError
from passport.filing import file_event, verify_event
from passport.model.digest import digest_of
from passport.model.traceability_event import SCHEMA
from passport.publication import PUBLICATION_FORMAT, receive
from passport.store import DocumentKind, Store
from verifier.bundle import BundleFile
from verifier.bundle_source import BundleSource
from verifier.bundling import make_bundle
from verifier.checks.signature import IssuerKeys
from verifier.outcome import Outcome
from verifier.policy import default_policy
from verifier.store_source import StoreSource

DID = "did:web:maker.example"
NOBODY = "0x" + "ab" * 32


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
    for body in (build_did_web_document(DID, multikeys=[first, second]), jcs({"id": DID}), b"not a document"):
        _file(store, DocumentKind.DID_DOCUMENT, body, DID)
    source = StoreSource(store, own_world.chain)
    named = [IssuerKeys(source).named(DID, f"{DID}#key-{number}") for number in (1, 2)]
    assert [keys and keys.multikeys for keys in named] == [(first,), (second,)]
    assert own_world.audit(source=source).verdict == "passed"


def test_every_document_is_handed_out(own_world: World, store: Store) -> None:
    """The newest first, those that cannot be read too, and none for an unknown DID."""
    for body in (b"{", b"[]"):
        _file(store, DocumentKind.DID_DOCUMENT, body, "did:web:odd.example")
    source = StoreSource(store, own_world.chain)
    assert source.did_documents("did:web:odd.example") == [b"[]", b"{"]
    assert source.did_documents("did:web:nobody.example") == []


def _hostile(multikeys: list[str], **first: object) -> bytes:
    """A document in the maker's name, its first method bent."""
    document = parse_canonical(build_did_web_document(DID, multikeys=multikeys))
    document["verificationMethod"][0].update(first)
    return jcs(document)


HOSTILE: dict[str, Callable[[str, str], bytes]] = {
    "another key under the method": lambda stranger, _: _hostile([stranger]),
    "the key as revoked": lambda _, maker: _hostile([maker], revoked="2020-01-01T00:00:00Z"),
    "the key as somebody else's": lambda _, maker: _hostile([maker], controller="did:web:stranger.example"),
    "the key for no purpose": lambda _, maker: jcs({**parse_canonical(_hostile([maker])), "assertionMethod": []}),
    "the key under another method": lambda stranger, maker: _hostile([stranger, maker]),
    "no key at all": lambda *_: jcs({"id": DID}),
}


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_publication_with_a_did_document_in_another_name(
    own_world: World, store: Store, tmp_path: Path, document: Callable[[str, str], bytes]
) -> None:
    """A stranger's publication is taken in: the maker's passport still passes, bundled too, and a forged one fails."""
    maker, other = own_world.companies["maker"], own_world.companies["parts"]
    stranger = signer_of("stranger", f"{DID}#key-1")
    head = {"checkpoints": [], "did": DID, "format": PUBLICATION_FORMAT, "issuerId": "", "log": other.log_key}
    folder = tmp_path / "public"
    folder.mkdir()
    (folder / "publication.json").write_bytes(jcs({**head, "log": other.log_key.replace(other.issuer_id, NOBODY)}))
    (folder / "did.json").write_bytes(document(stranger.multikey, maker.signer.multikey))
    assert receive(store, folder, ledger=own_world.chain).refused == ()
    source = StoreSource(store, own_world.chain)
    assert len(source.did_documents(DID)) == 2
    report = own_world.audit(source=source)
    assert report.verdict == "passed", report.reasons
    assert own_world.audit(source=source, without_trust=True).verdict == "undecided"
    file, trust = tmp_path / "top.bundle", own_world.trust_with()
    at, policy = own_world.now(), default_policy(accept_imported=True)
    make_bundle(file, source, own_world.top, trust=trust, ledger=own_world.chain, policy=policy, at=at)
    with BundleFile(file) as opened:
        bundled = BundleSource(opened)
        report = own_world.audit(source=bundled, trust=trust, is_snapshot=True)
        bundled.refuse_surplus(report)
        assert report.verdict == "passed", report.reasons
    draft = draft_of(own_world, "pack")
    draft.signer = stranger
    forged = draft.publish(keeps_honest=True)
    forged.source.more_dids[DID] = list(source.did_documents(DID))
    report = own_world.audit(forged.digest, forged.source)
    assert report.verdict == "failed"
    assert rows_of(report, Outcome.FAILED).keys() & {("pack", "signature"), ("pack", "identity")}
    assert own_world.audit(source=forged.source).verdict == "passed"


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


@pytest.mark.parametrize("end", ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"])
def test_a_copy_of_a_delivery_that_its_key_did_not_sign(world: World, tmp_path: Path, end: str) -> None:
    """It does not stand before the true one, which stays the mine's whenever its key's end is."""
    mine, did = world.companies["mine"], "did:web:mine.example"
    document = parse_canonical(world.source.dids[did])
    for method in document["verificationMethod"]:
        method["expires"] = end
    account = delivery_of(world, "ore", "smelter", "9500")
    true = sign_credential(account, SCHEMA, mine.signer, NOW)
    junk = sign_credential(account, SCHEMA, signer_of("stranger", f"{did}#key-9"), NOW)
    is_good_now = nullcontext() if end > "2026" else pytest.raises(SignatureError, match="key that has ended")
    with Store.open(tmp_path / "store.db", clock=lambda: NOW) as store:
        _file(store, DocumentKind.DID_DOCUMENT, jcs(document), did)
        for body in (true.body, junk.body):
            assert file_event(store, body)
        assert StoreSource(store, None).delivery(true.doc_hash) == true.body
        with is_good_now:
            assert verify_event(store, true.body, at=world.now()).doc_hash == true.doc_hash


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
