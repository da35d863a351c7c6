"""Write a passport with content sets as SD-JWT, with everything shown; `narrow_sd_jwt` then withholds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from passport.credentials.canonical import jcs
from passport.credentials.content_sets import commitments_of
from passport.credentials.disclosure import new_salt
from passport.credentials.jws import sign_jws
from passport.credentials.sd_jwt_parts import (
    AUDIENCE_SALT,
    ROWS,
    SET_SALT,
    SdJwtType,
    digest_of_disclosure,
    payload_of,
    write_disclosure,
)
from passport.credentials.vc_jwt import jwt_method
from passport.errors import UsageError

if TYPE_CHECKING:
    from passport.credentials.keys import Signer

PAD_TO: Final = 16
"""Digests of a group are filled up with decoys to a multiple of this, so that their number tells little."""


def sign_sd_jwt(
    document: Mapping[str, Any],
    openings: Mapping[str, Any],
    signer: Signer,
    *,
    random_bytes: Callable[[int], bytes],
    rows: Mapping[str, Mapping[str, Any]] | None = None,
    sd_jwt_type: SdJwtType = SdJwtType.VC,
) -> bytes:
    """Sign a passport as SD-JWT and show all of it.

    Args:
        document: The credential without proof, as it is anchored.
        openings: Values and salts of its content sets, as `commit` gave them.
        signer: The issuer's key.
        random_bytes: Secure randomness for salts and decoys.
        rows: Opened rows with their salts, by hash.
        sd_jwt_type: The type.

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
    groups[ROWS] = {
        f"{AUDIENCE_SALT}{role}": (new_salt(random_bytes), opened["salt"])
        for role, opened in openings["rowAudiences"].items()
    }
    groups[ROWS] |= {name: (new_salt(random_bytes), dict(row)) for name, row in (rows or {}).items()}
    shown: list[str] = []
    hidden: dict[str, list[str]] = {}
    for name, claims in groups.items():
        made = [write_disclosure(salt, claim, value) for claim, (salt, value) in claims.items()]
        digests = [digest_of_disclosure(each) for each in made]
        digests += [digest_of_disclosure(new_salt(random_bytes)) for _ in range(-len(digests) % PAD_TO)]
        hidden[name] = sorted(digests)
        shown += made
    header = {"typ": str(sd_jwt_type), "kid": jwt_method(signer)}
    if sd_jwt_type is SdJwtType.VC:
        header["cty"] = "vc"
    jwt = sign_jws(header, jcs(payload_of(document, hidden, sd_jwt_type)), signer)
    return b"~".join([jwt, *(each.encode() for each in shown), b""])
