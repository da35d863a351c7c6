"""Content sets under salted commitments: a passport binds every set, and a reader is shown the sets of a role alone.

    attribute  SHA-256(JCS({"attribute", "domain", "passport", "salt", "set", "value"}))
    set        SHA-256(JCS({"attributes": [hash of each attribute, sorted], "domain", "passport", "salt", "set"}))
    audience   SHA-256(JCS({"domain", "passport", "role", "rows": [hash of each row, sorted], "salt"}))

Every salt has 128 bits, each `domain` names what is hashed, and each hash names the passport: so no value can be opened
as another field's, set's or passport's, and a commitment tells neither what is in a set nor how much.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from passport.credentials.canonical import jcs
from passport.credentials.disclosure import check_salt, new_salt
from passport.model.content import ContentSets
from passport.model.digest import Digest, digest_of
from passport.model.role_map import role_map

COMMITMENTS_FORMAT: Final = "carbon-passport/content-sets/1.0"
OPENINGS_FORMAT: Final = "carbon-passport/content-openings/1.0"
ATTRIBUTE_DOMAIN: Final = "urn:carbon-passport:hash:content-attribute:1"
SET_DOMAIN: Final = "urn:carbon-passport:hash:content-set:1"
AUDIENCE_DOMAIN: Final = "urn:carbon-passport:hash:row-audience:1"


class Committed(NamedTuple):
    """What a passport says of its content sets, and what opens it.

    Attributes:
        commitments: The member of the passport: public, one digest for each set and each role, whatever they hold.
        openings: Values and salts, for the issuer's own store.
    """

    commitments: dict[str, Any]
    openings: dict[str, Any]


def attribute_hash(passport_id: str, set_name: str, attribute: str, salt: str, value: Any) -> Digest:
    """The salted hash of one attribute.

    Raises:
        SchemaError: `salt` is not 128 bits in strict base64url.
        CanonicalError: `value` has no canonical form.
    """
    named = {"attribute": attribute, "domain": ATTRIBUTE_DOMAIN, "passport": passport_id, "set": set_name}
    return digest_of(jcs({**named, "salt": check_salt(salt), "value": value}))


def set_commitment(passport_id: str, set_name: str, salt: str, hashes: Sequence[str]) -> Digest:
    """The commitment to one set.

    Args:
        passport_id: The passport's id.
        set_name: The set.
        salt: The set's own salt.
        hashes: Of its attributes, in any order.

    Raises:
        SchemaError: `salt` is not 128 bits in strict base64url.
    """
    named = {"domain": SET_DOMAIN, "passport": passport_id, "set": set_name}
    return digest_of(jcs({**named, "attributes": sorted(hashes), "salt": check_salt(salt)}))


def audience_commitment(passport_id: str, role: str, salt: str, hashes: Sequence[str]) -> Digest:
    """The commitment to the rows that a role may see.

    Args:
        passport_id: The passport's id.
        role: Who may see them.
        salt: The audience's own salt.
        hashes: Of the rows, as the statement lists them, in any order.

    Raises:
        SchemaError: `salt` is not 128 bits in strict base64url.
    """
    named = {"domain": AUDIENCE_DOMAIN, "passport": passport_id, "role": role}
    return digest_of(jcs({**named, "rows": sorted(hashes), "salt": check_salt(salt)}))


def commit(
    content: ContentSets,
    *,
    passport_id: str,
    rows: Mapping[str, Sequence[str]],
    random_bytes: Callable[[int], bytes],
) -> Committed:
    """Commit to every set and every audience of a role map, those with nothing in them included.

    Args:
        content: What the issuer states.
        passport_id: The id that the passport will have.
        rows: Hashes of the rows each role may see; a role that is not named sees none.
        random_bytes: Secure randomness for the salts.

    Raises:
        CanonicalError: A value has no canonical form.
    """
    sets: dict[str, Any] = {}
    opened_sets: dict[str, Any] = {}
    for name in content.set_names:
        attributes = {
            attribute: {"salt": new_salt(random_bytes), "value": value}
            for attribute, value in content.values_of(name).items()
        }
        salt = new_salt(random_bytes)
        hashes = [attribute_hash(passport_id, name, each, **given) for each, given in attributes.items()]
        sets[name] = set_commitment(passport_id, name, salt, hashes)
        opened_sets[name] = {"attributes": attributes, "salt": salt}
    audiences: dict[str, Any] = {}
    opened_audiences: dict[str, Any] = {}
    for role in role_map(content.role_map).roles:
        salt = new_salt(random_bytes)
        shown = sorted(rows.get(role, ()))
        audiences[role] = audience_commitment(passport_id, role, salt, shown)
        opened_audiences[role] = {"rows": shown, "salt": salt}
    return Committed(
        {"format": COMMITMENTS_FORMAT, "roleMap": content.role_map, "rowAudiences": audiences, "sets": sets},
        {
            "format": OPENINGS_FORMAT,
            "passport": passport_id,
            "roleMap": content.role_map,
            "rowAudiences": opened_audiences,
            "sets": opened_sets,
        },
    )


def commitments_of(credential: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a passport says of its content sets; None when it says nothing.

    Args:
        credential: The passport, already judged by the issuing schema.
    """
    stated: Mapping[str, Any] | None = credential["credentialSubject"]["characteristics"]["carbonPassport"].get(
        "contentSets"
    )
    return stated
