"""Rows and imports as they are filed: nothing that nobody can read, and what bundles bring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from passport import filing
from passport.credentials.canonical import jcs
from passport.errors import PassportError
from passport.exchange.pact import read_footprints
from passport.model.digest import digest_of
from passport.store import DocumentKind, Store

SALT = "AAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture
def opened(tmp_path: Path, clock: Callable[[], datetime]) -> Store:
    """An empty store."""
    return Store.open(tmp_path / "passport.db", clock=clock)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\t".join([jcs({"row": {}, "salt": SALT})] * 2), "not JSON"),
        (b'{"row": {}, "salt": "' + SALT.encode() + b'"}', "not in canonical form"),
        (jcs({"row": {}}), "not a disclosed row"),
        (b"anything", "not JSON"),
    ],
)
def test_bytes_that_are_no_row_are_refused_whatever_a_statement_commits_to(
    opened: Store, body: bytes, reason: str
) -> None:
    statement = digest_of(b"statement")
    with opened, pytest.raises(PassportError, match=reason):
        filing.file_rows(opened, statement, frozenset([digest_of(body)]), [body])


@pytest.mark.shared
def test_a_footprint_is_filed_in_the_form_it_is_pinned_in(opened: Store, shared: Path) -> None:
    """As a bundle brings it: without the status it was once received with."""
    (path, *_) = sorted((shared / "standards/pact/samples").rglob("*.json"))
    footprint = read_footprints(path.read_bytes(), max_footprints=1000)[0]
    with opened:
        assert filing.file_footprint_bytes(opened, footprint.body)
        assert opened.get_document(DocumentKind.IMPORTED, footprint.digest) == footprint.body
        assert not filing.file_footprint_bytes(opened, footprint.body)
        with pytest.raises(PassportError, match="not JSON"):
            filing.file_footprint_bytes(opened, b"{}" + footprint.body)
