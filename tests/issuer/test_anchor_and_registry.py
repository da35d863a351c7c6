"""An identity anchor against the registry: the honest pair agrees, and each lie is a row with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from issuer_world import NOW, SECRET, World

from passport.credentials import Ed25519Signer, Signer, parse, read_secured
from passport.credentials.untp_credential import Envelope, sign_credential
from passport.errors import SchemaError, SignatureError
from passport.ledger import Address, ChainRef, IssuerId, RegistryView, RegistryWriter
from passport.ledger.entity import issuer_id
from passport.model import identity_anchor
from passport.model.party import Party, Scheme
from passport.store import DocumentKind
from passport.workspace import Workspace
from verifier.identity_anchor import JudgedAnchor, judge_identity_anchor
from verifier.outcome import Outcome

NUMBERS = count(1)
ALL = ["entry", "evidence", "entity", "controller", "registrar", "signature", "did", "standing"]


@dataclass
class Pair:
    """An anchor with the registry that holds its twin."""

    world: World
    registrar: Workspace
    newcomer: Workspace
    body: bytes
    issuer_id: str

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = parse(self.body)
        return {name: value for name, value in document.items() if name != "proof"}

    @property
    def signer(self) -> Signer:
        return self.registrar.signer(SECRET)

    def judge(self, body: bytes, *without: str) -> JudgedAnchor:
        stores = {company.settings.did or "": company.store for company in (self.registrar, self.newcomer)}

        def documents(did: str) -> Sequence[bytes]:
            store = None if did in without else stores.get(did)
            refs = store.find_documents(DocumentKind.DID_DOCUMENT, document_id=did) if store else []
            return [store.get_document(DocumentKind.DID_DOCUMENT, ref.digest) for ref in refs] if store else []

        view = RegistryView(self.registrar.ledger.state(), Address(self.registrar.chain.registry))
        return judge_identity_anchor(body, view, self.registrar.ledger.chain, documents, at=NOW + timedelta(days=1))

    def sign(self, change: Callable[[dict[str, Any]], Any], *, envelope: Envelope = Envelope.EMBEDDED) -> bytes:
        """The registrar signs another anchor than the one whose hash it wrote down."""
        document = self.document
        change(document)
        return sign_credential(document, identity_anchor.SCHEMA, self.signer, NOW, envelope=envelope).body


def failures(judged: JudgedAnchor) -> dict[str, str | None]:
    return {each.asked: each.reason for each in judged.findings if each.outcome is Outcome.FAILED}


@pytest.fixture
def pair(world: World, tmp_path: Path) -> Iterator[Pair]:
    newcomer = Workspace.create(
        tmp_path / "newcomer",
        clock=world.clock,
        party=Party(scheme=Scheme.EUID, identifier=f"ZZTEST.TWIN{next(NUMBERS)}", name="Twin", country="NL"),
        host="twin.example",
        passphrase=SECRET,
        chain=world.chain_settings,
        kdf_passes=1,
    )
    with newcomer, Workspace.open(world.folder / "registrar", clock=world.clock) as registrar:
        registrar.join_chain(world.chain_settings)
        registrar.bind_keys(SECRET)
        done = registrar.register(newcomer.folder / "registration.json", SECRET, with_identity_anchor=True)
        assert done.identity_anchor is not None
        newcomer.bind_keys(SECRET)
        yield Pair(world, registrar, newcomer, done.identity_anchor, done.issuer_id)


def test_the_twins_agree(pair: Pair) -> None:
    judged = pair.judge(pair.body)
    assert [each.asked for each in judged.findings] == ALL
    assert failures(judged) == {}
    assert (judged.outcome, judged.did, judged.issuer_id) == (Outcome.PASSED, "did:web:twin.example", pair.issuer_id)
    assert pair.judge(pair.sign(lambda _: None, envelope=Envelope.JWT)).outcome is Outcome.PASSED


def _subject(**changed: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda document: document["credentialSubject"].update(changed)


def _entry(**changed: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda document: document["credentialSubject"]["registryEntry"].update(changed)


def _both_registrars(document: dict[str, Any]) -> None:
    document["issuer"]["issuerAlsoKnownAs"][0]["registeredId"] = "EUID:ZZTEST.OTHER"
    document["credentialSubject"]["registrar"]["registeredId"] = "EUID:ZZTEST.OTHER"


EVIDENCE = {"evidence": "the registry holds another evidence hash"}
LIES: dict[str, tuple[Callable[[dict[str, Any]], Any], dict[str, str]]] = {
    "another name": (_subject(registeredName="Famous"), {}),
    "another entity": (
        _subject(registeredId="EUID:ZZTEST.FAMOUS"),
        {"entity": "the entry is another legal entity's"},
    ),
    "no identifier of its scheme": (
        _subject(registeredId="EUID:?"),
        {"entity": "the entry is another legal entity's"},
    ),
    "two schemes": (_subject(registeredId="LEI:ZZTEST.TWIN"), {"entity": "the anchor names two schemes"}),
    "the registrar's own DID": (
        _subject(id="did:web:registrar.example"),
        {"did": "the DID document lists no key that the entity has bound and is good"},
    ),
    "a did:key that holds no key": (
        _subject(id="did:key:z6Mk"),
        {"did": "the DID document lists no key that the entity has bound and is good"},
    ),
    "another controller": (
        _entry(controller="0x" + "11" * 20),
        {"controller": "the entity has another controller"},
    ),
    "another registrar": (_both_registrars, {"registrar": "another registrar registered the entity"}),
    "two registrars": (
        lambda document: document["credentialSubject"]["registrar"].update(registeredId="EUID:ZZTEST.OTHER"),
        {"registrar": "another registrar registered the entity"},
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_each_lie_is_a_row(pair: Pair, name: str) -> None:
    """Signed by the registrar's own key: it is the registry that says otherwise."""
    change, reasons = LIES[name]
    judged = pair.judge(pair.sign(change))
    assert failures(judged) == {**EVIDENCE, **reasons}
    assert judged.outcome is Outcome.FAILED


