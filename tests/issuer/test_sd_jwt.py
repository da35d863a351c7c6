"""SD-JWT of a passport with content sets: read here and by the reference implementation, and each way to bend one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from issuer_world import NOW, SECRET, World, direct, inventory
from jwcrypto.jwk import JWK
from jwcrypto.jws import InvalidJWSSignature
from sd_jwt.verifier import SDJWTVerifier

from passport.credentials import Signer, base64url_decode, base64url_encode, jcs, multikey_to_jwk, read_secured
from passport.credentials.disclosure import row_hash
from passport.credentials.jws import read_jws, sign_jws
from passport.credentials.role_view import check_sets, check_statement
from passport.credentials.sd_jwt import SdJwtPassport, narrow_sd_jwt, read_sd_jwt, verify_sd_jwt
from passport.credentials.sd_jwt_issuing import sign_sd_jwt
from passport.credentials.sd_jwt_parts import ROWS, SET_SALT, VCT, SdJwtType, digest_of_disclosure
from passport.errors import DisclosureError, PassportError, UsageError
from passport.issuer.presenting import openings_of, present_sd_jwt
from passport.model.digest import Digest
from passport.model.role_map import ANNEX_XIII
from passport.store import DocumentKind
from verifier.layered_source import EmptySource
from verifier.outcome import Outcome
from verifier.presentation import judge_sd_jwt

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

    def present(self, role: str, sd_jwt_type: SdJwtType = SdJwtType.VC) -> bytes:
        return present_sd_jwt(self.store, self.issued.digest, role, signer=self.signer, sd_jwt_type=sd_jwt_type)

    @property
    def statement(self) -> dict[str, Any]:
        body = self.store.get_document(DocumentKind.STATEMENT, self.issued.statement_digest)
        return json.loads(body)  # type: ignore[no-any-return]

    def key(self, _: str) -> str:
        return self.signer.multikey

    def resigned(self, change: Any, data: bytes | None = None) -> bytes:
        """The payload changed and signed again by the issuer itself, the disclosures as they were."""
        jwt, *disclosures = (data or self.whole).split(b"~")
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


@pytest.mark.parametrize("sd_jwt_type", SdJwtType)
@pytest.mark.parametrize(
    ("role", "sets", "rows"), [("public", "1", 0), ("legitimate", "124", 1), ("authority", "123", 0)]
)
def test_a_role_reads_its_view_here_and_elsewhere(
    case: Case, role: str, sets: str, rows: int, sd_jwt_type: SdJwtType
) -> None:
    data = case.present(role, sd_jwt_type)
    read = verify_sd_jwt(data, case.key, at=NOW)
    assert (read.document, read.doc_hash) == (case.document, case.issued.digest)
    assert {name for name, claims in read.disclosed.items() if name != ROWS and claims} == set(sets)
    assert check_sets(read.document, read.opened_sets(), role) == {name: SETS[name] for name in sets}
    view = read.view_of(role)
    assert (view.role, view.sets) == (role, {name: SETS[name] for name in sets})
    assert [row["id"] for row in view.rows] == ["own"] * rows
    check_statement(read.document, case.statement, read.opened_rows(role)["hashes"])
    elsewhere = by_the_reference(case, data)
    assert elsewhere["credentialSubject"].pop("contentSets") == read.disclosed
    registered = (
        {name: elsewhere.pop(name) for name in ("exp", "iss", "nbf", "vct")} if sd_jwt_type == "dc+sd-jwt" else {}
    )
    assert elsewhere == case.document
    if registered:
        moments = [datetime.fromisoformat(case.document[name]) for name in ("validFrom", "validUntil")]
        assert [datetime.fromtimestamp(registered[name], UTC) for name in ("nbf", "exp")] == moments
        assert (registered["iss"], registered["vct"]) == ("did:web:mill.example", VCT)
    assert read_jws(data.split(b"~")[0]).header["typ"] == str(sd_jwt_type)
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
    read = verify_sd_jwt(narrowed, case.key, at=NOW)
    with pytest.raises(DisclosureError, match="set 4: a set is withheld; expected the sets 1, 2, 4"):
        check_sets(read.document, read.opened_sets(), "legitimate")
    with pytest.raises(DisclosureError, match="set 2: more is shown than public may see"):
        check_sets(read.document, read.opened_sets(), "public")
    texts = read_sd_jwt(case.whole).texts["1"]
    lacking = case.whole.replace(texts["ratedCapacity"] + b"~", b"")
    read = verify_sd_jwt(narrow_sd_jwt(lacking, show="1"), case.key, at=NOW)
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
        verify_sd_jwt(bend(case.whole), case.key, at=NOW)


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
        (lambda d: d["credentialSubject"].pop("characteristics"), "the field .characteristics. is missing"),
        (lambda d: d.update(exp=1), "exp"),
        (lambda d: d.update(cnf={"jwk": {}}), "cnf"),
        (lambda d: d["credentialSubject"]["contentSets"].pop("3"), "contentSets: other groups than the passport's"),
        (
            lambda d: d["credentialSubject"]["contentSets"].update({"5": {"_sd": []}}),
            "contentSets: other groups than the passport's",
        ),
    ],
)
def test_payloads_of_an_issuer_that_cheats(case: Case, change: Any, reason: str) -> None:
    with pytest.raises(PassportError, match=reason):
        verify_sd_jwt(case.resigned(change), case.key, at=NOW)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda d: d.pop("vct"), "payload.vct: not what the credential says; expected urn:carbon-passport:vct"),
        (lambda d: d.update(vct="urn:example:other"), "payload.vct: not what the credential says"),
        (lambda d: d.update(iss="did:web:rival.example"), "payload.iss: not what the credential says"),
        (lambda d: d.update(exp=d["exp"] + 1), "payload.exp: not what the credential says"),
        (lambda d: d.update(nbf=True), "payload.nbf: not what the credential says"),
        (lambda d: d.pop("validUntil"), "payload: not a passport; found 'validUntil'"),
        (lambda d: d.update(issuer="did:web:mill.example"), "payload: not a passport"),
    ],
)
def test_claims_of_a_dc_sd_jwt_repeat_the_credential(case: Case, change: Any, reason: str) -> None:
    whole = case.present("public", SdJwtType.DC)
    with pytest.raises(PassportError, match=reason):
        verify_sd_jwt(case.resigned(change, whole), case.key, at=NOW)


def test_the_type_is_one_of_two(case: Case) -> None:
    vc, dc = case.whole, case.present("public", SdJwtType.DC)
    assert read_sd_jwt(_with_type(case, "application/vc+sd-jwt", vc)).document == case.document
    assert read_sd_jwt(_with_type(case, "application/dc+sd-jwt", dc)).document == case.document
    with pytest.raises(PassportError, match=r"payload\.exp: not what the credential says"):
        read_sd_jwt(_with_type(case, "dc+sd-jwt", vc))
    with pytest.raises(PassportError, match="exp"):
        read_sd_jwt(_with_type(case, "vc+sd-jwt", dc))
    with pytest.raises(PassportError, match=r"expected typ vc\+sd-jwt or dc\+sd-jwt.*found vc\+jwt"):
        read_sd_jwt(_with_type(case, "vc+jwt", vc))


def _with_type(case: Case, stated: str, data: bytes | None = None) -> bytes:
    jwt, *disclosures = (data or case.whole).split(b"~")
    payload = read_jws(jwt).payload
    header = {**read_jws(jwt).header, "typ": stated}
    header.pop("alg")
    return b"~".join([sign_jws(header, payload, case.signer), *disclosures])


@pytest.mark.parametrize("days", [-1, 5000])
def test_an_sd_jwt_is_judged_at_a_moment(case: Case, days: int) -> None:
    with pytest.raises(PassportError, match="validFrom, validUntil: not valid at that moment"):
        verify_sd_jwt(case.whole, case.key, at=NOW + timedelta(days=days))


# Rows: an issuer that shows another row than it anchored, and holders who show too few or too many.


def replaced(case: Case, group: str, claim: str, *made: tuple[str, Any]) -> bytes:
    """The SD-JWT with another claim in one's place, hashed and signed by the issuer itself."""
    old = read_sd_jwt(case.whole).texts[group][claim]
    new = [disclosure(SALT, name, value) for name, value in made]

    def change(document: dict[str, Any]) -> None:
        digests = document["credentialSubject"]["contentSets"][group]["_sd"]
        digests[digests.index(digest_of_disclosure(old.decode()))] = digest_of_disclosure(new[0].decode())
        digests += [digest_of_disclosure(each.decode()) for each in new[1:]]

    return case.resigned(change).replace(old, b"~".join(new))


