"""Passports with content sets as SD-JWT (RFC 9901), of the types `vc+sd-jwt` and `dc+sd-jwt`, for other readers.

The payload is the anchored credential with one member more, `credentialSubject.contentSets`, and nothing else of it
can be withheld: `@context`, `type`, `issuer`, `credentialStatus` and the subject's id always stand there. Without that
member and those of the type its hash is the document hash that the ledger holds. Attributes and rows keep the salts
they have in the passport's commitments, so a role's whole view is checked against these, by the very functions that
judge a presentation. There is no key binding: a product's passport has no holder's key.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from passport.credentials.canonical import MAX_DOCUMENT_BYTES, jcs, parse_canonical
from passport.credentials.content_sets import attribute_hash, commitments_of
from passport.credentials.disclosure import OPENED_ROW_MEMBERS, check_salt, row_hash
from passport.credentials.jws import Jws, check_jws, read_jws
from passport.credentials.proof import KeyLookup, check_issuer
from passport.credentials.role_view import Disclosed, check_rows, check_sets
from passport.credentials.sd_jwt_parts import (
    AUDIENCE_SALT,
    MEMBER,
    ROWS,
    SET_SALT,
    SdJwtType,
    digest_of_disclosure,
    read_disclosure,
    split_payload,
)
from passport.credentials.validity import check_valid_at
from passport.errors import BoundError, DisclosureError, SchemaError, SignatureError
from passport.model import schema
from passport.model.digest import Digest, from_sha256

MEDIA_TYPES: Final = {each: f"application/{each}" for each in SdJwtType}
MAX_DISCLOSURES: Final = 60_000


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
            salt = check_salt(claims[SET_SALT])
            opened.append({"attributes": attributes, "hashes": sorted(hashes), "salt": salt, "set": name})
        return opened

    def opened_rows(self, role: str) -> dict[str, Any]:
        """The rows that are shown, as a presentation for that role has them, for `check_rows`.

        Raises:
            DisclosureError: No rows, rows under another's hash, or without the salt of that role's rows, or with that
                of another.
        """
        claims = self.disclosed[ROWS]
        salts = {name.removeprefix(AUDIENCE_SALT): each for name, each in claims.items() if _is_salt(name)}
        if role not in salts:
            raise DisclosureError("the salt of the role's rows is withheld", where=f"rows for {role}")
        other = next((each for each in sorted(salts) if each != role), None)
        if other is not None:
            raise DisclosureError(f"more is shown than {role} may see", where=f"rows for {other}")
        opened = []
        for name, each in sorted(claims.items()):
            if _is_salt(name):
                continue
            if not isinstance(each, dict) or each.keys() != OPENED_ROW_MEMBERS or not isinstance(each["row"], dict):
                raise DisclosureError("not a row with its salt", where=f"rows: {name}")
            found = row_hash(each["row"], each["salt"])
            if found != name:
                raise DisclosureError("a row under the hash of another", where="rows", expected=name, found=found)
            opened.append(each)
        hashes = sorted(name for name in claims if not _is_salt(name))
        return {"hashes": hashes, "opened": opened, "salt": check_salt(salts[role])}

    def view_of(self, role: str) -> Disclosed:
        """Check that what is shown is exactly a role's view, as the passport committed to it.

        Whether its rows are some of the passport's statement, which is not in an SD-JWT, is for `check_statement`.

        Raises:
            DisclosureError: More or less than that is shown, or something that was not committed to.
            UsageError: The role map has no such role.
        """
        sets = check_sets(self.document, self.opened_sets(), role)
        return Disclosed(role, sets, check_rows(self.document, self.opened_rows(role), role))


def narrow_sd_jwt(
    data: bytes, *, show: Collection[str], show_rows: Collection[str] = (), role: str | None = None
) -> bytes:
    """Withhold disclosures: what any holder can do with an SD-JWT, without a key.

    Args:
        data: The SD-JWT.
        show: The sets that stay.
        show_rows: The rows that stay, by hash.
        role: Whose rows they are: the salt of these rows stays, by which it can be told that none is withheld.

    Raises:
        PassportError: As `read_sd_jwt`.
    """
    read = read_sd_jwt(data)
    jwt, *disclosures, _ = data.split(b"~")
    of_rows = {*show_rows, *([] if role is None else [f"{AUDIENCE_SALT}{role}"])}
    stays = frozenset(
        text
        for name, claims in read.texts.items()
        for claim, text in claims.items()
        if (claim in of_rows if name == ROWS else name in show)
    )
    return b"~".join([jwt, *(each for each in disclosures if each in stays), b""])


def read_sd_jwt(data: bytes, *, max_bytes: int = MAX_DOCUMENT_BYTES) -> SdJwtPassport:
    """Take an SD-JWT of a passport apart: each disclosure in its place, each in it once (RFC 9901, section 7.1).

    Raises:
        BoundError: Too long, or too many disclosures.
        DocumentError: Not an SD-JWT, or a payload that is no passport of ours with content sets.
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
    kid, sd_jwt_type = jws.header.get("kid"), _type_of(jws)
    if sd_jwt_type is None or not isinstance(kid, str) or "#" not in kid:
        raise SignatureError(
            "not an SD-JWT of a credential",
            where="header",
            expected=f"typ {' or '.join(SdJwtType)} and a kid that is a DID URL",
            found=str(jws.header.get("typ"))[:80],
        )
    document, hidden = split_payload(parse_canonical(jws.payload), sd_jwt_type)
    schema.check("untp-dpp-0.7.0-issuing", document)
    commitments = commitments_of(document)
    if commitments is None or hidden.keys() != {*commitments["sets"], ROWS}:
        expected = ", ".join([*(commitments["sets"] if commitments else ()), ROWS])
        raise SchemaError("other groups than the passport's", where=MEMBER, expected=expected, found=", ".join(hidden))
    disclosed, salts, texts = _placed(disclosures[:-1], hidden)
    doc_hash = from_sha256(sha256(jcs(document)).digest())
    return SdJwtPassport(document, doc_hash, disclosed, salts, texts, kid, jws)


