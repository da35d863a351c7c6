"""Deliveries and status lists in a bundle, with the method of every signature."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from bundle_text import BundleText
from custody_sales import SECOND, YEAR, Sale, _audited, _bundled, _with_second_key, _written, ore, sale_in
from judged import node, row
from verifier_world import NOW, World, signer_of

from passport.credentials import build_did_web_document, sign_document
from passport.credentials.status_list import StatusEntry, StatusList, StatusPurpose, build_status_credential
from passport.credentials.untp_credential import Envelope, sign_credential
from passport.credentials.vc_jwt import sign_vc_jwt
from passport.errors import DocumentError
from passport.model.credential import credential_issuer
from passport.model.traceability_event import SCHEMA
from verifier.bundle import BundleFile, from_base64url
from verifier.bundle_source import BundleSource
from verifier.outcome import Outcome


@pytest.mark.parametrize("envelope", Envelope)
def test_a_bundle_keeps_the_method_of_every_signature(own_world: World, envelope: Envelope, tmp_path: Path) -> None:
    """The mine's passport names one method of its DID document and its delivery another; both stay, and no third."""
    sale = _with_second_key(own_world)
    sale.file(ore(own_world, at=own_world.now()), by=SECOND, envelope=envelope)
    forged, report = _bundled(sale, tmp_path / "b")
    assert (report.verdict, row(report, "metal", "custody").outcome) == ("passed", Outcome.PASSED)
    again = tmp_path / "again"
    with BundleFile(tmp_path / "b") as bundle:
        did = json.loads(from_base64url(bundle.peek("did", "did:web:mine.example") or b"", where="did"))
        digest = sale.draft.row("ore")["delivery"]
        assert bundle.peek("delivery", digest) == sale.source.deliveries[digest]
        assert list(bundle.keys("delivery")) == [digest]
    second = f"did:web:mine.example#key-2{'-jwk' if envelope is Envelope.JWT else ''}"
    assert did["assertionMethod"] == ["did:web:mine.example#key-1", second]
    _written(sale, forged, again)
    assert again.read_bytes() == (tmp_path / "b").read_bytes()


def test_a_bundle_with_a_delivery_that_no_row_names(sale: Sale, tmp_path: Path) -> None:
    _bundled(sale, tmp_path / "b")
    text = BundleText.read(tmp_path / "b")
    other = sign_credential(ore(sale.world, name="7"), SCHEMA, sale.world.companies["mine"].signer, NOW)
    text.put("delivery", other.doc_hash, other.body)
    with pytest.raises(DocumentError, match=f"nothing in its tree asks for; found delivery {other.doc_hash}"):
        _audited(sale.world, text.write(tmp_path / "c"))


@pytest.mark.parametrize("envelope", Envelope)
def test_a_status_list_in_a_bundle(sale: Sale, envelope: Envelope, tmp_path: Path) -> None:
    """Under issuer and URL; the same note as out of the store, and years later as of the bundle's own block."""
    url = "https://smelter.example/status-lists/revocation-0.json"
    company = sale.world.companies["smelter"]
    sale.draft.credential["credentialStatus"] = StatusEntry(url, 5, StatusPurpose.REVOCATION).to_json()
    document = build_status_credential(
        StatusList.of(StatusPurpose.REVOCATION, [5]),
        url=url,
        issuer=credential_issuer(company.did, company.party),
        valid_from=sale.world.now(),
        valid_until=sale.world.now() + timedelta(days=30),
    )
    sign = sign_vc_jwt if envelope is Envelope.JWT else partial(sign_document, created=NOW)
    sale.source.lists[company.did, url] = sign(document, company.signer).body
    forged, report = _bundled(sale, tmp_path / "b")
    (note,) = [note for note in node(report, "metal").notes if note.code.startswith("status_list")]
    assert note.code == "status_list_disagrees"
    with BundleFile(tmp_path / "b") as bundle:
        assert list(bundle.keys("status")) == [f"{company.did}|{url}"]
        source = BundleSource(bundle)
        years_later = sale.world.now() + 5 * YEAR
        later = sale.world.audit(
            forged.digest, source, trust=sale.world.trust_with(), is_snapshot=True, at=years_later, skew_s=300
        )
    assert note in node(later, "metal").notes


@pytest.mark.parametrize("envelope", Envelope)
def test_a_list_that_names_anothers_method(sale: Sale, envelope: Envelope, tmp_path: Path) -> None:
    """A smelter's list in the mine's name, whose key nobody has, takes the mine's true key out of no bundle."""
    url, did = "https://smelter.example/status-lists/revocation-0.json", "did:web:mine.example"
    company = sale.world.companies["smelter"]
    sale.draft.credential["credentialStatus"] = StatusEntry(url, 5, StatusPurpose.REVOCATION).to_json()
    document = build_status_credential(
        StatusList.of(StatusPurpose.REVOCATION, [5]),
        url=url,
        issuer=credential_issuer(company.did, company.party),
        valid_from=sale.world.now(),
        valid_until=sale.world.now() + timedelta(days=30),
    )
    stranger = signer_of("stranger", f"{did}#key-77")
    sale.source.more_dids[did] = [build_did_web_document(did, multikeys=[stranger.multikey])]
    sign = sign_vc_jwt if envelope is Envelope.JWT else partial(sign_document, created=NOW)
    sale.source.lists[company.did, url] = sign(document, stranger).body
    _, report = _bundled(sale, tmp_path / "b")
    assert report.verdict == "passed"
    assert "status_list_unknown" in {note.code for note in node(report, "metal").notes}


def test_a_list_with_a_method_beside_its_proof(own_world: World, tmp_path: Path) -> None:
    """What else is called a verification method in it is none: the key that signed the list stays in the bundle."""
    company, url = own_world.companies["smelter"], "https://smelter.example/status-lists/revocation-0.json"
    first, second = company.signer, signer_of("smelter second", f"{company.did}#key-2")
    company.signer = second
    own_world.bind_credential(company)
    company.signer = first
    own_world.source.dids[company.did] = build_did_web_document(
        company.did, multikeys=[first.multikey, second.multikey]
    )
    sale = sale_in(own_world)
    sale.draft.credential["credentialStatus"] = StatusEntry(url, 5, StatusPurpose.REVOCATION).to_json()
    document = build_status_credential(
        StatusList.of(StatusPurpose.REVOCATION, [5]),
        url=url,
        issuer=credential_issuer(company.did, company.party),
        valid_from=own_world.now(),
        valid_until=own_world.now() + timedelta(days=30),
    )
    document["termsOfUse"] = {"type": "Terms", "verificationMethod": f"{company.did}#key-1"}
    sale.source.lists[company.did, url] = sign_document(document, second, NOW).body
    _, report = _bundled(sale, tmp_path / "b")
    assert "status_list_disagrees" in {note.code for note in node(report, "metal").notes}
