"""DIDs: documents read strictly, keys found for a purpose, folders and caches; nothing here touches a network."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials import (
    CachingResolver,
    ChainOfResolvers,
    DidDocument,
    FileDidResolver,
    KeyDidResolver,
    build_did_web_document,
    did_key,
    jcs,
    jwk_to_multikey,
    key_for,
    key_lookup,
    multikey_to_jwk,
    parse_web_did,
    read_did_document,
)
from passport.errors import CredentialError, PassportError, ResolutionError, UsageError
from passport.model.digest import digest_of

ED = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
P256 = "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP"
P384 = "z82LkuBieyGShVBhvtE2zoiD6Kma4tJGFtkAhxR5pfkp5QPw4LutoYWhvQCnGjdVn14kujQ"
DID = "did:web:works.example:issuers:coil"
VCKIT = "did:web:uncefact.github.io:project-vckit:test-and-development"


def document(**changes: Any) -> bytes:
    """A DID document of one Multikey, with changes."""
    return jcs(
        {
            "id": DID,
            "verificationMethod": [
                {"id": f"{DID}#key-1", "type": "Multikey", "controller": DID, "publicKeyMultibase": ED}
            ],
            "assertionMethod": [f"{DID}#key-1"],
            **changes,
        }
    )


def method(**changes: Any) -> dict[str, Any]:
    """The method of `document`, with changes."""
    return {"id": f"{DID}#key-1", "type": "Multikey", "controller": DID, "publicKeyMultibase": ED, **changes}


@pytest.mark.parametrize(
    ("did", "host", "port", "path"),
    [  # did:web method specification, section 3.2
        ("did:web:w3c-ccg.github.io", "w3c-ccg.github.io", None, "/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "w3c-ccg.github.io", None, "/user/alice/did.json"),
        ("did:web:example.com%3A3000:user:alice", "example.com", 3000, "/user/alice/did.json"),
        ("did:web:example.com%3a3000", "example.com", 3000, "/.well-known/did.json"),
        ("did:web:Example.COM", "example.com", None, "/.well-known/did.json"),
    ],
)
def test_web_dids_become_places(did: str, host: str, port: int | None, path: str) -> None:
    web = parse_web_did(did)
    assert (web.host, web.port, web.url_path) == (host, port, path)


@pytest.mark.parametrize(
    ("did", "reason"),
    [
        ("did:key:z6Mk", "not a did:web"),
        ("did:web", "not a did:web"),
        ("did:web:", "not a host name"),
        ("did:web:a b", "not a host name"),
        ("did:web:-a.example", "not a host name"),
        ("did:web:a..example", "not a host name"),
        ("did:web:user@a.example", "not a host name"),
        ("did:web:a.example/path", "not a host name"),
        ("did:web:a.example%2Fpath", "not a host name"),
        ("did:web:a.example?x", "not a host name"),
        ("did:web:127.0.0.1", "not an IP address"),
        ("did:web:2130706433", "not an IP address"),
        ("did:web:0x7f.1", "not an IP address"),
        ("did:web:a.0x7f000001", "not an IP address"),
        ("did:web:%5B%3A%3A1%5D", "not a host name"),
        ("did:web:a.example%3A0", "not a port"),
        ("did:web:a.example%3A70000", "not a port"),
        ("did:web:a.example%3A", "not a port"),
        ("did:web:a.example:..", "not a path"),
        ("did:web:a.example:.", "not a path"),
        ("did:web:a.example::b", "not a path"),
        ("did:web:a.example:b%2F..", "not a path"),
        ("did:web:a.example:b/c", "not a path"),
        ("did:web:a.example:b\n", "not a path"),
        ("did:web:" + "a." * 600 + "example", "not a did:web"),
        ("did:web:" + "a." * 127 + "example", "not a host name"),
    ],
)
def test_odd_web_dids_are_refused(did: str, reason: str) -> None:
    with pytest.raises(ResolutionError, match=reason):
        parse_web_did(did)


@given(st.text(max_size=30).map(lambda text: "did:web:" + text))
def test_no_web_did_leaves_the_folder(did: str) -> None:
    folder = Path("/folder")
    try:
        path = FileDidResolver(folder).path_of(did)
    except ResolutionError as error:
        path = folder / str(error.message)
    assert folder in path.parents
    assert ".." not in path.parts


@pytest.mark.parametrize("multikey", [ED, P256, P384])
def test_did_key_is_its_own_document(multikey: str) -> None:
    did = did_key(multikey)
    found = KeyDidResolver().resolve(did)
    assert found.id == did == f"did:key:{multikey}"
    assert key_for(found, f"{did}#{multikey}") == multikey
    assert key_lookup(KeyDidResolver())(f"{did}#{multikey}") == multikey


@pytest.mark.parametrize(
    ("did", "reason"),
    [
        ("did:web:a.example", "not a did:key"),
        ("did:key:", "not a did:key we can use"),
        ("did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme", "a kind of key we do not verify with"),
        ("did:key:z6Mk0", "not base58btc"),
        ("did:key:" + "z" * 2000, "not a did:key"),
    ],
)
def test_odd_did_keys_are_refused(did: str, reason: str) -> None:
    with pytest.raises(ResolutionError, match=reason):
        KeyDidResolver().resolve(did)


def test_our_document_lists_each_key_twice_and_in_order() -> None:
    data = build_did_web_document(
        DID,
        multikeys=[ED, P256, P384],
        also_known_as=["did:pkh:eip155:1:0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb"],
        services=[{"id": f"{DID}#dia", "type": "untp:dia", "serviceEndpoint": "https://register.example/1"}],
    )
    assert data == jcs(json.loads(data))
    found = read_did_document(data, did=DID)
    assert found.digest == digest_of(data)
    assert found.also_known_as == ("did:pkh:eip155:1:0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb",)
    for number, multikey in enumerate([ED, P256, P384], start=1):
        assert key_for(found, f"{DID}#key-{number}") == key_for(found, f"{DID}#key-{number}-jwk") == multikey
    published = json.loads(data)
    assert [entry["type"] for entry in published["verificationMethod"]] == ["Multikey", "JsonWebKey"] * 3
    assert published["service"][0]["type"] == "untp:dia"
    with pytest.raises(ResolutionError, match="not a did:web"):
        build_did_web_document("did:key:z6Mk", multikeys=[ED])
    with pytest.raises(CredentialError, match="without a key"):
        build_did_web_document(DID, multikeys=[])
    with pytest.raises(CredentialError, match="begins with z"):
        build_did_web_document(DID, multikeys=["6Mk"])


def test_the_published_document_of_the_un_verifier_reads(shared: Path) -> None:
    data = (shared / "standards/untp/signed-samples/did-web-uncefact-vckit-test.did.json").read_bytes()
    found = read_did_document(data, did=VCKIT)
    fragment = "7af136a8efa11a4df2e9010b972bdb92a0013724b50e5efa45407a2ddea184e6"
    expected = jwk_to_multikey({"kty": "OKP", "crv": "Ed25519", "x": "evE2qO-hGk3y6QELlyvbkqABNyS1Dl76RUB6Ld6hhOY"})
    assert key_for(found, f"{VCKIT}#{fragment}-JsonWebKey-key-0") == expected
    with pytest.raises(ResolutionError, match=r"a kind of key we do not verify with|not listed under"):
        key_for(found, f"{VCKIT}#{fragment}-JsonWebKey-key-1")


def test_methods_may_be_embedded_or_relative() -> None:
    embedded = document(verificationMethod=[], assertionMethod=[method()])
    assert key_for(read_did_document(embedded, did=DID), f"{DID}#key-1") == ED
    relative = document(verificationMethod=[method(id="#key-1")], assertionMethod=["#key-1"])
    assert key_for(read_did_document(relative, did=DID), f"{DID}#key-1") == ED


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html>", "not a DID document: not JSON"),
        (b"[]", "not a DID document; expected a JSON object"),
        (b'{"id":"' + DID.encode() + b'","id":"x"}', "twice in one object"),
        (b" " * (256 * 1024 + 1), "too long"),
        (document(id="did:web:other.example"), "belongs to another DID; .* found did:web:other.example"),
        (document(id=None), "belongs to another DID"),
        (document(verificationMethod={}), "verificationMethod is not a list"),
        (document(assertionMethod="x"), "assertionMethod is not a list"),
        (document(assertionMethod=[f"{DID}#key-1"] * 257), "assertionMethod is not a list of at most 256"),
        (document(assertionMethod=[7]), "a verification method without an id"),
        (document(verificationMethod=["x"]), "a verification method without an id"),
        (document(verificationMethod=[{"id": 7}]), "a verification method without an id"),
        (document(verificationMethod=[{"id": "#a", "type": "Multikey"}]), "without a controller"),
        (document(verificationMethod=[method(), method()]), "two verification methods with one id"),
        (document(assertionMethod=[method(publicKeyMultibase=P256)]), "two verification methods with one id"),
        (document(verificationMethod=[method(publicKeyMultibase=7)]), "without publicKeyMultibase"),
        (document(verificationMethod=[method(publicKeyMultibase="z6Mk0")]), "with a bad key: not base58btc"),
        (document(verificationMethod=[method(type="JsonWebKey")]), "without publicKeyJwk"),
        (
            document(
                verificationMethod=[method(type="JsonWebKey", publicKeyJwk={"kty": "OKP", "crv": "X448", "d": "A"})]
            ),
            "with its private part",
        ),
        (document(verificationMethod=[method(revoked=True)]), "whose end is not a time"),
        (document(alsoKnownAs=[7]), "alsoKnownAs holds something that is not a text"),
    ],
)
def test_odd_documents_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ResolutionError, match=reason):
        read_did_document(data, did=DID)


@pytest.mark.parametrize(
    ("data", "named", "reason"),
    [
        (document(), DID, "a DID URL with a fragment"),
        (document(), f"{DID}#", "a DID URL with a fragment"),
        (document(), "did:web:other.example#key-1", "the method belongs to another DID"),
        (document(), f"{DID}#key-2", "no such method; found .*#key-2"),
        (document(assertionMethod=[]), f"{DID}#key-1", "not listed under assertionMethod"),
        (
            document(assertionMethod=[], authentication=[f"{DID}#key-1"]),
            f"{DID}#key-1",
            "not listed under assertionMethod",
        ),
        (document(verificationMethod=[method(controller="did:web:b.example")]), f"{DID}#key-1", "another DID controls"),
        (document(verificationMethod=[method(type="Ed448")]), f"{DID}#key-1", "a kind of key we do not verify with"),
        (
            document(
                verificationMethod=[method(publicKeyMultibase="zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme")]
            ),
            f"{DID}#key-1",
            "a kind of key we do not verify with",
        ),
    ],
)
def test_keys_that_are_not_given_out(data: bytes, named: str, reason: str) -> None:
    found = read_did_document(data, did=DID)
    with pytest.raises(ResolutionError, match=reason):
        key_for(found, named)


@pytest.mark.parametrize(
    "said", [{"use": "enc"}, {"key_ops": ["deriveKey"]}, {"key_ops": "verify"}, {"alg": "RS256"}, {"alg": "ES256"}]
)
def test_a_jwk_for_something_else_verifies_nothing(said: dict[str, Any]) -> None:
    """RFC 7517: a key says what it is for, and an encryption key listed by mistake signs nothing."""
    good = method(type="JsonWebKey", publicKeyMultibase=..., publicKeyJwk=multikey_to_jwk(ED))
    good = {name: value for name, value in good.items() if value is not ...}
    for fine in ({}, {"use": "sig", "key_ops": ["verify"], "alg": "EdDSA"}, {"alg": "Ed25519"}):
        named = {**good, "publicKeyJwk": {**good["publicKeyJwk"], **fine}}
        assert key_for(read_did_document(document(verificationMethod=[named]), did=DID), f"{DID}#key-1") == ED
    named = {**good, "publicKeyJwk": {**good["publicKeyJwk"], **said}}
    found = read_did_document(document(verificationMethod=[named]), did=DID)
    with pytest.raises(ResolutionError, match="a kind of key we do not verify with"):
        key_for(found, f"{DID}#key-1")


def test_a_method_has_one_key() -> None:
    with pytest.raises(ResolutionError, match="two keys in one method"):
        read_did_document(document(verificationMethod=[method(publicKeyJwk=multikey_to_jwk(ED))]), did=DID)


@pytest.mark.parametrize("word", ["revoked", "expires"])
def test_a_dated_end_is_judged_at_the_given_time(word: str, now: datetime) -> None:
    found = read_did_document(document(verificationMethod=[method(**{word: "2026-11-22T10:00:00Z"})]), did=DID)
    assert key_for(found, f"{DID}#key-1", at=now - timedelta(seconds=1)) == ED
    for at in (now, None):
        with pytest.raises(ResolutionError, match=rf"had ended \({word}\)"):
            key_for(found, f"{DID}#key-1", at=at)
    odd = read_did_document(document(verificationMethod=[method(**{word: "soon"})]), did=DID)
    with pytest.raises(ResolutionError, match="had ended"):
        key_for(odd, f"{DID}#key-1", at=now)


def test_a_folder_holds_documents_by_host(tmp_path: Path) -> None:
    resolver = FileDidResolver(tmp_path)
    for did, place in (
        (DID, "works.example/issuers/coil/did.json"),
        ("did:web:works.example", "works.example/.well-known/did.json"),
        ("did:web:works.example%3A8443", "works.example%3A8443/.well-known/did.json"),
    ):
        assert resolver.path_of(did) == tmp_path / place
        with pytest.raises(ResolutionError, match="no DID document on file: No such file"):
            resolver.resolve(did)
        resolver.path_of(did).parent.mkdir(parents=True)
        resolver.path_of(did).write_bytes(build_did_web_document(did, multikeys=[ED]))
        assert key_lookup(resolver)(f"{did}#key-1") == ED
    resolver.path_of(DID).write_bytes(b" " * 300_000)
    with pytest.raises(ResolutionError, match="too long"):
        resolver.resolve(DID)


def test_a_chain_takes_the_first_answer_and_tells_every_reason(tmp_path: Path) -> None:
    chain = ChainOfResolvers([KeyDidResolver(), FileDidResolver(tmp_path)])
    assert chain.resolve(did_key(ED)).id == did_key(ED)
    with pytest.raises(
        ResolutionError, match=r"KeyDidResolver: .*not a did:key.*FileDidResolver: .*no DID document on file"
    ):
        chain.resolve(DID)
    with pytest.raises(UsageError, match="without a resolver"):
        ChainOfResolvers([])


class Counting:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def resolve(self, did: str) -> DidDocument:
        """Answer for did:key only."""
        self.asked.append(did)
        return KeyDidResolver().resolve(did)


def test_a_cache_remembers_for_a_while_and_not_without_bound(now: datetime) -> None:
    time = [now]
    inner = Counting()
    cache = CachingResolver(inner, clock=lambda: time[0], lifetime=timedelta(minutes=5), max_entries=2)
    a, b, c = did_key(ED), did_key(P256), did_key(P384)
    assert cache.resolve(a) == cache.resolve(a)
    assert inner.asked == [a]
    time[0] = now + timedelta(minutes=5)
    cache.resolve(a)
    assert inner.asked == [a, a]
    cache.resolve(b)
    cache.resolve(a)  # now b is the one asked for longest ago
    cache.resolve(c)
    cache.resolve(a)
    assert inner.asked == [a, a, b, c]
    cache.resolve(b)
    assert inner.asked == [a, a, b, c, b]
    for _ in range(2):
        with pytest.raises(ResolutionError, match="not a did:key"):
            cache.resolve(DID)
    assert inner.asked[-2:] == [DID, DID]


JSON_VALUE = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-9, 9), st.sampled_from(["", "#key-1", f"{DID}#key-1", ED, "Multikey"])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from([*method(), "crv"]), inner)),
    max_leaves=8,
)


@given(st.sampled_from([*json.loads(document()), "alsoKnownAs", "authentication"]), JSON_VALUE)
def test_reading_raises_nothing_but_our_errors(member: str, value: Any) -> None:
    def attempt(read: Callable[[], str]) -> str:
        try:
            return read()
        except PassportError:
            return ED

    data = document(**{member: value})
    assert (
        attempt(lambda: key_for(read_did_document(data, did=DID), f"{DID}#key-1", at=datetime(2026, 1, 1, tzinfo=UTC)))
        == ED
    )