def verify_sd_jwt(
    data: bytes, key_lookup: KeyLookup, *, at: datetime, max_bytes: int = MAX_DOCUMENT_BYTES
) -> SdJwtPassport:
    """Read an SD-JWT, find its key, check its signature, that the key is its issuer's, and that it is valid.

    Args:
        data: The SD-JWT.
        key_lookup: Finds the key of a DID URL.
        at: The moment it must be valid at, aware.
        max_bytes: Longer ones are refused unread.

    Raises:
        PassportError: As `read_sd_jwt`, `check_jws`, `check_issuer` and `check_valid_at`, and whatever `key_lookup`
            raises.
    """
    read = read_sd_jwt(data, max_bytes=max_bytes)
    check_jws(read.jws, key_lookup(read.verification_method))
    check_issuer(read.document, read.verification_method)
    check_valid_at(read.document, at)
    return read


def _placed(
    disclosures: Collection[bytes], hidden: Mapping[str, Collection[str]]
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, str]], dict[str, dict[str, bytes]]]:
    """Values, salts and texts of the claims that are shown, each in its group."""
    places: dict[str, str] = {}
    for group, digests in hidden.items():
        for digest in digests:
            if digest in places:
                raise DisclosureError("one digest stands twice", where=f"{MEMBER}.{group}", found=digest)
            places[digest] = group
    disclosed: dict[str, dict[str, Any]] = {group: {} for group in hidden}
    salts: dict[str, dict[str, str]] = {group: {} for group in hidden}
    texts: dict[str, dict[str, bytes]] = {group: {} for group in hidden}
    for text in disclosures:
        salt, claim, value = read_disclosure(text)
        group = places.pop(digest_of_disclosure(text.decode("ascii")), "")
        if not group:
            raise DisclosureError("a disclosure that nothing signed refers to, or one shown twice", where=claim)
        if claim in disclosed[group]:
            raise DisclosureError("a disclosure under a name that is taken", where=f"{group}: {claim}")
        disclosed[group][claim], salts[group][claim], texts[group][claim] = value, salt, text
    return disclosed, salts, texts


def _type_of(jws: Jws) -> SdJwtType | None:
    stated = jws.header.get("typ")
    return next((each for each in SdJwtType if stated in (str(each), MEDIA_TYPES[each])), None)


def _is_salt(claim: str) -> bool:
    return claim.startswith(AUDIENCE_SALT)
