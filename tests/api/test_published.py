"""Status lists, versions of the DID document and deliveries: served where documents say, and taken in with care."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from small_world import (
    BUILT_AT,
    CELL,
    COATING,
    FOIL,
    JUDGED_AT,
    PASSPHRASE,
    OpenService,
    SmallWorld,
    judged_at,
    small_direct,
    small_inventory,
)
from starlette.testclient import TestClient

from passport import filing
from passport.credentials import Ed25519Signer, Role, build_did_web_document, jcs, parse, sign_document
from passport.credentials.status_list import read_status_credential, read_status_entries
from passport.credentials.untp_credential import Envelope, sign_credential
from passport.credentials.vc_jwt import sign_vc_jwt
from passport.errors import UsageError
from passport.filing import file_did_document, file_event, file_passport, file_status_list
from passport.issuer import IssuedPassport
from passport.model.digest import digest_of
from passport.model.traceability_event import (
    SCHEMA,
    Counterparty,
    EventProduct,
    Site,
    build_make_event,
    build_move_event,
)
from passport.model.untp import Issued
from passport.store import DocumentKind
from passport.workspace import Workspace
from verifier import incoming_delivery
from verifier.incoming_delivery import MAX_DELIVERY_BYTES


def workspace(folder: Path) -> Workspace:
    return Workspace.open(folder, clock=judged_at)


def refused(answer: Any, status: int, name: str) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == f"/problems/{name}", problem
    return problem


# --- status lists ---


@pytest.fixture
def listing(own_world: SmallWorld) -> tuple[SmallWorld, dict[str, Any]]:
    """The supplier's world with a passport that names a list, which is signed; and that passport."""
    with workspace(own_world.supplier) as supplier:
        issuer = supplier.issuer(PASSPHRASE, accept=lambda upstream: None, names_status_list=True)
        issued = issuer.issue(small_inventory("https://id.tape.example/1", [small_direct("press", "1.5")]))
        issuer.anchor()
        supplier.sign_status_lists(PASSPHRASE)
        document = parse(supplier.store.get_document(DocumentKind.PASSPORT, issued.digest))
    return own_world, document


def test_a_list_is_served_under_the_url_that_passports_name(
    listing: tuple[SmallWorld, dict[str, Any]], open_service: OpenService
) -> None:
    world, passport = listing
    (entry,) = read_status_entries(passport)
    assert entry.list_url == "https://supplier.example/status-lists/revocation-0.json"
    service = open_service(world.supplier, trust=world.trust_file)
    answer = service.get(entry.list_url.removeprefix("https://supplier.example"))
    assert answer.status_code == 200
    document = answer.json()
    assert document["id"] == entry.list_url
    assert read_status_credential(document).is_set(entry.index) is False
    assert answer.headers["content-type"] == "application/vc"
    assert (answer.headers["cache-control"], answer.headers["vary"]) == ("public, max-age=300", "Accept")
    assert answer.headers["etag"] == f'"{digest_of(answer.content)}"'
    asked = {"accept": "application/json"}
    again = service.get("/status-lists/revocation-0.json", headers=asked)
    assert (again.headers["content-type"], again.content) == ("application/json", answer.content)
    known = {"if-none-match": answer.headers["etag"]}
    assert service.get("/status-lists/revocation-0.json", headers=known).status_code == 304
    assert service.head("/status-lists/revocation-0.json").content == b""


def test_the_newest_list_of_our_own_and_nobody_elses(
    listing: tuple[SmallWorld, dict[str, Any]], open_service: OpenService
) -> None:
    """A list in our name that somebody's publication brought is never served, newer or not."""
    world, _ = listing
    service = open_service(world.supplier, trust=world.trust_file)
    before = service.get("/status-lists/revocation-0.json")
    with workspace(world.supplier) as supplier:
        stranger = Ed25519Signer.generate(verification_method="did:web:supplier.example#key-1")
        document = {name: value for name, value in before.json().items() if name != "proof"}
        forged = sign_document({**document, "validFrom": "2026-11-23T00:00:00Z"}, stranger, JUDGED_AT)
        assert file_status_list(supplier.store, forged.body)
        assert service.get("/status-lists/revocation-0.json").content == before.content
        later = sign_vc_jwt({**document, "validFrom": "2026-11-22T12:00:00Z"}, supplier.signer(PASSPHRASE))
        assert file_status_list(supplier.store, later.body, own=True)
    newest = service.get("/status-lists/revocation-0.json", headers={"accept": "application/json"})
    assert newest.content == later.body
    assert newest.headers["content-type"] == "application/vc+jwt"  # the envelope it was signed in, whatever is asked
    assert newest.headers["etag"] != before.headers["etag"]


