"""What we issue, judged by other implementations (npm, `tests/peers/package.json`): as it is, and with a byte flipped.

JSON-LD processors and verifiers get the contexts from the published copies and the keys from our own DID documents;
nothing is fetched.
"""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from issuer_world import NOW, SECRET, World, direct, inventory

from passport.credentials import (
    Signer,
    add_proof,
    build_did_key_document,
    jcs,
    key_lookup,
    multikey_to_jwk,
    read_did_document,
    read_secured,
    verify_secured,
)
from passport.credentials.ecdsa import EcdsaSigner
from passport.credentials.resolver import KeyDidResolver
from passport.credentials.sd_jwt import verify_sd_jwt
from passport.credentials.sd_jwt_parts import SdJwtType
from passport.credentials.vc_jwt import sign_vc_jwt, verify_vc_jwt
from passport.errors import PassportError
from passport.issuer import IssuedPassport
from passport.issuer.presenting import present_sd_jwt
from passport.model import schema
from passport.model.conformity_credential import LINK_REPORT, build_conformity_credential
from passport.model.credential import Link
from passport.model.digest import digest_of
from passport.model.identity_anchor import RegistryEntry, build_identity_anchor
from passport.model.role_map import ANNEX_XIII
from passport.model.traceability_event import (
    LINK_PASSPORT,
    Counterparty,
    EventProduct,
    Site,
    build_make_event,
    build_modify_event,
    build_move_event,
)
from passport.model.untp import Issued
from passport.store import DocumentKind
from passport.workspace import Workspace

