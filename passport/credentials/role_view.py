"""A role's view of a passport: whether what is shown is all that the role may see, unchanged, and nothing else.

The passport's own commitments decide; it does not matter how the view came, as a presentation or as an SD-JWT.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from passport.credentials.canonical import jcs
from passport.credentials.content_sets import attribute_hash, audience_commitment, commitments_of, set_commitment
from passport.credentials.disclosure import row_hash
from passport.errors import DisclosureError, PassportError
from passport.model import schema
from passport.model.content import check_content_value
from passport.model.credential import LINK_STATEMENT
from passport.model.digest import digest_of
from passport.model.role_map import role_map


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What a role was shown, all of it as the passport committed to it.

    Attributes:
        role: Who may see it.
        sets: Attributes and values, by set.
        rows: The rows of the footprint.
    """

    role: str
    sets: Mapping[str, Mapping[str, Any]]
    rows: tuple[Mapping[str, Any], ...]


def check_disclosure(passport: Mapping[str, Any], disclosure: Mapping[str, Any], role: str) -> Disclosed:
    """Check that what is shown is exactly what a role may see: all of it, unchanged, and nothing else.

    Args:
        passport: The passport without proof, already judged by the issuing schema.
        disclosure: What is shown, already judged by the schema of presentations.
        role: Who looks at it.

    Raises:
        DisclosureError: More or less than that is shown, or something that was not committed to; says what and where.
        UsageError: The passport names a role map that nobody here knows, or one without that role.
    """
    # 1. What the role may see, by the passport's role map as it is known here.
    commitments = commitments_of(passport)
    if commitments is None:
        raise DisclosureError("the passport commits to no content sets", where=passport["id"])
    role_map(commitments["roleMap"]).sets_of(role)
    if disclosure["role"] != role:
        raise DisclosureError("made for another role", where="role", expected=role, found=disclosure["role"])
    # 2. The sets, each of them as it was committed to.
    sets = check_sets(passport, disclosure["sets"], role)
    # 3. The rows of its audience, each a row of the statement that the passport pins.
    rows = check_rows(passport, disclosure["rows"], role)
    if bool(rows) != ("statement" in disclosure):
        raise DisclosureError(
            "a statement is shown with rows and only with them", where="statement", found=f"{len(rows)} rows"
        )
    if rows:
        check_statement(passport, disclosure["statement"], disclosure["rows"]["hashes"])
    return Disclosed(role, sets, rows)


def check_sets(
    passport: Mapping[str, Any], opened: Sequence[Mapping[str, Any]], role: str
) -> dict[str, dict[str, Any]]:
    """Check that opened sets are exactly those of a role, whole and unchanged.

    Args:
        passport: The passport without proof, already judged by the issuing schema.
        opened: The sets in order, each with its salt, hashes and opened attributes.
        role: Who looks at them.

    Returns:
        Attributes and values by set.

    Raises:
        DisclosureError: More or less than that is shown, or something that was not committed to.
        UsageError: The passport names a role map that nobody here knows, or one without that role.
    """
    commitments = commitments_of(passport)
    if commitments is None:
        raise DisclosureError("the passport commits to no content sets", where=passport["id"])
    names = role_map(commitments["roleMap"]).sets_of(role)
    # 1. These sets, each once.
    shown = [each["set"] for each in opened]
    surplus = next((name for name in shown if name not in names), None)
    if surplus is not None:
        raise DisclosureError(
            f"more is shown than {role} may see", where=f"set {surplus}", expected=f"the sets {', '.join(names)}"
        )
    lacking = next((name for name in names if name not in shown), None)
    if lacking is not None:
        raise DisclosureError("a set is withheld", where=f"set {lacking}", expected=f"the sets {', '.join(names)}")
    if shown != list(names):
        raise DisclosureError("a set is shown twice or out of order", where="sets", found=", ".join(shown))
    # 2. Each set as committed, each attribute opened, none under two values or in two sets.
    sets = {each["set"]: _check_set(passport["id"], each, commitments["sets"][each["set"]]) for each in opened}
    at: dict[str, str] = {}
    for name, attributes in sets.items():
        for attribute in attributes:
            if attribute in at:
                raise DisclosureError(
                    "one attribute in two sets", where=f"set {name}: {attribute}", found=f"also in set {at[attribute]}"
                )
            at[attribute] = name
    return sets


