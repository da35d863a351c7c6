"""Passports with content sets as SD-JWT (RFC 9901) of the type `vc+sd-jwt`, for other readers.

The payload is the anchored credential with one member more, `credentialSubject.contentSets`, and nothing else of it
can be withheld: `@context`, `type`, `issuer`, `credentialStatus` and the subject's id always stand there. Without that
member (and `_sd_alg`) its hash is the document hash that the ledger holds. Attributes keep the salts they have in the
passport's commitments, so who is shown a whole set can check it against these as well.

Type and payload follow W3C, Securing Verifiable Credentials using JOSE and COSE, section 3.2. There is no key binding:
a product's passport has no holder's key.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from passport.credentials.canonical import MAX_DOCUMENT_BYTES, jcs, parse, parse_canonical
from passport.credentials.content_sets import attribute_hash, commitments_of
from passport.credentials.disclosure import check_salt, new_salt
from passport.credentials.jws import Jws, check_jws, read_jws, sign_jws
from passport.credentials.keys import Signer
from passport.credentials.multikey import base64url_decode, base64url_encode
from passport.credentials.proof import KeyLookup, check_issuer
from passport.credentials.vc_jwt import jwt_method
from passport.errors import BoundError, CredentialError, DisclosureError, SchemaError, SignatureError, UsageError
from passport.model.digest import Digest, from_sha256

MEDIA_TYPE: Final = "application/vc+sd-jwt"
MAX_DISCLOSURES: Final = 60_000
PAD_TO: Final = 16
"""Digests of a group are filled up with decoys to a multiple of this, so that their number tells little."""

MEMBER: Final = "contentSets"
SET_SALT: Final = "_salt"
ROWS: Final = "rows"
"""The group beside the sets: opened rows under the hashes that the statement lists."""

_RESERVED: Final = frozenset({"_sd", "..."})


@dataclass(frozen=True, slots=True)
class SdJwtPassport:
    """A passport out of an SD-JWT; its signature has not been verified yet.

    Attributes:
        document: The credential as it is anchored.
        doc_hash: Its document hash.
        disclosed: What is shown: claims by group, a set or `rows`.
        salts: The salt of each claim, likewise.
        texts: The disclosure of each claim as it was received, likewise.
        verification_method: The DID URL of the key.
        jws: The signature with its header.
    """

    document: dict[str, Any]
    doc_hash: Digest
    disclosed: Mapping[str, Mapping[str, Any]]
    salts: Mapping[str, Mapping[str, str]]
    texts: Mapping[str, Mapping[str, bytes]]
    verification_method: str
    jws: Jws

    def opened_sets(self) -> list[dict[str, Any]]:
        """The sets of which anything is shown, as a presentation has them, for `check_sets`.

        Raises:
            DisclosureError: A set without its own salt, which nobody can compare with the passport's commitment.
        """
        opened = []
        for name, claims in sorted(self.disclosed.items()):
            if name == ROWS or not claims:
                continue
            if SET_SALT not in claims:
                raise DisclosureError("the salt of the set is withheld", where=f"set {name}")
            attributes = [
                {"attribute": each, "salt": self.salts[name][each], "value": value}
                for each, value in sorted(claims.items())
                if each != SET_SALT
            ]
            hashes = [attribute_hash(self.document["id"], name, **each) for each in attributes]
            opened.append({"attributes": attributes, "hashes": sorted(hashes), "salt": claims[SET_SALT], "set": name})
        return opened


def sign_sd_jwt(
    document: Mapping[str, Any],
    openings: Mapping[str, Any],
    signer: Signer,
    *,
    random_bytes: Callable[[int], bytes],
    rows: Mapping[str, Mapping[str, Any]] | None = None,
    show: Collection[str] | None = None,
    show_rows: Collection[str] | None = None,
) -> bytes:
    """Sign a passport as SD-JWT and show a part of it.

    Args:
        document: The credential without proof, as it is anchored.
        openings: Values and salts of its content sets, as `commit` gave them.
        signer: The issuer's key.
        random_bytes: Secure randomness for salts and decoys.
        rows: Opened rows with their salts, by hash.
        show: The sets whose disclosures are added; None for all.
        show_rows: The rows whose disclosures are added, by hash; None for all.

    Raises:
        UsageError: A credential with a proof inside, or without content sets.
        PassportError: As `sign_jws`.
    """
    if "proof" in document or commitments_of(document) is None:
        raise UsageError("an SD-JWT is made of a passport without proof and with content sets")
    groups: dict[str, dict[str, tuple[str, Any]]] = {
        name: {
            SET_SALT: (new_salt(random_bytes), opened["salt"]),
            **{each: (given["salt"], given["value"]) for each, given in opened["attributes"].items()},
        }
        for name, opened in openings["sets"].items()
    }
    groups[ROWS] = {name: (new_salt(random_bytes), dict(row)) for name, row in (rows or {}).items()}
    shown: list[str] = []
    hidden: dict[str, Any] = {}
    for name, claims in groups.items():
        made = {claim: _disclosure(salt, claim, value) for claim, (salt, value) in claims.items()}
        digests = [_digest(each) for each in made.values()]
        digests += [_digest(new_salt(random_bytes)) for _ in range(-len(digests) % PAD_TO)]
        hidden[name] = {"_sd": sorted(digests)}
        if name == ROWS:
            shown += [each for claim, each in made.items() if show_rows is None or claim in show_rows]
        elif show is None or name in show:
            shown += made.values()
    payload = {
        **document,
        "_sd_alg": "sha-256",
        "credentialSubject": {**document["credentialSubject"], MEMBER: hidden},
    }
    header = {"typ": "vc+sd-jwt", "cty": "vc", "kid": jwt_method(signer)}
    jwt = sign_jws(header, jcs(payload), signer)
    return b"~".join([jwt, *(each.encode() for each in shown), b""])


def narrow_sd_jwt(data: bytes, *, show: Collection[str], show_rows: Collection[str] = ()) -> bytes:
    """Withhold disclosures: what any holder can do with an SD-JWT, without a key.

    Args:
        data: The SD-JWT.
        show: The sets that stay.
        show_rows: The rows that stay, by hash.

    Raises:
        PassportError: As `read_sd_jwt`.
    """
    read = read_sd_jwt(data)
    jwt, *disclosures, _ = data.split(b"~")
    stays = frozenset(
        text
        for name, claims in read.texts.items()
        for claim, text in claims.items()
        if (claim in show_rows if name == ROWS else name in show)
    )
    return b"~".join([jwt, *(each for each in disclosures if each in stays), b""])


def read_sd_jwt(data: bytes, *, max_bytes: int = MAX_DOCUMENT_BYTES) -> SdJwtPassport:
    """Take an SD-JWT of a passport apart: each disclosure in its place, each in it once (RFC 9901, section 7.1).

    Raises:
        BoundError: Too long, or too many disclosures.
        DocumentError: Not an SD-JWT, or a payload that is no passport with content sets.
        CanonicalError: A payload that is not in canonical form.
        SignatureError: An algorithm or type that we do not accept.
        DisclosureError: A disclosure that nothing signed refers to, or one under a name that is taken or reserved.
    """
    if len(data) > max_bytes:
        raise BoundError("the SD-JWT is too long", expected=f"at most {max_bytes} bytes", found=f"{len(data)} bytes")
    jwt, *disclosures = data.split(b"~")
    if not disclosures or disclosures[-1]:
        raise SchemaError(
            "not an SD-JWT without key binding", expected="a ~ at the end", hint="a passport has no holder's key"
        )
    if len(disclosures) > MAX_DISCLOSURES:
        raise BoundError("too many disclosures", expected=f"at most {MAX_DISCLOSURES}", found=len(disclosures))
    jws = read_jws(jwt, max_bytes=max_bytes)
    kid = jws.header.get("kid")
    if jws.header.get("typ") not in {"vc+sd-jwt", MEDIA_TYPE} or not isinstance(kid, str) or "#" not in kid:
        raise SignatureError(
            "not an SD-JWT of a credential", where="header", expected="typ vc+sd-jwt and a kid that is a DID URL"
        )
    payload = parse_canonical(jws.payload)
    hidden = _hidden(payload)
    places: dict[str, str] = {}
    for group, digests in hidden.items():
        for digest in digests:
            if digest in places:
                raise DisclosureError("one digest stands twice", where=f"contentSets.{group}", found=digest)
            places[digest] = group
    disclosed: dict[str, dict[str, Any]] = {group: {} for group in hidden}
    salts: dict[str, dict[str, str]] = {group: {} for group in hidden}
    texts: dict[str, dict[str, bytes]] = {group: {} for group in hidden}
    for text in disclosures[:-1]:
        salt, claim, value = _read_disclosure(text)
        group = places.pop(_digest(text.decode("ascii")), "")
        if not group:
            raise DisclosureError("a disclosure that nothing signed refers to, or one shown twice", where=claim)
        if claim in _RESERVED or claim in disclosed[group]:
            raise DisclosureError("a disclosure under a name that is taken", where=f"{group}: {claim}")
        disclosed[group][claim], salts[group][claim], texts[group][claim] = value, salt, text
    subject = {key: value for key, value in payload["credentialSubject"].items() if key != MEMBER}
    document = {key: value for key, value in payload.items() if key != "_sd_alg"} | {"credentialSubject": subject}
    doc_hash = from_sha256(sha256(jcs(document)).digest())
    return SdJwtPassport(document, doc_hash, disclosed, salts, texts, kid, jws)


def verify_sd_jwt(data: bytes, key_lookup: KeyLookup, *, max_bytes: int = MAX_DOCUMENT_BYTES) -> SdJwtPassport:
    """Read an SD-JWT, find its key, check its signature and that the key is its issuer's.

    Raises:
        PassportError: As `read_sd_jwt`, `check_jws` and `check_issuer`, and whatever `key_lookup` raises.
    """
    read = read_sd_jwt(data, max_bytes=max_bytes)
    check_jws(read.jws, key_lookup(read.verification_method))
    check_issuer(read.document, read.verification_method)
    return read


def _hidden(payload: Any) -> dict[str, Sequence[str]]:
    """The digests by group; whatever else could be hidden in a payload is refused."""
    subject = payload.get("credentialSubject") if isinstance(payload, dict) else None
    if not isinstance(subject, dict):
        raise SchemaError("not a credential of one subject", where="payload.credentialSubject")
    groups = subject.get(MEMBER)
    if not isinstance(groups, dict) or payload.get("_sd_alg") != "sha-256" or "proof" in payload:
        raise SchemaError(
            "not a passport whose content sets alone can be withheld", expected="_sd_alg sha-256 and contentSets"
        )
    found: dict[str, Sequence[str]] = {}
    for name, group in groups.items():
        digests = group.get("_sd") if isinstance(group, dict) and len(group) == 1 else None
        if not isinstance(digests, list) or not all(isinstance(each, str) and len(each) == 43 for each in digests):
            raise SchemaError("not a group of digests", where=f"credentialSubject.{MEMBER}.{name}")
        found[name] = digests
    rest = {**payload, "credentialSubject": {key: value for key, value in subject.items() if key != MEMBER}}
    if _has_reserved(rest):
        raise SchemaError("something else is hidden", where="payload", expected=f"_sd in {MEMBER} alone")
    return found


def _has_reserved(value: Any) -> bool:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if not _RESERVED.isdisjoint(each):
                return True
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return False


def _disclosure(salt: str, claim: str, value: Any) -> str:
    return base64url_encode(jcs([salt, claim, value]))


def _read_disclosure(text: bytes) -> tuple[str, str, Any]:
    try:
        array = parse(base64url_decode(text.decode("ascii"), max_characters=len(text)))
    except (CredentialError, UnicodeDecodeError) as error:
        raise DisclosureError("a disclosure that is no base64url", found=text[:40]) from error
    if not isinstance(array, list) or len(array) != 3 or not isinstance(array[1], str):
        raise DisclosureError("not a disclosure", expected="[salt, name, value]", found=str(array)[:80])
    if _has_reserved(array[2]):
        raise DisclosureError("a disclosure that hides others", where=array[1])
    return check_salt(array[0]), array[1], array[2]


def _digest(disclosure: str) -> str:
    return base64url_encode(sha256(disclosure.encode("ascii")).digest())
