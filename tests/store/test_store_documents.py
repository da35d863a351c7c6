"""Documents and rows: the same bytes come back, and nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import ConflictError, NotFoundError, StoreError, UsageError
from passport.model.digest import Digest, digest_of
from passport.store import DocumentKind, DocumentRef, Store

P = DocumentKind.PASSPORT


@pytest.fixture
def store(tmp_path: Path, clock: Callable[[], datetime]) -> Iterator[Store]:
    with Store.open(tmp_path / "store.db", clock=clock) as store:
        yield store


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("kept") / "store.db") as store:
        yield store


def put(store: Store, text: str, *, kind: DocumentKind = P, **described: object) -> Digest:
    body = text.encode()
    store.put_document(kind, digest_of(body), body, **{"document_id": f"urn:{text}", **described})
    return digest_of(body)


@given(body=st.binary(max_size=5000), document_id=st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_bytes_come_back_as_they_went_in(kept: Store, body: bytes, document_id: str) -> None:
    digest = digest_of(document_id.encode() + b"|" + body)
    is_new = not kept.has_document(P, digest)
    assert kept.put_document(P, digest, body, document_id=document_id) is is_new
    assert kept.get_document(P, digest) == body
    assert kept.has_document(P, digest)
    assert digest in {ref.digest for ref in kept.find_documents(P, document_id=document_id)}


def test_a_document_is_described_as_it_was_put(store: Store, now: datetime) -> None:
    digest = put(store, "a", issuer_id="did:web:a", subject_id="urn:product", own=True, media_type="application/vc")
    assert store.find_documents(P) == [
        DocumentRef(P, digest, "urn:a", "did:web:a", "urn:product", own=True, added_at=now, sequence=1)
    ]
    assert store.find_documents(P)[0].added_at.tzinfo is UTC


def test_putting_again_changes_nothing(store: Store) -> None:
    assert store.put_document(P, digest_of(b"a"), b"a", document_id="urn:a") is True
    assert store.put_document(P, digest_of(b"a"), b"a", document_id="urn:a") is False
    assert len(store.find_documents(P)) == 1


def test_what_was_unknown_is_learned_and_what_is_own_stays_own(store: Store) -> None:
    digest = put(store, "a")
    put(store, "a", issuer_id="did:web:a", own=True)
    put(store, "a")
    (ref,) = store.find_documents(P)
    assert (ref.digest, ref.issuer_id, ref.own) == (digest, "did:web:a", True)


def test_other_bytes_under_a_digest_are_refused(store: Store) -> None:
    digest = put(store, "a")
    with pytest.raises(ConflictError, match=rf"passport {digest}: other bytes .* expected the 1 bytes stored; found 2"):
        store.put_document(P, digest, b"ab", document_id="urn:a")
    assert store.get_document(P, digest) == b"a"


@pytest.mark.parametrize("field", ["document_id", "issuer_id", "subject_id", "media_type"])
def test_another_description_of_a_document_is_refused(store: Store, field: str) -> None:
    put(store, "a", **{field: "one"})
    with pytest.raises(ConflictError, match=f"another {field}; expected one; found two"):
        put(store, "a", **{field: "two"})


def test_a_conflict_in_a_transaction_that_goes_on_changes_nothing_else(store: Store) -> None:
    digest = put(store, "a")
    with store.transaction():
        put(store, "b")
        with pytest.raises(ConflictError, match="other bytes"):
            store.put_document(P, digest, b"x", document_id="urn:a")
        put(store, "c")
    assert [ref.document_id for ref in store.find_documents(P)] == ["urn:a", "urn:b", "urn:c"]


def test_one_digest_may_name_one_document_of_each_kind(store: Store) -> None:
    digest = digest_of(b"x")
    for kind in DocumentKind:
        store.put_document(kind, digest, kind.value.encode(), document_id="urn:x")
    for kind in DocumentKind:
        assert store.get_document(kind, digest) == kind.value.encode()
        assert len(store.find_documents(kind)) == 1


def test_one_id_with_two_digests_is_stored_and_found(store: Store) -> None:
    digests = [put(store, text, document_id="urn:same") for text in ("one", "two")]
    assert [ref.digest for ref in store.find_documents(P, document_id="urn:same")] == digests


def test_what_is_not_there(store: Store) -> None:
    digest = digest_of(b"nowhere")
    with pytest.raises(NotFoundError, match=f"store.db: no such document in the store; found passport {digest}"):
        store.get_document(P, digest)
    assert store.has_document(P, digest) is False
    assert store.find_documents(P) == []
    assert store.documents(P, [digest]) == {}
    assert store.rows(digest) == {}


def test_documents_are_found_by_each_description(store: Store) -> None:
    put(store, "a", issuer_id="i1", subject_id="s1", own=True)
    put(store, "b", issuer_id="i1", subject_id="s2")
    put(store, "c", issuer_id="i2", subject_id="s2", own=True)
    put(store, "d", kind=DocumentKind.STATEMENT, issuer_id="i1")

    def ids(**wanted: object) -> list[str]:
        return [ref.document_id[-1] for ref in store.find_documents(P, **wanted)]

    assert ids() == ["a", "b", "c"]
    assert ids(issuer_id="i1") == ["a", "b"]
    assert ids(subject_id="s2") == ["b", "c"]
    assert ids(own=True) == ["a", "c"]
    assert ids(own=False) == ["b"]
    assert ids(issuer_id="i1", subject_id="s2", own=False) == ["b"]
    assert ids(document_id="urn:c") == ["c"]


def test_pages_follow_each_other(store: Store) -> None:
    with store.transaction():
        digests = [put(store, f"document {number}") for number in range(25)]
    found: list[DocumentRef] = []
    while page := store.find_documents(P, limit=10, after=found[-1].sequence if found else None):
        found += page
    assert [ref.digest for ref in found] == digests
    for wrong in (0, -1, 10_001):
        with pytest.raises(UsageError, match="expected 1 to 10000"):
            store.find_documents(P, limit=wrong)


def test_many_are_read_at_once(store: Store) -> None:
    with store.transaction():
        digests = [put(store, f"document {number}") for number in range(1201)]
    found = store.documents(P, [*digests, digest_of(b"missing")])
    assert found == {digest: f"document {number}".encode() for number, digest in enumerate(digests)}


# --- rows ------------------------------------------------------------------------------------------------------------


def test_passports_and_rows_that_mention_a_digest(store: Store) -> None:
    """A digest holds `_` and `-`, which are nothing but themselves."""
    sought = Digest("uEiBHAjcqnmi00GjMSrOLagvd7VmFinFNMe4E9V-mPyV9_A")
    found = put(store, f'{{"pin":"{sought}"}}')
    put(store, f'{{"pin":"{sought.replace("_", "x")}"}}')
    put(store, f'{{"statement":"{sought}"}}', kind=DocumentKind.STATEMENT)
    assert store.passports_that_mention(sought) == [found]
    assert not store.is_in_a_row(sought)
    row = f'{{"row":"{sought}"}}'.encode()
    store.put_rows(found, [(digest_of(row), row)])
    assert store.is_in_a_row(sought)
    assert not store.is_in_a_row(found)


def test_rows_come_back_by_their_hash(store: Store) -> None:
    statement, other = digest_of(b"statement"), digest_of(b"other")
    bodies = [b'{"row":{"n":%d},"salt":"s"}' % number for number in range(5)]
    rows = [(digest_of(body), body) for body in bodies]
    store.put_rows(statement, rows[:3])
    store.put_rows(statement, rows[1:])
    store.put_rows(other, rows[:1])
    store.put_rows(other, [])
    assert store.rows(statement) == dict(rows)
    assert store.rows(other) == dict(rows[:1])


def test_a_row_without_its_hash_is_refused_with_all_it_came_with(store: Store) -> None:
    statement, good, bad = digest_of(b"statement"), b"good", b"bad"
    with pytest.raises(ConflictError, match="does not have this hash") as caught:
        store.put_rows(statement, [(digest_of(good), good), (digest_of(b"claimed"), bad)])
    assert (caught.value.expected, caught.value.found) == (digest_of(b"claimed"), digest_of(bad))
    assert store.rows(statement) == {}


# --- transactions ----------------------------------------------------------------------------------------------------


def test_all_or_nothing(store: Store) -> None:
    def work() -> None:
        with store.transaction():
            put(store, "a")
            store.set_setting("name", 1)
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        work()
    assert store.find_documents(P) == []
    assert store.get_setting("name") is None


def test_an_inner_transaction_takes_back_only_its_own(store: Store) -> None:
    def inner() -> None:
        with store.transaction():
            put(store, "b")
            raise RuntimeError("inner")

    with store.transaction():
        put(store, "a")
        with pytest.raises(RuntimeError, match="inner"):
            inner()
        with store.transaction():
            put(store, "c")
        assert [ref.document_id for ref in store.find_documents(P)] == ["urn:a", "urn:c"]
    assert [ref.document_id for ref in store.find_documents(P)] == ["urn:a", "urn:c"]


def test_nobody_sees_an_open_transaction(store: Store, tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db") as reader:
        with store.transaction():
            put(store, "a")
            assert store.has_document(P, digest_of(b"a"))
            assert not reader.has_document(P, digest_of(b"a"))
        assert reader.has_document(P, digest_of(b"a"))


# --- settings --------------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(JSON)
def test_settings_come_back(kept: Store, value: object) -> None:
    kept.set_setting("it", value)
    assert kept.get_setting("it") == value


def test_settings_have_defaults_and_are_json(store: Store) -> None:
    assert store.get_setting("none", "default") == "default"
    for wrong in ({1, 2}, float("nan"), b"bytes"):
        with pytest.raises(StoreError, match="setting wrong: not a JSON value"):
            store.set_setting("wrong", wrong)
    assert store.get_setting("wrong") is None