def _check_set(passport_id: str, shown: Mapping[str, Any], commitment: str) -> dict[str, Any]:
    name, hashes = shown["set"], shown["hashes"]
    where = f"set {name}"
    if hashes != sorted(set(hashes)):
        raise DisclosureError("hashes out of order or twice", where=where)
    found = set_commitment(passport_id, name, shown["salt"], hashes)
    if found != commitment:
        raise DisclosureError(
            "not the set that the passport commits to: a hash is withheld, added or changed",
            where=where,
            expected=commitment,
            found=found,
        )
    values: dict[str, Any] = {}
    committed, opened = frozenset(hashes), set[str]()
    for each in shown["attributes"]:
        attribute, value = each["attribute"], each["value"]
        place = f"{where}: {attribute}"
        hashed = attribute_hash(passport_id, name, attribute, each["salt"], value)
        if hashed not in committed:
            raise DisclosureError("not the value that was committed to for this attribute", where=place, found=hashed)
        if attribute in values:
            raise DisclosureError("one attribute is opened twice, differently or not", where=place)
        try:
            check_content_value(value)
        except ValueError as error:
            raise DisclosureError(f"not a value of an attribute: {error}", where=place) from error
        values[attribute] = value
        opened.add(hashed)
    if len(opened) != len(hashes):
        raise DisclosureError(
            "attributes are withheld",
            where=where,
            expected=f"{len(hashes)} attributes",
            found=f"{len(opened)} attributes",
        )
    return values


def check_rows(passport: Mapping[str, Any], shown: Mapping[str, Any], role: str) -> tuple[Mapping[str, Any], ...]:
    """Check that opened rows are exactly those of a role, whole and unchanged; `check_statement` says whose they are.

    Args:
        passport: The passport without proof, already judged by the issuing schema.
        shown: The audience's salt, its hashes and its opened rows.
        role: Who looks at them.

    Raises:
        DisclosureError: More or less than that is shown, or something that was not committed to.
    """
    commitments = commitments_of(passport)
    if commitments is None:
        raise DisclosureError("the passport commits to no content sets", where=passport["id"])
    hashes, commitment = shown["hashes"], commitments["rowAudiences"][role]
    if hashes != sorted(set(hashes)):
        raise DisclosureError("hashes out of order or twice", where="rows")
    found = audience_commitment(passport["id"], role, shown["salt"], hashes)
    if found != commitment:
        raise DisclosureError(
            "not the rows that the passport commits to for this role: one is withheld, added or changed",
            where="rows",
            expected=commitment,
            found=found,
        )
    _compare([row_hash(each["row"], each["salt"]) for each in shown["opened"]], hashes)
    return tuple(each["row"] for each in shown["opened"])


def _compare(opened: Sequence[str], hashes: Sequence[str]) -> None:
    committed = frozenset(hashes)
    stranger = next((each for each in opened if each not in committed), None)
    if stranger is not None:
        raise DisclosureError("not a row that was committed to", where="rows", found=stranger)
    if len(set(opened)) != len(opened):
        raise DisclosureError("one row is opened twice", where="rows")
    if len(opened) != len(hashes):
        raise DisclosureError(
            "rows are withheld", where="rows", expected=f"{len(hashes)} rows", found=f"{len(opened)} rows"
        )


def check_statement(passport: Mapping[str, Any], statement: Any, hashes: Iterable[str]) -> None:
    """Check that rows are some of the statement that the passport pins.

    Args:
        passport: The passport without proof, already judged by the issuing schema.
        statement: The statement, not yet judged.
        hashes: Of the rows.

    Raises:
        DisclosureError: Another statement, or a row that it does not list.
    """
    pins = {
        link["digestMultibase"]
        for claim in passport["credentialSubject"]["performanceClaim"]
        for link in claim["evidence"]
        if link["linkType"] == LINK_STATEMENT
    }
    digest = digest_of(jcs(statement))
    if digest not in pins:
        raise DisclosureError(
            "not the statement that the passport pins", where="statement", expected=", ".join(pins), found=digest
        )
    try:
        schema.check("statement-1.0-issuing", statement)
    except PassportError as error:
        raise DisclosureError(f"not a statement of ours: {error}", where="statement") from error
    listed = frozenset(statement["extensions"][0]["data"]["rows"])
    stranger = next((each for each in hashes if each not in listed), None)
    if stranger is not None:
        raise DisclosureError("a row that the statement does not list", where="rows", found=stranger)
