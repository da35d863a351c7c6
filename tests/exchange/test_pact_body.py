"""A footprint is stored and pinned without its status, and read back from exactly those bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from passport.errors import CanonicalError, DocumentError
from passport.exchange.pact import read_body, read_footprints
from passport.model.digest import digest_of


@pytest.mark.shared
def test_every_published_sample_is_read_back_from_its_body(shared: Path) -> None:
    seen = 0
    for file in sorted((shared / "standards/pact/samples").glob("*.json")):
        for footprint in read_footprints(file.read_bytes()):
            again = read_body(footprint.body)
            assert again.digest == footprint.digest == digest_of(footprint.body)
            assert again.upstream_facts() == footprint.upstream_facts()
            assert (again.status, again.problems) == (None, footprint.problems)
            seen += 1
    assert seen >= 8


@pytest.mark.shared
def test_what_is_not_a_body_is_refused(shared: Path) -> None:
    file = shared / "standards/pact/samples/cosmetics_sample.json"
    footprint = read_footprints(file.read_bytes())[0]
    document = json.loads(footprint.body)
    with pytest.raises(CanonicalError):
        read_body(footprint.body + b" ")
    for other in (b"[]", b"null", b'{"status":"Active"}'):
        with pytest.raises(DocumentError, match="one product footprint without status"):
            read_body(other)
    del document["pcf"]
    with pytest.raises(DocumentError, match="pcf"):
        read_body(json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())