PEERS = Path(__file__).resolve().parent.parent / "peers"
CONTEXTS = {  # in standards/vc/contexts; those of UNTP are listed in standards/untp/contexts.json
    "https://www.w3.org/ns/credentials/v2": "credentials-v2.jsonld",
    "https://www.w3.org/ns/credentials/undefined-terms/v2": "credentials-undefined-terms-v2.jsonld",
    "https://www.w3.org/ns/did/v1": "did-v1.jsonld",
    "https://w3id.org/security/data-integrity/v2": "data-integrity-v2.jsonld",
    "https://w3id.org/security/multikey/v1": "multikey-v1.jsonld",
    "https://w3id.org/security/jwk/v1": "jwk-v1.jsonld",
}
CONTENT = {
    "roleMap": ANNEX_XIII,
    "sets": {"1": {"ratedCapacity": "94 Ah"}, "2": {"partNumbers": ["P-1"]}, "4": {"stateOfHealth": "97 %"}},
    "rowAudiences": {"legitimate": ["own"]},
}

Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def ask(node: Path, shared: Path, world: World) -> Ask:
    """Puts jobs to the peers, with the published contexts and the DID documents of this world."""
    if not (PEERS / "node_modules").is_dir():
        pytest.skip("the npm packages of tests/peers/ are not installed: make setup-dev")
    untp = json.loads((shared / "standards/untp/contexts.json").read_text("utf-8"))
    files = {url: f"standards/vc/contexts/{name}" for url, name in CONTEXTS.items()}
    files |= {url: f"standards/untp/{path}" for url, path in untp.items()}
    contexts = {url: json.loads((shared / path).read_text("utf-8")) for url, path in files.items()}

    def put(*jobs: dict[str, Any], dids: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        known = {company.settings.did: did_document(company) for company in (world.beans, world.mill)}
        asked = {"contexts": contexts, "dids": {**known, **(dids or {})}, "jobs": jobs, "now": NOW.isoformat()}
        done = subprocess.run(
            [str(node), str(PEERS / "peer.mjs")],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answers: list[dict[str, Any]] = json.loads(done.stdout)
        assert len(answers) == len(jobs)
        return answers

    return put


def did_document(company: Workspace) -> Any:
    company.publish()
    return json.loads((company.public / "did.json").read_text("utf-8"))


def by(company: Workspace, name: str) -> Issued:
    host = company.settings.host
    return Issued(
        f"https://{host}/credentials/{name}", company.settings.did or "", company.party, NOW, NOW + timedelta(9)
    )


@pytest.fixture(scope="module")
def issued(world: World) -> IssuedPassport:
    return world.issuer(world.mill).issue(inventory(world.product(), direct(), contentSets=CONTENT))


@pytest.fixture(scope="module")
def documents(world: World, issued: IssuedPassport) -> dict[str, dict[str, Any]]:
    """The four credentials of UNTP as we write them, without proof, events of all kinds."""
    body = world.mill.store.get_document(DocumentKind.PASSPORT, issued.digest)
    passport = read_secured(body, canonical=True).document
    subject = passport["credentialSubject"]
    made = EventProduct(subject["id"], subject["name"], "model", "1.5", "tonne", issued.id, issued.digest)
    plant, mill, beans = Site("https://id.example/plants/1", "Plant 1"), world.mill, world.beans
    pin = Link(issued.id, "Passport", issued.digest, "application/vc", LINK_PASSPORT)
    report = Link("https://beans.example/r", "Report", digest_of(b"{}"), "application/json", LINK_REPORT)
    buyer = Counterparty(beans.settings.did or "", beans.party)
    entry = RegistryEntry(mill.place.registry, mill.place.genesis, mill.place.issuer_id, mill.settings.controller or "")
    return {
        "passport": passport,
        "attestation": build_conformity_credential(
            by(beans, "dcc"), passport=passport, evidence=pin, verdict="passed", report=report, assessed=NOW
        ),
        "anchor": build_identity_anchor(
            by(beans, "dia"), member_did=mill.settings.did or "", member=mill.party, registered=NOW, entry=entry
        ),
        "move": build_move_event(
            by(mill, "move"),
            moved=[made],
            at=NOW,
            buyer=buyer,
            origin=plant,
            destination=plant,
            consignment="urn:example:consignment:1",
        ),
        "make": build_make_event(by(mill, "make"), inputs=[made], outputs=[made], at=NOW, site=plant),
        "modify": build_modify_event(by(mill, "modify"), modified=[made], at=NOW, site=plant),
    }


KINDS = ("passport", "attestation", "anchor", "move", "make", "modify")


def test_every_term_of_every_credential_is_defined(ask: Ask, documents: dict[str, dict[str, Any]]) -> None:
    """Safe expansion (JSON-LD 1.1) of all four credentials: nothing is dropped, relative, or defined anew."""
    answers = ask(*({"ask": "expand", "document": documents[name]} for name in KINDS))
    assert [answer.get("error") for answer in answers] == [None] * len(KINDS)
    for name, answer in zip(KINDS, answers, strict=True):
        (node,) = answer["expanded"]
        assert "https://www.w3.org/2018/credentials#VerifiableCredential" in node["@type"]
        assert node["@id"] == documents[name]["id"]


PLACES: list[tuple[str, ...]] = [  # the last is the one without a type
    (),
    ("issuer",),
    ("credentialSubject",),
    ("credentialSubject", "performanceClaim", "0"),
    ("credentialSubject", "performanceClaim", "0", "claimedPerformance", "0", "measure"),
]


def test_terms_that_no_context_defines_are_found_where_one_can(ask: Ask, documents: dict[str, dict[str, Any]]) -> None:
    """In a measure nothing gives a term its meaning. UNTP's types take any, by `@vocab`: our schema finds all."""
    jobs = []
    for place in PLACES:
        document = copy.deepcopy(documents["passport"])
        at: Any = document
        for step in place:
            at = at[int(step)] if step.isdigit() else at[step]
        at["misspelt"] = "x"
        jobs.append({"ask": "expand", "document": document})
        with pytest.raises(PassportError, match="misspelt"):
            schema.check("untp-dpp-0.7.0-issuing", document)
    found = {place: answer for place, answer in zip(PLACES, ask(*jobs), strict=True) if not answer["ok"]}
    assert found.keys() == {PLACES[-1]}
    assert found[PLACES[-1]]["details"]["event"]["details"]["property"] == "misspelt"


def signers(world: World) -> dict[str, Signer]:
    key = ec.derive_private_key(7, ec.SECP256R1())
    return {"eddsa-jcs-2022": world.mill.signer(SECRET), "ecdsa-jcs-2019": EcdsaSigner(key)}


@pytest.mark.parametrize("suite", ["eddsa-jcs-2022", "ecdsa-jcs-2019"])
def test_our_proofs_hold_elsewhere_and_a_flipped_byte_nowhere(
    world: World, ask: Ask, documents: dict[str, dict[str, Any]], suite: str
) -> None:
    signer = signers(world)[suite]
    did = signer.verification_method.partition("#")[0]
    document = {**documents["passport"], "issuer": {**documents["passport"]["issuer"], "id": did}}
    signed = json.loads(add_proof(document, signer, NOW))
    flipped = {**signed, "name": signed["name"].replace("Digital", "Digitel")}
    value = signed["proof"]["proofValue"]
    forged = {
        **signed,
        "proof": {**signed["proof"], "proofValue": value[:9] + ("3" if value[9] == "2" else "2") + value[10:]},
    }
    dids = {did: build_did_key_document(did)} if did.startswith("did:key") else {}
    good, *bad = ask(*({"ask": "credential", "document": each} for each in (signed, flipped, forged)), dids=dids)
    assert good == {"ok": True}
    assert [(each["ok"], "Invalid signature" in each["error"]) for each in bad] == [(False, True)] * 2
    lookup = key_lookup(KeyDidResolver()) if dids else lambda _: signer.multikey
    assert verify_secured(jcs(signed), lookup, canonical=True).document == document
    for each in (flipped, forged):
        with pytest.raises(PassportError, match="the signature does not hold"):
            verify_secured(jcs(each), lookup, canonical=True)


def flip(text: str, part: int) -> str:
    """The compact form with one character of one of its parts changed, not the last, whose bits may not all count."""
    parts = text.split(".")
    parts[part] = parts[part][:8] + ("B" if parts[part][8] == "A" else "A") + parts[part][9:]
    return ".".join(parts)


def test_our_vc_jwt_holds_elsewhere_and_a_flipped_character_nowhere(
    world: World, ask: Ask, documents: dict[str, dict[str, Any]]
) -> None:
    signer = world.mill.signer(SECRET)
    text = sign_vc_jwt(documents["passport"], signer).body.decode()
    texts = [text, *(flip(text, part) for part in range(3))]
    jwk = multikey_to_jwk(signer.multikey)
    good, *bad = ask(*({"ask": "jwt", "jwk": jwk, "text": each} for each in texts))
    assert (good["ok"], good["payload"]) == (True, documents["passport"])
    assert (good["header"]["typ"], good["header"]["cty"], good["header"]["alg"]) == ("vc+jwt", "vc", "EdDSA")
    method = good["header"]["kid"]
    named = read_did_document(json.dumps(did_document(world.mill)).encode(), did=method.partition("#")[0])
    assert named.methods[method].multikey == signer.multikey
    assert not any(each["ok"] for each in bad)
    for each in texts[1:]:
        with pytest.raises(PassportError):
            verify_vc_jwt(each.encode(), lambda _: signer.multikey, at=NOW)


@pytest.mark.parametrize("sd_jwt_type", SdJwtType)
def test_our_sd_jwt_is_read_elsewhere_and_a_changed_one_nowhere(
    world: World, ask: Ask, issued: IssuedPassport, documents: dict[str, dict[str, Any]], sd_jwt_type: SdJwtType
) -> None:
    """`vc+sd-jwt` by the SD-JWT core, `dc+sd-jwt` by its SD-JWT VC, which asks for `vct` and judges `exp` and `nbf`."""
    signer = world.mill.signer(SECRET)
    data = present_sd_jwt(world.mill.store, issued.digest, "legitimate", signer=signer, sd_jwt_type=sd_jwt_type)
    read = verify_sd_jwt(data, lambda _: signer.multikey, at=NOW)
    jwt, *disclosures = data.decode().split("~")
    texts = [
        data.decode(),
        "~".join([flip(jwt, 1), *disclosures]),
        "~".join([flip(jwt, 2), *disclosures]),
        "~".join([jwt, disclosures[0][:8] + "AA" + disclosures[0][10:], *disclosures[1:]]),
        "~".join([jwt, *disclosures[1:]]),
    ]
    kind, jwk = str(sd_jwt_type).partition("+")[0], multikey_to_jwk(signer.multikey)
    good, payload, signature, changed, withheld = ask(
        *({"ask": "sdjwt", "kind": kind, "jwk": jwk, "text": each} for each in texts)
    )
    assert good["ok"], good
    assert good["header"]["typ"] == str(sd_jwt_type)
    subject = good["payload"]["credentialSubject"]
    assert subject.pop("contentSets") == read.disclosed
    assert {name: good["payload"][name] for name in documents["passport"]} == documents["passport"]
    assert {name: read.view_of("legitimate").sets[name] for name in "124"} == CONTENT["sets"]
    assert (payload["ok"], signature["ok"]) == (False, False)
    # A reader of the format alone may take both; here one is refused, and of the other is told what is lacking.
    for answer in (changed, withheld):
        assert not answer["ok"] or answer["payload"]["credentialSubject"]["contentSets"] != read.disclosed
    for each in texts[1:4]:
        with pytest.raises(PassportError):
            verify_sd_jwt(each.encode(), lambda _: signer.multikey, at=NOW)
    with pytest.raises(PassportError, match=r"withheld|not the set"):
        verify_sd_jwt(texts[4].encode(), lambda _: signer.multikey, at=NOW).view_of("legitimate")
