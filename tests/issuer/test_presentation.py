"""Presentations by role: exactly a role's sets and rows of the passport that was issued, and ways to cheat."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from issuer_world import NOW, SECRET, World, direct, inventory
from pydantic import ValidationError

from passport.credentials import jcs, parse_canonical, read_secured, verify_secured
from passport.credentials.content_sets import attribute_hash, audience_commitment, set_commitment
from passport.credentials.disclosure import row_hash
from passport.credentials.presentation import build_presentation, read_presentation
from passport.credentials.role_view import check_disclosure
from passport.errors import DisclosureError, DocumentError, PassportError, SignatureError, UsageError
from passport.issuer import IssuedPassport
from passport.model.digest import Digest
from passport.model.role_map import ANNEX_XIII
from passport.store import DocumentKind

SETS = {
    "1": {"ratedCapacity": "94 Ah", "composition": [{"name": "lithium", "share": "2 %"}]},
    "2": {"partNumbers": ["P-1", "P-2"]},
    "3": {"testReport": "passed on 3 March 2026"},
    "4": {"stateOfHealth": "97 %"},
}
CONTENT = {
    "roleMap": ANNEX_XIII,
    "sets": SETS,
    "rowAudiences": {"legitimate": ["own"], "authority": ["own", "fuel"]},
}
SALT = "A" * 22


@dataclass(frozen=True)
class Issued:
    """A passport with content sets, and all that its holder has."""

    passport: bytes
    document: dict[str, Any]
    openings: dict[str, Any]
    statement: bytes
    rows: dict[str, bytes]

    def present(self, role: str, **options: Any) -> bytes:
        return build_presentation(
            self.passport, self.openings, role, statement=self.statement, rows=self.rows, **options
        )

    def disclosure(self, role: str) -> dict[str, Any]:
        return read_presentation(self.present(role)).disclosure


def kept(world: World, issued: IssuedPassport) -> Issued:
    store = world.mill.store
    passport = store.get_document(DocumentKind.PASSPORT, issued.digest)
    (ref,) = store.find_documents(DocumentKind.CONTENT_OPENINGS, document_id=issued.id, own=True)
    return Issued(
        passport,
        read_secured(passport, canonical=True).document,
        parse_canonical(store.get_document(DocumentKind.CONTENT_OPENINGS, ref.digest)),
        store.get_document(DocumentKind.STATEMENT, issued.statement_digest),
        {str(name): body for name, body in store.rows(Digest(issued.statement_digest)).items()},
    )


@pytest.fixture(scope="module")
def issued(world: World) -> Issued:
    fuel = {**direct(fossilGhgEmissions="1"), "id": "fuel"}
    waste = {**direct(fossilGhgEmissions="0.5"), "id": "waste"}
    wanted = inventory(world.product(), direct(), fuel, waste, contentSets=CONTENT)
    return kept(world, world.issuer(world.mill).issue(wanted))


@pytest.mark.parametrize(
    ("role", "sets", "rows"),
    [("public", "1", set()), ("legitimate", "124", {"own"}), ("authority", "123", {"own", "fuel"})],
)
def test_a_role_sees_its_sets_and_rows_and_nothing_else(issued: Issued, role: str, sets: str, rows: set[str]) -> None:
    data = issued.present(role)
    read = read_presentation(data)
    assert (read.passport, read.holder, read.presented) == (issued.passport, None, None)
    shown = check_disclosure(read.secured.document, read.disclosure, role)
    assert shown.sets == {name: SETS[name] for name in sets}
    assert {row["id"] for row in shown.rows} == rows
    assert read.statement == (issued.statement if rows else None)
    hidden = [value for name, values in SETS.items() if name not in sets for value in values.values()]
    assert not any(jcs(value) in data for value in hidden)
    assert b'"waste"' not in data


def test_the_same_presentation_is_the_same_bytes(issued: Issued) -> None:
    assert issued.present("legitimate") == issued.present("legitimate")


def test_a_passport_without_content_sets_says_nothing_of_them(world: World) -> None:
    company = world.mill
    made = world.issuer(company).issue(inventory(world.product()))
    passport = company.store.get_document(DocumentKind.PASSPORT, made.digest)
    assert b"contentSets" not in passport
    assert not company.store.find_documents(DocumentKind.CONTENT_OPENINGS, document_id=made.id)
    with pytest.raises(UsageError, match=r"the passport commits to no content sets.*state `contentSets`"):
        build_presentation(passport, {}, "public")


def test_values_are_not_in_the_passport_nor_published(world: World, issued: Issued) -> None:
    for values in SETS.values():
        for value in values.values():
            assert jcs(value) not in issued.passport + issued.statement
    world.mill.publish()
    published = [path.read_bytes() for path in world.mill.public.rglob("*") if path.is_file()]
    assert published
    assert not any(b"94 Ah" in body or b"stateOfHealth" in body for body in published)


def test_an_audience_names_inputs_of_the_inventory(world: World) -> None:
    with pytest.raises(ValidationError, match="`rowAudiences` names no input 'power'"):
        inventory(world.product(), contentSets={**CONTENT, "rowAudiences": {"public": ["power"]}})


# Cheating with what is shown; each for its own reason.

Change = Callable[[dict[str, Any]], object]


def rehash(disclosure: dict[str, Any], passport_id: str) -> None:
    """Let the list of hashes be that of the values, as a cheat would."""
    for shown in disclosure["sets"]:
        name = shown["set"]
        shown["hashes"] = sorted(attribute_hash(passport_id, name, **each) for each in shown["attributes"])


def first(disclosure: dict[str, Any]) -> Any:
    return disclosure["sets"][0]["attributes"]


def swap_values(disclosure: dict[str, Any]) -> None:
    one, other = first(disclosure)
    one["salt"], other["salt"] = other["salt"], one["salt"]
    one["value"], other["value"] = other["value"], one["value"]


def open_twice(disclosure: dict[str, Any]) -> None:
    first(disclosure).append(first(disclosure)[0])


def add_hash(disclosure: dict[str, Any]) -> None:
    shown = disclosure["sets"][0]
    shown["hashes"] = sorted([*shown["hashes"], row_hash({}, SALT)])


CHEATS: list[tuple[str, str, Change, str]] = [
    ("another value", "public", lambda d: first(d)[1].update(value="95 Ah"), "set 1: ratedCapacity: not the value"),
    ("another salt", "public", lambda d: first(d)[1].update(salt=SALT), "set 1: ratedCapacity: not the value"),
    ("the value of another field", "public", swap_values, "set 1: composition: not the value that was committed"),
    (
        "an attribute withheld",
        "public",
        lambda d: first(d).pop(),
        "set 1: attributes are withheld; expected 2.*found 1",
    ),
    ("an attribute opened twice", "public", open_twice, "set 1: composition: one attribute is opened twice"),
    ("a hash withheld", "public", lambda d: d["sets"][0]["hashes"].pop(), "set 1: not the set that the passport"),
    ("a hash added", "public", add_hash, "set 1: not the set that the passport commits to"),
    ("hashes out of order", "public", lambda d: d["sets"][0]["hashes"].reverse(), "set 1: hashes out of order"),
    ("another salt of the set", "public", lambda d: d["sets"][0].update(salt=SALT), "set 1: not the set"),
    ("a set withheld", "legitimate", lambda d: d["sets"].pop(), "set 4: a set is withheld; expected the sets 1, 2, 4"),
    ("a set under another's name", "legitimate", lambda d: d["sets"][2].update(set="2"), "set 4: a set is withheld"),
    ("a set twice", "legitimate", lambda d: d["sets"].append(d["sets"][0]), "a set is shown twice"),
    ("sets out of order", "legitimate", lambda d: d["sets"].reverse(), "a set is shown twice or out of order"),
    ("another role", "public", lambda d: d.update(role="authority"), "role: made for another role"),
    (
        "a row withheld",
        "authority",
        lambda d: d["rows"]["opened"].pop(),
        "rows: rows are withheld; expected 2.*found 1",
    ),
    ("a row's hash withheld", "authority", lambda d: d["rows"]["hashes"].pop(), "rows: not the rows that the passport"),
    (
        "a row changed",
        "authority",
        lambda d: d["rows"]["opened"][0]["row"].update(name="Nothing"),
        "rows: not a row that was committed to",
    ),
    (
        "a row opened twice",
        "authority",
        lambda d: d["rows"]["opened"].append(d["rows"]["opened"][0]),
        "rows: one row is opened twice",
    ),
    ("no statement to the rows", "authority", lambda d: d.pop("statement"), "a statement is shown with rows"),
    (
        "another statement",
        "authority",
        lambda d: d["statement"].update(comment="x"),
        "statement: not the statement that the passport pins",
    ),
    ("a statement without rows", "public", lambda d: d.update(statement={}), "a statement is shown with rows"),
]


@pytest.mark.parametrize(("role", "change", "reason"), [each[1:] for each in CHEATS], ids=[each[0] for each in CHEATS])
def test_cheats_are_found(issued: Issued, role: str, change: Change, reason: str) -> None:
    disclosure = copy.deepcopy(issued.disclosure(role))
    check_disclosure(issued.document, disclosure, role)
    change(disclosure)
    with pytest.raises(DisclosureError, match=reason):
        check_disclosure(issued.document, disclosure, role)


def test_nothing_more_is_revealed(issued: Issued) -> None:
    """What authorities may see is too much for the public, honestly opened as it is."""
    disclosure = issued.disclosure("authority") | {"role": "public"}
    with pytest.raises(DisclosureError, match="set 2: more is shown than public may see; expected the sets 1"):
        check_disclosure(issued.document, disclosure, "public")


def test_rows_of_another_role_are_none_of_this_one(issued: Issued) -> None:
    disclosure = issued.disclosure("legitimate") | {"rows": issued.disclosure("authority")["rows"]}
    with pytest.raises(DisclosureError, match="rows: not the rows that the passport commits to for this role"):
        check_disclosure(issued.document, disclosure, "legitimate")


def test_contents_of_another_passport_are_refused(world: World, issued: Issued) -> None:
    """The same contents under the same salts, laid beside another passport."""
    made = world.issuer(world.mill).issue(
        inventory(world.product(), direct(), {**direct(), "id": "fuel"}, contentSets=CONTENT)
    )
    other = kept(world, made)
    with pytest.raises(DisclosureError, match="openings of another passport"):
        build_presentation(other.passport, issued.openings, "public")
    with pytest.raises(DisclosureError, match="set 1: not the set that the passport commits to"):
        check_disclosure(other.document, issued.disclosure("public"), "public")
    disclosure = copy.deepcopy(issued.disclosure("public"))
    rehash(disclosure, other.document["id"])
    with pytest.raises(DisclosureError, match="set 1: not the set that the passport commits to"):
        check_disclosure(other.document, disclosure, "public")


# An issuer that commits to two answers is found out by whoever is shown both.


def forged(issued: Issued, sets: dict[str, list[dict[str, Any]]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A passport that commits to these attributes, and what `legitimate` is shown of it."""
    document = copy.deepcopy(issued.document)
    disclosure = copy.deepcopy(issued.disclosure("legitimate"))
    stated = document["credentialSubject"]["characteristics"]["carbonPassport"]["contentSets"]
    for shown in disclosure["sets"]:
        shown["attributes"] = sets.get(shown["set"], shown["attributes"])
    rehash(disclosure, document["id"])
    for shown in disclosure["sets"]:
        stated["sets"][shown["set"]] = set_commitment(document["id"], shown["set"], shown["salt"], shown["hashes"])
    return document, disclosure


