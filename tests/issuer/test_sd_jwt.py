"""SD-JWT of a passport with content sets: read here and by the reference implementation, and each way to bend one."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from issuer_world import SECRET, World, direct, inventory
from jwcrypto.jwk import JWK
from jwcrypto.jws import InvalidJWSSignature
from sd_jwt.verifier import SDJWTVerifier

from passport.credentials import Signer, base64url_decode, base64url_encode, jcs, multikey_to_jwk, read_secured
from passport.credentials.jws import sign_jws
from passport.credentials.presentation import check_sets
from passport.credentials.sd_jwt import ROWS, SET_SALT, narrow_sd_jwt, read_sd_jwt, sign_sd_jwt, verify_sd_jwt
from passport.errors import DisclosureError, PassportError, UsageError
from passport.issuer.presenting import openings_of, present_sd_jwt
from passport.model.digest import Digest
from passport.model.role_map import ANNEX_XIII
from passport.store import DocumentKind

SETS = {"1": {"ratedCapacity": "94 Ah"}, "2": {"partNumbers": ["P-1"]}, "3": {"testReport": "passed"}, "4": {}}
ALWAYS = ("@context", "type", "issuer", "id", "validFrom", "validUntil", "name")


class Case:
    """One passport with content sets and its SD-JWT with everything shown."""

    def __init__(self, world: World) -> None:
        content = {"roleMap": ANNEX_XIII, "sets": SETS, "rowAudiences": {"legitimate": ["own"]}}
        company = world.mill
        self.store = company.store
        self.signer: Signer = company.signer(SECRET)
        self.issued = world.issuer(company).issue(inventory(world.product(), direct(), contentSets=content))
        body = self.store.get_document(DocumentKind.PASSPORT, self.issued.digest)
        self.document = read_secured(body, canonical=True).document
        self.openings = openings_of(self.store, self.issued.id)
        numbers = count(1)
        self.whole = sign_sd_jwt(
            self.document,
            self.openings,
            self.signer,
            random_bytes=lambda n: next(numbers).to_bytes(n, "big"),
            rows={
                str(name): json.loads(row)
                for name, row in self.store.rows(Digest(self.issued.statement_digest)).items()
            },
        )

    def present(self, role: str) -> bytes:
        return present_sd_jwt(self.store, self.issued.digest, role, signer=self.signer)

    def key(self, _: str) -> str:
        return self.signer.multikey

    def resigned(self, change: Any) -> bytes:
        """The payload changed and signed again by the issuer itself, the disclosures as they were."""
        jwt, *disclosures = self.whole.split(b"~")
        header, payload, _ = (part.decode() for part in jwt.split(b"."))
        document = json.loads(base64url_decode(payload, max_characters=len(payload)))
        change(document)
        said = json.loads(base64url_decode(header, max_characters=len(header)))
        said.pop("alg")
        return b"~".join([sign_jws(said, jcs(document), self.signer), *disclosures])


@pytest.fixture(scope="module")
def case(world: World) -> Case:
    return Case(world)


def by_the_reference(case: Case, data: bytes) -> dict[str, Any]:
    """What the reference implementation of the SD-JWT drafts gives out after verifying."""
    key = JWK(**multikey_to_jwk(case.signer.multikey))
    payload: dict[str, Any] = SDJWTVerifier(data.decode(), lambda *_: key).get_verified_payload()
    return payload


@pytest.mark.parametrize(
    ("role", "sets", "rows"), [("public", "1", 0), ("legitimate", "124", 1), ("authority", "123", 0)]
)
def test_a_role_reads_its_sets_here_and_elsewhere(case: Case, role: str, sets: str, rows: int) -> None:
    data = case.present(role)
    read = verify_sd_jwt(data, case.key)
    assert (read.document, read.doc_hash) == (case.document, case.issued.digest)
    assert {name for name, claims in read.disclosed.items() if name != ROWS and claims} == set(sets)
    assert check_sets(read.document, read.opened_sets(), role) == {name: SETS[name] for name in sets}
    elsewhere = by_the_reference(case, data)
    assert elsewhere["credentialSubject"].pop("contentSets") == read.disclosed
    assert elsewhere == case.document
    assert len(read.disclosed[ROWS]) == rows
    everything = read_sd_jwt(case.whole).texts
    hidden = [everything[name][claim] for name, claims in SETS.items() if name not in sets for claim in claims]
    assert not any(text in data for text in hidden)


def test_what_holds_a_passport_together_cannot_be_withheld(case: Case) -> None:
    bare = narrow_sd_jwt(case.whole, show=())
    assert bare.count(b"~") == 1
    payload = by_the_reference(case, bare)
    assert all(payload[name] == case.document[name] for name in ALWAYS)
    assert payload["credentialSubject"]["id"] == case.document["credentialSubject"]["id"]
    assert payload["credentialSubject"]["contentSets"] == {name: {} for name in (*SETS, ROWS)}


def test_anybody_may_withhold_and_nobody_unseen(case: Case) -> None:
    narrowed = narrow_sd_jwt(case.whole, show="12")
    read = verify_sd_jwt(narrowed, case.key)
    with pytest.raises(DisclosureError, match="set 4: a set is withheld; expected the sets 1, 2, 4"):
        check_sets(read.document, read.opened_sets(), "legitimate")
    with pytest.raises(DisclosureError, match="set 2: more is shown than public may see"):
        check_sets(read.document, read.opened_sets(), "public")
    texts = read_sd_jwt(case.whole).texts["1"]
    lacking = case.whole.replace(texts["ratedCapacity"] + b"~", b"")
    read = verify_sd_jwt(narrow_sd_jwt(lacking, show="1"), case.key)
    with pytest.raises(DisclosureError, match="set 1: not the set that the passport commits to"):
        check_sets(read.document, read.opened_sets(), "public")
    read = read_sd_jwt(case.whole.replace(texts[SET_SALT] + b"~", b""))
    with pytest.raises(DisclosureError, match="set 1: the salt of the set is withheld"):
        read.opened_sets()


def test_decoys_hide_how_much_a_set_holds(case: Case) -> None:
    payload = case.whole.split(b".")[1].decode()
    groups = json.loads(base64url_decode(payload, max_characters=len(payload)))["credentialSubject"]["contentSets"]
    assert {name: len(group["_sd"]) for name, group in groups.items()} == dict.fromkeys((*SETS, ROWS), 16)
    assert all(group["_sd"] == sorted(group["_sd"]) for group in groups.values())


def disclosure(*parts: Any) -> bytes:
    return base64url_encode(jcs(list(parts))).encode()


SALT = "A" * 22


@pytest.mark.parametrize(
    ("bend", "reason"),
    [
        (lambda d: d + disclosure(SALT, "ratedCapacity", "95 Ah") + b"~", "a disclosure that nothing signed refers to"),
        (lambda d: d + d.split(b"~")[1] + b"~", "nothing signed refers to, or one shown twice"),
        (lambda d: d + b"e30~", "not a disclosure; expected"),
        (lambda d: d + disclosure(SALT, "x", {"_sd": []}) + b"~", "x: a disclosure that hides others"),
        (lambda d: d + b"%%~", "a disclosure that is no base64url"),
        (lambda d: d + disclosure("short", "x", "y") + b"~", "not a salt"),
        (lambda d: d + b"eyJhbGciOiJub25lIn0.e30.", "not an SD-JWT without key binding"),
        (lambda d: d.partition(b"~")[0], "not an SD-JWT without key binding"),
        (lambda d: d.replace(b".", b"", 1), "not a JWS in compact form"),
    ],
)
def test_bent_disclosures(case: Case, bend: Any, reason: str) -> None:
    with pytest.raises(PassportError, match=reason):
        verify_sd_jwt(bend(case.whole), case.key)


def twice(document: dict[str, Any]) -> None:
    groups = document["credentialSubject"]["contentSets"]
    groups["2"]["_sd"][0] = groups["1"]["_sd"][0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda d: d.update(_sd_alg="md5"), "expected _sd_alg sha-256"),
        (lambda d: d["credentialSubject"].pop("contentSets"), "whose content sets alone can be withheld"),
        (lambda d: d["issuer"].update(_sd=[]), "payload: something else is hidden"),
        (lambda d: d.update(credentialStatus=[{"...": "x"}]), "payload: something else is hidden"),
        (
            lambda d: d["credentialSubject"]["contentSets"].update({"1": {"_sd": [], "a": "b"}}),
            "not a group of digests",
        ),
        (twice, "one digest stands twice"),
        (lambda d: d["issuer"].update(id="did:web:rival.example"), "the issuer is not the one whose key signed"),
        (lambda d: d.update(proof={}), "whose content sets alone can be withheld"),
    ],
)
def test_payloads_of_an_issuer_that_cheats(case: Case, change: Any, reason: str) -> None:
    with pytest.raises(PassportError, match=reason):
        verify_sd_jwt(case.resigned(change), case.key)


def test_a_stranger_signature(case: Case, world: World) -> None:
    stranger = world.rival.signer(SECRET)
    with pytest.raises(PassportError, match="the signature does not hold"):
        verify_sd_jwt(case.whole, lambda _: stranger.multikey)
    key = JWK(**multikey_to_jwk(stranger.multikey))
    with pytest.raises(InvalidJWSSignature, match="Verification failed"):
        SDJWTVerifier(case.whole.decode(), lambda *_: key).get_verified_payload()


def test_only_passports_with_content_sets(case: Case, world: World) -> None:
    made = world.issuer(world.mill).issue(inventory(world.product()))
    body = world.mill.store.get_document(DocumentKind.PASSPORT, made.digest)
    with pytest.raises(UsageError, match="without proof and with content sets"):
        sign_sd_jwt(
            read_secured(body, canonical=True).document, case.openings, case.signer, random_bytes=lambda n: b"0" * n
        )


@given(data=st.data())
def test_a_changed_byte_is_found_or_shows_less(case: Case, data: st.DataObject) -> None:
    body = bytearray(case.whole)
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != body[at]))
    with pytest.raises(PassportError):
        verify_sd_jwt(bytes(body), case.key)


@given(data=st.binary(max_size=100))
def test_bytes_that_are_no_sd_jwt(data: bytes) -> None:
    with pytest.raises(PassportError):
        read_sd_jwt(data)