def test_a_list_of_a_stranger_is_not_published_as_ours(listing: tuple[SmallWorld, dict[str, Any]]) -> None:
    """His key in a document under our DID, and a later list: somebody's publication may bring both."""
    world, passport = listing
    (entry,) = read_status_entries(passport)
    with workspace(world.supplier) as supplier:
        did = "did:web:supplier.example"
        stranger = Ed25519Signer.generate(verification_method=f"{did}#key-1")
        (own,) = supplier.store.find_documents(DocumentKind.STATUS_LIST, document_id=entry.list_url, own=True)
        ours = supplier.store.get_document(DocumentKind.STATUS_LIST, own.digest)
        document = {name: value for name, value in parse(ours).items() if name != "proof"}
        forged = sign_document({**document, "validFrom": "2026-11-23T00:00:00Z"}, stranger, JUDGED_AT)
        file_did_document(supplier.store, did, build_did_web_document(did, multikeys=[stranger.multikey]))
        assert file_status_list(supplier.store, forged.body)
        supplier.publish()
        assert (supplier.public / "status-lists" / "revocation-0.json").read_bytes() == ours


def test_the_newest_list_is_found_among_many(
    listing: tuple[SmallWorld, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An issuer signs its lists anew for years: readers are not left with the first ones."""
    world, passport = listing
    (entry,) = read_status_entries(passport)
    monkeypatch.setattr(filing, "_MOST_COPIES", 2)
    with workspace(world.supplier) as supplier:
        (own,) = supplier.store.find_documents(DocumentKind.STATUS_LIST, document_id=entry.list_url, own=True)
        document = parse(supplier.store.get_document(DocumentKind.STATUS_LIST, own.digest))
        del document["proof"]
        for day in (22, 23, 24):
            changed = {**document, "validFrom": f"2026-11-{day}T12:00:00Z"}
            last = sign_document(changed, supplier.signer(PASSPHRASE), JUDGED_AT).body
            file_status_list(supplier.store, last)
        assert filing.newest_status_list(supplier.store, "did:web:supplier.example", entry.list_url) == last
        with pytest.raises(UsageError, match="no further page"):
            supplier.store.find_documents(DocumentKind.STATUS_LIST, newest_first=True, after=1)


@pytest.mark.parametrize("name", ["revocation-1.json", "nothing", "..%2f..%2fpassport.db", "a" * 256])
def test_lists_that_are_not_there(
    listing: tuple[SmallWorld, dict[str, Any]], open_service: OpenService, name: str
) -> None:
    world, _ = listing
    assert open_service(world.supplier).get(f"/status-lists/{name}").status_code in (404, 422)
    refused(open_service(world.auditor).get("/status-lists/revocation-0.json"), 404, "not-found")


# --- versions of the DID document ---


def test_each_version_of_the_did_document_is_served_for_good(own_world: SmallWorld, open_service: OpenService) -> None:
    """The pinned URL leads to the pinned bytes, after a rotation as before."""
    service = open_service(own_world.supplier, trust=own_world.trust_file)
    (pin,) = parse(own_world.signed(own_world.foil))["relatedResource"]
    path = pin["id"].removeprefix("https://supplier.example")
    first = service.get(path)
    assert first.status_code == 200
    assert digest_of(first.content) == pin["digestMultibase"]
    assert first.content == service.get("/.well-known/did.json").content
    with workspace(own_world.supplier) as supplier:
        supplier.rotate(Role.CREDENTIAL, PASSPHRASE)
        stranger = build_did_web_document("did:web:supplier.example", multikeys=[Ed25519Signer.generate().multikey])
        file_did_document(supplier.store, "did:web:supplier.example", stranger)
    assert service.get("/.well-known/did.json").content != first.content
    after = service.get(path)
    assert after.content == first.content
    assert after.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert after.headers["etag"] == f'"{pin["digestMultibase"]}"'
    assert after.headers["content-type"] == "application/did+json"
    for other in (digest_of(stranger), digest_of(b"nothing")):  # in our name, and not ours
        refused(service.get(f"/did-documents/{other}.json"), 404, "not-found")
    refused(service.get("/did-documents/junk.json"), 422, "invalid-request")
    refused(open_service(own_world.auditor).get(path), 404, "not-found")


# --- deliveries ---


@dataclass
class Trade:
    """A supplier who delivers foil to the maker, and the maker's service."""

    world: SmallWorld
    service: TestClient
    supplier: Workspace

    def document(self, **changes: Any) -> dict[str, Any]:
        """9 kg of foil to the maker, without proof."""
        foil = self.world.foil
        with workspace(self.world.maker) as maker:
            buyer = Counterparty(maker.settings.did or "", maker.party)
        product = EventProduct(FOIL, foil.name, "model", "9", "kilogram", foil.id, foil.digest)
        issued = Issued(
            f"https://supplier.example/deliveries/{changes.pop('name', '1')}",
            changes.pop("did", "did:web:supplier.example"),
            self.supplier.party,
            changes.pop("issued", BUILT_AT),
        )
        return build_move_event(
            issued,
            moved=[changes.pop("moved", product)],
            at=changes.pop("at", BUILT_AT),
            buyer=changes.pop("buyer", buyer),
            origin=Site("https://id.supplier.example/gates/1", "Gate 1"),
            destination=Site("https://id.maker.example/gates/1", "Gate 1"),
            consignment=changes.pop("consignment", "urn:example:consignment:1"),
        )

    def signed(self, envelope: Envelope = Envelope.EMBEDDED, **changes: Any) -> bytes:
        return sign_credential(
            self.document(**changes), SCHEMA, self.supplier.signer(PASSPHRASE), BUILT_AT, envelope=envelope
        ).body

    def post(self, body: bytes, **headers: str) -> Any:
        return self.service.post("/v1/deliveries", content=body, headers=headers)

    def kept(self) -> int:
        with workspace(self.world.maker) as maker:
            return len(maker.store.find_documents(DocumentKind.TRACEABILITY_EVENT))


@pytest.fixture
def trade(own_world: SmallWorld, open_service: OpenService) -> Iterator[Trade]:
    with workspace(own_world.supplier) as supplier:
        yield Trade(own_world, open_service(own_world.maker, trust=own_world.trust_file), supplier)


@pytest.mark.parametrize("envelope", list(Envelope))
def test_a_delivery_handed_in_is_kept_once(trade: Trade, envelope: Envelope) -> None:
    """Created, then known; signed anew or in the other envelope it is the same delivery."""
    first = trade.post(trade.signed(envelope))
    assert first.status_code == 201, first.text
    digest = digest_of(jcs(trade.document()))
    assert first.json() == {
        "digest": digest,
        "supplier": "did:web:supplier.example",
        "supplier_id": "VAT:DESUPPLIER",
        "new": True,
        "identified_by": "registry",
    }
    for body in (trade.signed(envelope), *(trade.signed(each) for each in Envelope)):
        again = trade.post(body)
        assert (again.status_code, again.json()) == (200, {**first.json(), "new": False})
    assert trade.kept() == 1


def test_a_delivery_is_shown_to_nobody_before_a_row_names_it(trade: Trade) -> None:
    """Then to everybody, unless the statement is withheld."""
    digest = trade.post(trade.signed()).json()["digest"]
    refused(trade.service.get(f"/v1/deliveries/{digest}"), 404, "not-found")
    hidden = trade.post(trade.signed(name="2", consignment="urn:example:consignment:2")).json()["digest"]
    opened = build(trade, "https://id.stack.example/1", digest)
    build(trade, "https://id.secret.example/1", hidden, "withheld")
    shown = trade.service.get(f"/v1/deliveries/{digest}")
    assert shown.status_code == 200
    assert shown.content == trade.signed()
    assert shown.headers["content-type"] == "application/vc"
    tag = {"if-none-match": shown.headers["etag"]}
    assert trade.service.get(f"/v1/deliveries/{digest}", headers=tag).status_code == 304
    refused(trade.service.get(f"/v1/deliveries/{hidden}"), 404, "not-found")
    # Not even where somebody's statement, in the name of an open passport of ours, names it.
    with workspace(trade.world.maker) as maker:
        forged = parse(maker.store.get_document(DocumentKind.STATEMENT, opened.statement_digest))
        row = jcs(
            {
                "row": {
                    **parse(next(iter(maker.store.rows(opened.statement_digest).values())))["row"],
                    "delivery": hidden,
                },
                "salt": "A" * 22,
            }
        )
        forged["extensions"][0]["data"]["rows"] = [digest_of(row)]
        body = jcs(forged)
        maker.store.put_document(DocumentKind.STATEMENT, digest_of(body), body, document_id=forged["id"])
        maker.store.put_rows(digest_of(body), [(digest_of(row), row)])
    refused(trade.service.get(f"/v1/deliveries/{hidden}"), 404, "not-found")
    refused(trade.service.get("/v1/deliveries/junk"), 422, "invalid-request")


def build(trade: Trade, product: str, delivery: str, disclosure: str = "open") -> IssuedPassport:
    """The maker issues something made of the foil, naming a delivery of it: 8 kg for all that it covers."""
    foil = {
        "id": "foil",
        "kind": "passport",
        "name": "Foil",
        "stage": "rawMaterialAcquisition",
        "known": "measured",
        "quantity": "0.004",
        "unit": "kilogram",
        "product": FOIL,
        "delivery": delivery,
    }
    with workspace(trade.world.maker) as maker:
        issuer = maker.issuer(PASSPHRASE, accept=lambda upstream: None)
        issued = issuer.issue(small_inventory(product, [small_direct("oven", "1.25"), foil], disclosure))
        issuer.anchor()
        return issued


Change = Callable[[Trade], bytes]


def _by_a_stranger(trade: Trade) -> bytes:
    stranger = Ed25519Signer.generate(verification_method="did:web:supplier.example#key-1")
    return sign_credential(trade.document(), SCHEMA, stranger, BUILT_AT).body


def _bent(trade: Trade) -> bytes:
    document = json.loads(trade.signed())
    document["credentialSubject"][0]["exactQuantity"][0]["amount"] = "9000"
    return jcs(document)


def _made(trade: Trade) -> bytes:
    issued = Issued("https://supplier.example/deliveries/9", "did:web:supplier.example", trade.supplier.party, BUILT_AT)
    site = Site("https://id.supplier.example/gates/1", "Gate 1")
    foil = trade.world.foil
    made = EventProduct(FOIL, foil.name, "model", "9", "kilogram", foil.id, foil.digest)
    document = build_make_event(issued, inputs=[], outputs=[made], at=BUILT_AT, site=site)
    return sign_credential(document, SCHEMA, trade.supplier.signer(PASSPHRASE), BUILT_AT).body


def _of(digest: str | None) -> Change:
    def made(trade: Trade) -> bytes:
        foil = trade.world.foil
        return trade.signed(moved=EventProduct(FOIL, foil.name, "model", "9", "kilogram", foil.id, digest))

    return made


def _to(trade: Trade) -> bytes:
    return trade.signed(buyer=Counterparty("did:web:supplier.example", trade.supplier.party))


def _to_our_name_elsewhere(trade: Trade) -> bytes:
    with workspace(trade.world.maker) as maker:
        return trade.signed(buyer=Counterparty("did:web:thief.example", maker.party))


def _of_the_makers_own(trade: Trade) -> bytes:
    """The cell, whose maker is somebody else than who signs."""
    cell = trade.world.cell
    return trade.signed(moved=EventProduct(CELL, cell.name, "model", "9", "kilogram", cell.id, cell.digest))


@pytest.mark.parametrize(
    ("body", "status", "name", "said"),
    [
        (lambda trade: b"", 400, "unreadable-document", "the body is empty"),
        (lambda trade: b"{", 422, "invalid-delivery", "the delivery: "),
        (lambda trade: b"{}", 422, "invalid-delivery", "has no proof"),
        (lambda trade: b"a.b.c", 422, "invalid-delivery", "the delivery: "),
        (lambda trade: trade.world.signed(trade.world.foil), 422, "invalid-delivery", "the delivery: "),
        (lambda trade: b"{" + b" " * MAX_DELIVERY_BYTES, 413, "too-large", "larger than this service takes"),
        (_made, 422, "invalid-delivery", "not a delivery"),
        (_by_a_stranger, 422, "invalid-delivery", "the signature does not hold"),
        (_bent, 422, "invalid-delivery", "the signature does not hold"),
        (_to, 403, "not-addressed-here", "the delivery is to somebody else"),
        (_to_our_name_elsewhere, 403, "not-addressed-here", "the delivery is to somebody else"),
        (_of(None), 403, "unknown-supplier", "no passport of this product"),
        (_of(digest_of(b"no passport")), 403, "unknown-supplier", "no passport of this product"),
        (_of_the_makers_own, 403, "unknown-supplier", "no passport of this product by who signs"),
        (
            lambda trade: trade.signed(at=JUDGED_AT + timedelta(seconds=301)),
            422,
            "invalid-delivery",
            "a delivery that is still to come",
        ),
        (
            lambda trade: trade.signed(
                moved=EventProduct(COATING, "x", "model", "9", "kilogram", trade.world.foil.id, trade.world.foil.digest)
            ),
            422,
            "invalid-delivery",
            "does not name this product with this passport",
        ),
    ],
    ids=[
        "nothing",
        "no JSON",
        "an empty object",
        "no JWT",
        "a passport",
        "too long",
        "a production",
        "a stranger's signature",
        "a changed amount",
        "to somebody else",
        "to our name under another DID",
        "of what has no passport",
        "of an unknown passport",
        "of another maker's product",
        "of tomorrow",
        "of another product than the passport's",
    ],
)
def test_what_is_not_taken_in(trade: Trade, body: Change, status: int, name: str, said: str) -> None:
    problem = refused(trade.post(body(trade)), status, name)
    assert said in problem["detail"]
    assert trade.kept() == 0


def test_a_key_that_the_registry_has_retired(trade: Trade) -> None:
    """The supplier's DID document at hand names the key still; the registry does not take it any more."""
    body = trade.signed()
    trade.supplier.rotate(Role.CREDENTIAL, PASSPHRASE)
    problem = refused(trade.post(body), 403, "unknown-supplier")
    assert "was retired" in problem["detail"]
    assert trade.kept() == 0


def test_a_supplier_under_anothers_name(trade: Trade) -> None:
    """A passport in the supplier's own log that states another entity: the registry knows the log by the true one."""
    document = parse(trade.world.signed(trade.world.foil))
    del document["proof"]
    text = jcs(document).replace(b"VAT:DESUPPLIER", b"VAT:DEFAMOUS")
    lent = sign_document(parse(text), trade.supplier.signer(PASSPHRASE), BUILT_AT)
    with workspace(trade.world.maker) as maker:
        file_passport(maker.store, lent.body)
    foil = trade.world.foil
    moved = EventProduct(FOIL, foil.name, "model", "9", "kilogram", foil.id, digest_of(text))
    event = trade.document(moved=moved)
    event = parse(jcs(event).replace(b"VAT:DESUPPLIER", b"VAT:DEFAMOUS"))
    body = sign_credential(event, SCHEMA, trade.supplier.signer(PASSPHRASE), BUILT_AT).body
    problem = refused(trade.post(body), 403, "unknown-supplier")
    assert "names another entity" in problem["detail"]
    assert trade.kept() == 0


def test_without_a_trust_file_the_did_document_at_hand_says_who_signed(
    own_world: SmallWorld, open_service: OpenService, trade: Trade
) -> None:
    trade.service = open_service(own_world.maker)
    assert trade.post(trade.signed()).json()["identified_by"] == "did_document"


def test_a_chain_out_of_reach(own_world: SmallWorld, trade: Trade) -> None:
    """Nothing is kept of what cannot be judged."""
    body = trade.signed()
    trade.supplier.close()
    own_world.chain_file.rename(own_world.chain_file.with_suffix(".gone"))
    answer = trade.post(body)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/ledger-unavailable")
    assert trade.kept() == 0


def test_a_supplier_who_never_stops(trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound for each: what is known already is answered all the same."""
    monkeypatch.setattr(incoming_delivery, "MAX_OF_ONE_SUPPLIER", 2)
    bodies = [trade.signed(name=str(number), consignment=f"urn:example:c:{number}") for number in range(3)]
    assert [trade.post(body).status_code for body in bodies] == [201, 201, 429]
    refused(trade.post(bodies[2]), 429, "too-many-deliveries")
    assert trade.post(bodies[0]).status_code == 200
    assert trade.kept() == 2


def test_who_takes_in_none(own_world: SmallWorld, open_service: OpenService, trade: Trade) -> None:
    """An auditor has no legal entity; a company may say no."""
    body = trade.signed()
    for service in (
        open_service(own_world.auditor, trust=own_world.trust_file),
        open_service(own_world.maker, takes_deliveries=False),
    ):
        problem = refused(service.post("/v1/deliveries", content=body), 403, "not-addressed-here")
        assert problem["detail"] == "no deliveries are taken in here"


def test_other_media_types_are_not_judged(trade: Trade) -> None:
    refused(trade.post(b"x", **{"content-type": "text/html"}), 415, "unsupported-media-type")
    refused(trade.post(b"x", **{"content-encoding": "gzip"}), 415, "unsupported-media-type")
    assert trade.post(trade.signed(Envelope.JWT), **{"content-type": "application/vc+jwt"}).status_code == 201


def test_an_unsigned_copy_bars_nobody(trade: Trade) -> None:
    """Somebody's publication brought the same event with a false proof: the true one is taken in beside it."""
    forged = _by_a_stranger(trade)
    with workspace(trade.world.maker) as maker:
        assert file_event(maker.store, forged)
    assert trade.post(trade.signed()).status_code == 201
    assert trade.post(trade.signed()).status_code == 200