def test_one_attribute_committed_with_two_values(issued: Issued) -> None:
    twice = [{"attribute": "a", "salt": SALT, "value": value} for value in ("1", "2")]
    document, disclosure = forged(issued, {"2": twice})
    with pytest.raises(DisclosureError, match="set 2: a: one attribute is opened twice, differently or not"):
        check_disclosure(document, disclosure, "legitimate")
    disclosure["sets"][1]["attributes"].pop()
    with pytest.raises(DisclosureError, match="set 2: attributes are withheld"):
        check_disclosure(document, disclosure, "legitimate")


def test_one_attribute_committed_in_two_sets(issued: Issued) -> None:
    document, disclosure = forged(issued, {name: [{"attribute": "a", "salt": SALT, "value": name}] for name in "24"})
    with pytest.raises(DisclosureError, match="set 4: a: one attribute in two sets; found also in set 2"):
        check_disclosure(document, disclosure, "legitimate")


def test_a_value_that_is_no_value(issued: Issued) -> None:
    document, disclosure = forged(issued, {"2": [{"attribute": "a", "salt": SALT, "value": [0.5]}]})
    with pytest.raises(DisclosureError, match="set 2: a: not a value of an attribute"):
        check_disclosure(document, disclosure, "legitimate")


def test_a_row_that_the_statement_does_not_list(issued: Issued) -> None:
    """Rows made up for an audience: committed to, but no part of the sum."""
    document, disclosure = copy.deepcopy((issued.document, issued.disclosure("legitimate")))
    made_up = {"row": {"id": "friendly"}, "salt": SALT}
    hashed = row_hash(**made_up)
    disclosure["rows"].update(hashes=[hashed], opened=[made_up])
    stated = document["credentialSubject"]["characteristics"]["carbonPassport"]["contentSets"]
    salt = disclosure["rows"]["salt"]
    stated["rowAudiences"]["legitimate"] = audience_commitment(document["id"], "legitimate", salt, [hashed])
    with pytest.raises(DisclosureError, match="rows: a row that the statement does not list"):
        check_disclosure(document, disclosure, "legitimate")


