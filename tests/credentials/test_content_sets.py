"""Commitments to content sets: hashes written out by hand, one digest whatever a set holds, no value of another."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from passport.credentials.content_sets import attribute_hash, audience_commitment, commit, set_commitment
from passport.credentials.disclosure import row_hash
from passport.errors import SchemaError, UsageError
from passport.model.content import MAX_VALUE_DEPTH, ContentSets
from passport.model.role_map import ANNEX_XIII, Audience, role_map

PASSPORT = "https://cells.example/passports/1"
SALT, OTHER_SALT = "A" * 22, "B" * 21 + "A"


def multibase(text: str) -> str:
    """The digest of a text, made without our own code."""
    return "u" + base64.urlsafe_b64encode(b"\x12\x20" + sha256(text.encode()).digest()).decode().rstrip("=")


def content(**sets: dict[str, object]) -> ContentSets:
    return ContentSets.model_validate(
        {"roleMap": ANNEX_XIII, "sets": {name[1:]: values for name, values in sets.items()}}
    )


def test_the_role_map_is_article_77_2() -> None:
    """Regulation (EU) 2023/1542, Article 77(2): (a) point 1; (b) points 2 and 3; (c) points 2 and 4 of Annex XIII."""
    known = role_map(ANNEX_XIII)
    assert {role: known.sets_of(role) for role in known.roles} == {
        "public": ("1",),
        "legitimate": ("1", "2", "4"),
        "authority": ("1", "2", "3"),
    }
    assert set(known.roles) == {str(role) for role in Audience}
    with pytest.raises(UsageError, match="no such role; expected one of public, legitimate, authority; found owner"):
        known.sets_of("owner")
    with pytest.raises(UsageError, match="a role map that nobody here knows"):
        role_map("urn:example:everything-for-everybody")


@pytest.mark.shared
def test_the_role_map_agrees_with_the_published_table(shared) -> None:  # type: ignore[no-untyped-def]
    """Every line of the table of Annex XIII, by its first digit and its columns of readers."""
    import csv

    known = role_map(ANNEX_XIII)
    readers = {"general_public": "public", "legitimate_interest": "legitimate", "market_surveillance": "authority"}
    with (shared / "standards/batterypass/annex-xiii-access.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["point"][0] for row in rows} == set(known.sets)
    for row in rows:
        for column, role in readers.items():
            assert (row[column] == "1") == (row["point"][0] in known.sets_of(role)), (row["point"], column)


def test_hashes_are_those_of_the_texts_written_out() -> None:
    attribute = (
        '{"attribute":"ratedCapacity","domain":"urn:carbon-passport:hash:content-attribute:1",'
        f'"passport":"{PASSPORT}","salt":"{SALT}","set":"1","value":"94 Ah"}}'
    )
    hashed = attribute_hash(PASSPORT, "1", "ratedCapacity", SALT, "94 Ah")
    assert hashed == multibase(attribute)
    whole = (
        f'{{"attributes":["{hashed}"],"domain":"urn:carbon-passport:hash:content-set:1",'
        f'"passport":"{PASSPORT}","salt":"{OTHER_SALT}","set":"1"}}'
    )
    assert set_commitment(PASSPORT, "1", OTHER_SALT, [hashed]) == multibase(whole)
    audience = (
        f'{{"domain":"urn:carbon-passport:hash:row-audience:1","passport":"{PASSPORT}","role":"legitimate",'
        f'"rows":[],"salt":"{SALT}"}}'
    )
    assert audience_commitment(PASSPORT, "legitimate", SALT, []) == multibase(audience)


def test_a_passport_says_the_same_number_of_digests_whatever_it_hides() -> None:
    numbers = count(1)
    empty = commit(content(), passport_id=PASSPORT, rows={}, random_bytes=lambda n: next(numbers).to_bytes(n, "big"))
    full = commit(
        content(s1={"a": "1"}, s3={f"b{n}": "2" for n in range(50)}),
        passport_id=PASSPORT,
        rows={"legitimate": [row_hash({"id": "x"}, SALT)]},
        random_bytes=lambda n: next(numbers).to_bytes(n, "big"),
    )

    def shape(value: object) -> object:
        return {k: shape(v) for k, v in value.items()} if isinstance(value, dict) else len(str(value))

    assert shape(empty.commitments) == shape(full.commitments)
    salts = json.dumps(full.openings).split('"salt": "')[1:]
    assert len({text[:22] for text in salts}) == len(salts) == 51 + 4 + 3


@given(
    fields=st.lists(
        st.tuples(
            st.sampled_from([PASSPORT, PASSPORT + "0"]),
            st.sampled_from(["1", "2", "3", "4"]),
            st.sampled_from(["a", "b", "salt", "value"]),
            st.sampled_from([SALT, OTHER_SALT]),
            st.recursive(st.text(max_size=5), lambda inner: st.lists(inner, max_size=2)),
        ),
        min_size=2,
        max_size=2,
        unique_by=repr,
    )
)
def test_no_two_fields_have_one_hash(fields: list[tuple[str, str, str, str, object]]) -> None:
    one, other = (attribute_hash(*each) for each in fields)
    assert one != other


def test_a_salt_is_128_bits() -> None:
    with pytest.raises(SchemaError, match="not a salt"):
        attribute_hash(PASSPORT, "1", "a", "short", "x")


NESTED: object = "x"
for _ in range(MAX_VALUE_DEPTH + 1):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    ("sets", "reason"),
    [
        ({"1": {"a": "x"}, "2": {"a": "x"}}, "attribute 'a' stands in the sets 1 and 2"),
        ({"5": {"a": "x"}}, "Input should be '1', '2', '3' or '4'"),
        ({"1": {"a b": "x"}}, "String should match pattern"),
        ({"1": {"a": 94}}, "a number as text with its unit"),
        ({"1": {"a": 0.5}}, "a number as text with its unit"),
        ({"1": {"a": None}}, "found nothing"),
        ({"1": {"a": [True]}}, "found bool"),
        ({"1": {"a": NESTED}}, "nested deeper than 8"),
        ({"1": {"a": ["x"] * 2001}}, "more than 2000 texts"),
        ({"1": {"a": [[]] * 2001}}, "more than 2000 texts, lists and objects"),
        ({"1": {"a": "x" * 20_001}}, "20000 characters in one value"),
        ({"1": {f"a{n}": "x" for n in range(1001)}}, "at most 1000 items"),
    ],
)
def test_contents_that_are_refused(sets: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        ContentSets.model_validate({"roleMap": ANNEX_XIII, "sets": sets})


def test_another_role_map_is_refused() -> None:
    with pytest.raises(ValidationError, match="eu-2023-1542-annex-xiii:1"):
        ContentSets.model_validate({"roleMap": "urn:example:map", "sets": {}})


def test_an_input_stands_once_in_an_audience() -> None:
    with pytest.raises(ValidationError, match="an input stands twice among the rows for public"):
        ContentSets.model_validate({"roleMap": ANNEX_XIII, "sets": {}, "rowAudiences": {"public": ["a", "a"]}})