def test_an_entry_that_is_not_there(pair: Pair) -> None:
    nobody = pair.judge(pair.sign(_entry(issuerId="0x" + "22" * 32)))
    assert failures(nobody) == {"entry": "nobody is registered under the id"}
    for change in (_entry(genesis="0x" + "22" * 32), _entry(registry="eip155:1:0x" + "11" * 20)):
        assert failures(pair.judge(pair.sign(change))) == {"entry": "the anchor names another registry"}


def test_a_key_that_the_registrar_has_not_bound(pair: Pair) -> None:
    """Whoever holds it says truly what the registry holds, and is not the registrar."""
    stranger = Ed25519Signer.generate()
    document = pair.document
    document["issuer"]["id"] = stranger.verification_method.partition("#")[0]
    body = sign_credential(document, identity_anchor.SCHEMA, stranger, NOW).body
    assert failures(pair.judge(body)) == {**EVIDENCE, "signature": "a key signed that the registrar has not bound"}


def test_without_the_entitys_did_document_the_did_stays_open(pair: Pair) -> None:
    judged = pair.judge(pair.body, "did:web:twin.example")
    assert (judged.outcome, failures(judged)) == (Outcome.UNKNOWN, {})
    (open_,) = [each for each in judged.findings if each.outcome is Outcome.UNKNOWN]
    assert (open_.asked, open_.reason) == ("did", "no DID document of the entity is at hand")


def test_an_entry_that_no_longer_stands(pair: Pair) -> None:
    writer = RegistryWriter(Address(pair.registrar.chain.registry), pair.registrar.ledger.chain)
    pair.registrar.send_as_controller(SECRET, writer.suspend(IssuerId(pair.issuer_id)))
    assert failures(pair.judge(pair.body)) == {"standing": "the entity is suspended"}


def test_an_entry_whose_primary_no_longer_stands(pair: Pair) -> None:
    """One legal entity under two identifiers: suspended under one, it does not stand under the other."""
    writer = RegistryWriter(Address(pair.registrar.chain.registry), pair.registrar.ledger.chain)
    view = RegistryView(pair.registrar.ledger.state(), writer.address)
    record = view.issuer(IssuerId(pair.issuer_id))
    assert record is not None
    number = f"ZZTEST.PRIMARY{next(NUMBERS)}"
    primary = issuer_id("EUID", number)
    call = writer.register_issuer("EUID", number, controller=record.controller, evidence_hash=b"\1" * 32)
    pair.registrar.send_as_controller(SECRET, call)
    pair.newcomer.send_as_controller(SECRET, writer.request_link(pair.issuer_id, primary))
    pair.registrar.send_as_controller(SECRET, writer.link_issuer(pair.issuer_id, primary))
    assert failures(pair.judge(pair.body)) == {}
    pair.registrar.send_as_controller(SECRET, writer.suspend(primary))
    assert failures(pair.judge(pair.body)) == {"standing": "the entity is suspended"}
    pair.registrar.send_as_controller(SECRET, writer.reinstate(primary))
    assert failures(pair.judge(pair.body)) == {}


def test_what_is_no_anchor_or_nobody_signed(pair: Pair) -> None:
    with pytest.raises(SignatureError, match="no DID document at hand has a key under this method"):
        pair.judge(pair.body, "did:web:registrar.example")
    secured = read_secured(pair.body, canonical=True)
    assert secured.document["name"] == "Identity anchor: Twin"
    with pytest.raises(SignatureError, match="the signature does not hold"):
        pair.judge(pair.body.replace(b"Identity anchor: Twin", b"Identity anchor: Twix"))
    with pytest.raises(SchemaError, match="not valid"):
        pair.judge(pair.sign(lambda document: document.update(validFrom="2030-01-01T00:00:00Z")))


def test_a_chain_is_named_by_its_genesis_too(pair: Pair) -> None:
    view = RegistryView(pair.registrar.ledger.state(), Address(pair.registrar.chain.registry))
    chain = pair.registrar.ledger.chain
    other = ChainRef(chain.caip2, "0x" + "33" * 32)
    did = pair.registrar.settings.did or ""
    refs = pair.registrar.store.find_documents(DocumentKind.DID_DOCUMENT, document_id=did)
    bodies = [pair.registrar.store.get_document(DocumentKind.DID_DOCUMENT, ref.digest) for ref in refs]
    judged = judge_identity_anchor(pair.body, view, other, lambda _: bodies, at=NOW)
    assert failures(judged) == {"entry": "the anchor names another registry"}