def to_legitimate(case: Case, data: bytes, *, rows: bool = True, role: str | None = "legitimate") -> SdJwtPassport:
    shown = [name for name in read_sd_jwt(data).texts[ROWS] if not name.startswith("_salt")] if rows else []
    return verify_sd_jwt(narrow_sd_jwt(data, show="124", show_rows=shown, role=role), case.key, at=NOW)


def row_of(case: Case) -> tuple[str, dict[str, Any]]:
    return next((name, row) for name, row in read_sd_jwt(case.whole).disclosed[ROWS].items() if name[0] == "u")


def test_a_false_row_under_a_true_hash(case: Case) -> None:
    name, row = row_of(case)
    false = {**row, "row": {**row["row"], "name": "Nothing"}}
    with pytest.raises(DisclosureError, match="rows: a row under the hash of another"):
        to_legitimate(case, replaced(case, ROWS, name, (name, false))).view_of("legitimate")
    own_hash = str(row_hash(**false))
    with pytest.raises(DisclosureError, match="rows: not the rows that the passport commits to for this role"):
        to_legitimate(case, replaced(case, ROWS, name, (own_hash, false))).view_of("legitimate")
    for odd in ("text", {"row": row["row"]}, {"row": [], "salt": row["salt"]}):
        with pytest.raises(DisclosureError, match="not a row with its salt"):
            to_legitimate(case, replaced(case, ROWS, name, (name, odd))).view_of("legitimate")


