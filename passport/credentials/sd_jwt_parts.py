"""The parts of an SD-JWT (RFC 9901): disclosures and their digests, and the two types of payload around a passport.

    vc+sd-jwt   W3C, Securing Verifiable Credentials using JOSE and COSE, section 3.2: the credential as payload
    dc+sd-jwt   IETF draft "SD-JWT VC": claims of a JWT, of which `vct` names the type of credential

A payload of either type is the anchored credential with the members of its type added. They only repeat what the
credential says, so a reader takes them off again, sees that they do, and has the document whose hash is anchored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from passport.credentials.canonical import jcs, parse
from passport.credentials.disclosure import check_salt
from passport.credentials.multikey import base64url_decode, base64url_encode
from passport.errors import CredentialError, DisclosureError, SchemaError

VCT: Final = "urn:carbon-passport:vct:digital-product-passport:1"
"""The type of credential that `vct` names: a passport of ours with the groups of `GROUPS`."""

MEMBER: Final = "contentSets"
SET_SALT: Final = "_salt"
ROWS: Final = "rows"
"""The group beside the sets: opened rows under the hashes that the statement lists, and the salts of audiences."""

AUDIENCE_SALT: Final = "_salt."
"""Before a role: the salt of that role's rows, in the group of rows."""

HASH_NAME: Final = "sha-256"
_RESERVED: Final = frozenset({"_sd", "..."})


class SdJwtType(StrEnum):
    """The types of SD-JWT, as `typ` says them; `application/` may stand before either."""

    VC = "vc+sd-jwt"
    DC = "dc+sd-jwt"


def payload_of(
    document: Mapping[str, Any], groups: Mapping[str, Sequence[str]], sd_jwt_type: SdJwtType
) -> dict[str, Any]:
    """The payload around a credential.

    Args:
        document: The credential as it is anchored.
        groups: The digests of each group of claims.
        sd_jwt_type: The type.
    """
    subject = {**document["credentialSubject"], MEMBER: {name: {"_sd": list(each)} for name, each in groups.items()}}
    added = _registered(document) if sd_jwt_type is SdJwtType.DC else {}
    return {**document, **added, "_sd_alg": HASH_NAME, "credentialSubject": subject}


def split_payload(payload: Any, sd_jwt_type: SdJwtType) -> tuple[dict[str, Any], dict[str, Sequence[str]]]:
    """The credential in a payload, and the digests by group; whatever else could be hidden in one is refused.

    Raises:
        SchemaError: Not such a payload, or claims of its type that say another thing than the credential.
    """
    subject = payload.get("credentialSubject") if isinstance(payload, dict) else None
    if not isinstance(subject, dict):
        raise SchemaError("not a credential of one subject", where="payload.credentialSubject")
    groups = subject.get(MEMBER)
    if not isinstance(groups, dict) or payload.get("_sd_alg") != HASH_NAME or "proof" in payload:
        raise SchemaError(
            "not a passport whose content sets alone can be withheld", expected=f"_sd_alg {HASH_NAME} and {MEMBER}"
        )
    found: dict[str, Sequence[str]] = {}
    for name, group in groups.items():
        digests = group.get("_sd") if isinstance(group, dict) and len(group) == 1 else None
        if not isinstance(digests, list) or not all(isinstance(each, str) and len(each) == 43 for each in digests):
            raise SchemaError("not a group of digests", where=f"credentialSubject.{MEMBER}.{name}")
        found[name] = digests
    shorter = {key: value for key, value in subject.items() if key != MEMBER}
    document = {key: value for key, value in payload.items() if key != "_sd_alg"} | {"credentialSubject": shorter}
    if has_reserved(document):
        raise SchemaError("something else is hidden", where="payload", expected=f"_sd in {MEMBER} alone")
    if sd_jwt_type is SdJwtType.DC:
        stated = {name: document.pop(name, None) for name in ("exp", "iss", "nbf", "vct")}
        try:
            expected = _registered(document)
        except (KeyError, TypeError, ValueError) as error:
            raise SchemaError("not a passport", where="payload", found=str(error)[:80]) from error
        for name, value in stated.items():
            if type(value) is not type(expected[name]) or value != expected[name]:
                raise SchemaError(
                    "not what the credential says", where=f"payload.{name}", expected=expected[name], found=value
                )
    return document, found


def _registered(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a JWT of this type says of itself, in seconds where it is a time (RFC 7519, section 4.1)."""
    return {
        "exp": int(datetime.fromisoformat(document["validUntil"]).timestamp()),
        "iss": document["issuer"]["id"],
        "nbf": int(datetime.fromisoformat(document["validFrom"]).timestamp()),
        "vct": VCT,
    }


def write_disclosure(salt: str, claim: str, value: Any) -> str:
    """A disclosure."""
    return base64url_encode(jcs([salt, claim, value]))


def read_disclosure(text: bytes) -> tuple[str, str, Any]:
    """Salt, name and value of a disclosure.

    Raises:
        DisclosureError: It is none, or one that hides others.
        SchemaError: Its salt is not 128 bits.
    """
    try:
        array = parse(base64url_decode(text.decode("ascii"), max_characters=len(text)))
    except (CredentialError, UnicodeDecodeError) as error:
        raise DisclosureError("a disclosure that is no base64url", found=text[:40]) from error
    if not isinstance(array, list) or len(array) != 3 or not isinstance(array[1], str):
        raise DisclosureError("not a disclosure", expected="[salt, name, value]", found=str(array)[:80])
    if has_reserved(array[2]):
        raise DisclosureError("a disclosure that hides others", where=array[1])
    if array[1] in _RESERVED:
        raise DisclosureError("a disclosure under a name that is reserved", where=array[1])
    return check_salt(array[0]), array[1], array[2]


def digest_of_disclosure(disclosure: str) -> str:
    """What a payload holds in the place of a disclosure."""
    return base64url_encode(sha256(disclosure.encode("ascii")).digest())


def has_reserved(value: Any) -> bool:
    """Whether anything in a value is hidden, or refers to what is."""
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