# The document.


def test_signed_by_its_holder(world: World, issued: Issued) -> None:
    signer = world.mill.signer(SECRET)
    data = issued.present("public", signer=signer, created=NOW)
    read = read_presentation(data)
    assert read.holder == "did:web:mill.example"
    assert read.passport == issued.passport
    multikey = signer.multikey
    assert verify_secured(data, lambda _: multikey, canonical=True).created == NOW
    tampered = data.replace(b"94 Ah", b"95 Ah")
    with pytest.raises(SignatureError, match="the signature does not hold"):
        verify_secured(tampered, lambda _: multikey, canonical=True)
    with pytest.raises(UsageError, match="needs the time of signing"):
        issued.present("public", signer=signer)
    stolen = parse_canonical(data)
    stolen["holder"] = "did:web:rival.example"
    with pytest.raises(DocumentError, match="holder: signed by another than its holder"):
        read_presentation(jcs(stolen))


def change_top(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda document: document.update(changes)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (change_top(note="x"), "not a presentation; expected"),
        (change_top(holder="did:web:x.example"), "not a presentation; expected"),
        (change_top(verifiableCredential=[]), "a presentation shows one passport"),
        (lambda d: d["verifiableCredential"].append(d["verifiableCredential"][0]), "a presentation shows one passport"),
        (change_top(type=["VerifiablePresentation", "Other"]), "another kind of presentation"),
        (lambda d: d["@context"].reverse(), "another first context"),
        (lambda d: d["disclosure"].update(more=1), "disclosure|more"),
        (lambda d: d["disclosure"]["sets"][0].update(set="5"), "set"),
        (lambda d: d["verifiableCredential"][0].pop("proof"), "proof"),
    ],
)
def test_documents_that_are_no_presentation(issued: Issued, change: Change, reason: str) -> None:
    document = parse_canonical(issued.present("public"))
    change(document)
    with pytest.raises(PassportError, match=reason):
        read_presentation(jcs(document))


@given(data=st.data())
def test_no_bytes_but_errors_of_ours(issued: Issued, data: st.DataObject) -> None:
    """A changed byte anywhere is refused or changes nothing that is shown, and never ends in another error."""
    body = bytearray(issued.present("legitimate"))
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != body[at]))
    try:
        read = read_presentation(bytes(body))
        shown = check_disclosure(read.secured.document, read.disclosure, "legitimate")
    except PassportError:
        return
    assert shown.sets == {name: SETS[name] for name in "124"}
    assert read.passport != issued.passport  # its own signature tells


@given(data=st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    with pytest.raises(PassportError):
        read_presentation(data)