def test_a_row_that_nobody_can_hash_is_judged(case: Case) -> None:
    """What is shown fails, for its reason, and the passport is judged all the same: it is not at hand."""
    name, _ = row_of(case)
    shown = narrow_sd_jwt(
        replaced(case, ROWS, name, (name, {"row": {}, "salt": 5})), show="124", show_rows=[name], role="legitimate"
    )
    judged = judge_sd_jwt(shown, "legitimate", EmptySource(), trust=None, at=NOW)
    assert (judged.disclosure.outcome, judged.disclosed, judged.verdict) == (Outcome.FAILED, None, "failed")
    assert judged.disclosure.reason == "salt: not a salt"
    assert judged.report.verdict == "undecided"


def test_a_statement_that_cannot_be_read_is_judged(case: Case) -> None:
    """Whoever handed it over, the rows are shown to be of no statement that the passport pins."""

    class Broken(EmptySource):
        def statement(self, digest: str) -> bytes | None:
            return b"{ "

    judged = judge_sd_jwt(case.present("legitimate"), "legitimate", Broken(), trust=None, at=NOW)
    assert (judged.disclosure.outcome, judged.disclosed) == (Outcome.FAILED, None)


def test_rows_too_few_and_too_many(case: Case) -> None:
    name, row = row_of(case)
    assert to_legitimate(case, case.whole).view_of("legitimate").rows == (row["row"],)
    with pytest.raises(DisclosureError, match="one is withheld, added or changed"):
        to_legitimate(case, case.whole, rows=False).view_of("legitimate")
    with pytest.raises(DisclosureError, match="rows for legitimate: the salt of the role's rows is withheld"):
        to_legitimate(case, case.whole, role=None).view_of("legitimate")
    with pytest.raises(DisclosureError, match="rows for legitimate: the salt of the role's rows is withheld"):
        to_legitimate(case, case.whole, role="authority").view_of("legitimate")
    more = {**row, "row": {**row["row"], "id": "more"}}
    added = replaced(case, ROWS, name, (name, row), (str(row_hash(**more)), more))
    with pytest.raises(DisclosureError, match="one is withheld, added or changed"):
        to_legitimate(case, added).view_of("legitimate")
    everything = narrow_sd_jwt(case.whole, show="123", show_rows=[name], role="authority")
    with pytest.raises(DisclosureError, match="one is withheld, added or changed"):
        read_sd_jwt(everything).view_of("authority")  # this row is not for authorities
    with pytest.raises(DisclosureError, match="set 2: more is shown than public may see"):
        read_sd_jwt(case.whole).view_of("public")
    read = read_sd_jwt(case.whole)
    with pytest.raises(DisclosureError, match="rows for authority: more is shown than legitimate may see"):
        read.opened_rows("legitimate")


def test_a_stranger_signature(case: Case, world: World) -> None:
    stranger = world.rival.signer(SECRET)
    with pytest.raises(PassportError, match="the signature does not hold"):
        verify_sd_jwt(case.whole, lambda _: stranger.multikey, at=NOW)
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
        verify_sd_jwt(bytes(body), case.key, at=NOW)


@given(data=st.binary(max_size=100))
def test_bytes_that_are_no_sd_jwt(data: bytes) -> None:
    with pytest.raises(PassportError):
        read_sd_jwt(data)
