"""Bundles: judged as the store is, the same bytes each time; and files that are no bundle."""

from __future__ import annotations

import json
import shutil
from array import array
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bundle_text import BundleText, judge, make, outcome
from forge import draft_of
from judged import only_failure, row, rows_of
from verifier_world import World, reopen, ticking

from passport.credentials import jcs
from passport.errors import BoundError, DocumentError, PassportError
from passport.ledger import EmbeddedChain, StatusKind
from passport.model.digest import digest_of
from verifier.bundle import BundleFile, BundleHeader, write_bundle
from verifier.bundle_lines import Lines
from verifier.outcome import Outcome, Severity
from verifier.policy import strict_policy
from verifier.store_source import StoreSource
from verifier.trust import KnownBlock, Trust

# --- the same judgement ---


def test_the_same_report_as_from_the_store(world: World, tmp_path: Path) -> None:
    """Verdict, rows, coverage and responsibility; only the note of the bundle's own age is added."""
    with world.auditor_store() as store:
        source = StoreSource(store, world.chain)
        made = make(world, tmp_path / "top.bundle", world.top, world.trust, source)
        stored = world.audit(source=source).to_json()
    report = judge(world, tmp_path / "top.bundle", world.trust_with()).to_json()
    assert report.pop("notes") == [
        {"code": "bundle_age", "severity": "info", "text": report_age(report["as_of"]["block"])}
    ]
    assert stored.pop("notes") == []
    assert report == stored
    assert made.to_json()["nodes"] == report["nodes"]


def report_age(block: int) -> str:
    """The note of a bundle judged at its own block's time."""
    return f"judged as of its own block {block}, 0 days before the moment asked for"


def test_two_bundles_of_one_tree_are_the_same_bytes(own_world: World, tmp_path: Path) -> None:
    """There is one way to write it, whatever order the source hands things out in."""
    make(own_world, tmp_path / "one", own_world.top, own_world.trust)
    source = own_world.source.clone()
    for rows in source.rows.values():
        rows.reverse()
    make(own_world, tmp_path / "other", own_world.top, own_world.trust, source)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_written_again_it_is_the_same(bundle: Path, tmp_path: Path) -> None:
    """Taken apart and put together by the tests' own writer."""
    assert BundleText.read(bundle).write(tmp_path / "b").read_bytes() == bundle.read_bytes()


def test_everything_else_gone(world_folder: Path, tmp_path: Path) -> None:
    """Chain, stores and publications are deleted; the bundle and a trust file are left."""
    shutil.copytree(world_folder, tmp_path / "world")
    with EmbeddedChain.open(tmp_path / "world" / "chain.db", clock=ticking()) as chain:
        gone = reopen(tmp_path / "world", chain)
        make(gone, tmp_path / "top.bundle", gone.top, gone.trust)
        known, moment = gone.trust_with(), gone.now()
    shutil.rmtree(tmp_path / "world")
    report = judge(gone, tmp_path / "top.bundle", known, at=moment)
    assert report.verdict == "passed"
    assert report.as_of.block == known.chains[0].blocks[0].number
    strict = judge(gone, tmp_path / "top.bundle", known, strict_policy(), at=moment)
    assert strict.verdict == "undecided"


def test_without_a_trust_file(world: World, bundle: Path) -> None:
    """Whatever needs the chain is unknown, saying so; what the documents show by themselves is not."""
    report = judge(world, bundle, None)
    assert report.verdict == "undecided"
    assert rows_of(report, Outcome.FAILED) == {}
    for check in ("validity", "inclusion", "consistency", "identity", "status"):
        assert row(report, "metal", check).outcome is Outcome.UNKNOWN
    assert row(report, "metal", "inclusion").reason == "no trust file says which chain counts"
    for check in ("signature", "digest", "schema", "agreement", "arithmetic", "double_counting"):
        assert row(report, "metal", check).outcome is Outcome.PASSED


def test_a_block_that_the_trust_file_does_not_know(world: World, bundle: Path) -> None:
    """The bundle's block may be anybody's: unknown, naming it and what would count."""
    block = BundleText.read(bundle).block
    for known in ((), (KnownBlock(number=block.number, hash="0x" + "11" * 32),)):
        trusted = world.trusted.model_copy(update={"blocks": known})
        report = judge(world, bundle, Trust(chains=(trusted,)))
        assert report.verdict == "undecided"
        found = row(report, "housing", "inclusion")
        assert found.outcome is Outcome.UNKNOWN
        assert "the bundle's block is not in the trust file" in str(found.reason)
        assert f"block {block.number}, {block.hash}" in str(found.reason)


def test_the_trust_file_of_another_chain(world: World, bundle: Path) -> None:
    """The same chain id from another genesis."""
    block = BundleText.read(bundle).block
    other = world.trusted.model_copy(update={"genesis": "0x" + "33" * 32, "blocks": (block,)})
    report = judge(world, bundle, Trust(chains=(other,)))
    assert {check for _, check in rows_of(report, Outcome.FAILED)} == {"inclusion"}
    assert row(report, "housing", "inclusion").reason == "not the chain in the trust file"


def test_a_bundle_that_fails_still_says_where(world: World, tmp_path: Path) -> None:
    """A bundle of a bad tree is no bad bundle."""
    draft = draft_of(world, "housing")
    draft.row("metal")["quantity"] = "1"
    forged = draft.publish()
    report = make(world, tmp_path / "bad.bundle", forged.digest, world.trust, forged.source)
    assert report.verdict == "failed"
    found = only_failure(judge(world, tmp_path / "bad.bundle", world.trust_with()), "housing", "arithmetic")
    assert "row metal" in str(found.reason)


def test_the_age_of_a_bundle(world: World, bundle: Path, trust: Trust) -> None:
    """Judged as of its own block for ever, with a note that becomes a warning after 30 days."""
    for days, severity in ((0, Severity.INFO), (30, Severity.INFO), (31, Severity.WARNING)):
        report = judge(world, bundle, trust, at=world.now() + timedelta(days=days))
        assert report.verdict == "passed"
        (note,) = report.notes
        assert (note.code, note.severity) == ("bundle_age", severity)
        assert f"{days} days before the moment asked for" in note.text
    # A quiet local chain may be ahead of the clock: no negative number of days.
    (note,) = judge(world, bundle, trust, at=world.now() - timedelta(seconds=15)).notes
    assert note.severity is Severity.INFO
    assert note.text.endswith(", after the moment asked for")


def test_an_old_bundle_hides_a_revocation_and_says_how_old_it_is(own_world: World, tmp_path: Path) -> None:
    """As of a block that the trust file knows nothing of it was said yet; as of the newer one it was."""
    old_block = KnownBlock(number=own_world.chain.head().number, hash="0x" + own_world.chain.head().hash.hex())
    make(own_world, tmp_path / "old.bundle", own_world.top, own_world.trust)
    own_world.set_status(own_world.companies["smelter"], 0, StatusKind.REVOKED)
    make(own_world, tmp_path / "new.bundle", own_world.top, own_world.trust)
    new_block = own_world.trust_with().chains[0].blocks[0]
    both = own_world.trust_with(old_block, new_block)
    old = judge(own_world, tmp_path / "old.bundle", both)
    assert old.verdict == "passed"
    assert old.as_of.block == old_block.number
    assert [note.code for note in old.notes] == ["bundle_age"]
    only_failure(judge(own_world, tmp_path / "new.bundle", both), "metal", "status")
    # A verifier that knows only the newer block is not taken in.
    assert judge(own_world, tmp_path / "old.bundle", own_world.trust_with(new_block)).verdict == "undecided"


# --- a bundle that is none ---

NO_BUNDLES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda data: b"", "the bundle is empty"),
    "one line feed": (lambda data: b"\n", "not JSON"),
    "no line feed": (lambda data: data[:50], "not a bundle"),
    "only its header": (lambda data: data[: data.index(b"\n") + 1], "truncated or was changed"),
    "the last byte gone": (lambda data: data[:-1], "truncated or was changed"),
    "half of it": (lambda data: data[: len(data) // 2], "truncated or was changed"),
    "a byte more": (lambda data: data + b"\n", "truncated or was changed"),
    "a byte flipped": (lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:], "truncated or was changed"),
    "white space in the header": (lambda data: data.replace(b'{"asOf":', b'{ "asOf":', 1), "not in canonical form"),
    "a header as long as a book": (lambda data: b"x" * (1 << 20) + b"\n", "not a bundle"),
    "another format": (lambda data: data.replace(b"bundle/1.", b"bundle/2.", 1), "another format"),
    "a number as header": (lambda data: b"7\n", "not a bundle's header"),
    "a list as header": (lambda data: b"[]\n", "not a bundle's header"),
    "nothing in the header": (lambda data: b"{}\n", "not a bundle's header"),
    "NaN in the header": (lambda data: data.replace(b'"block":', b'"block":NaN,"x":', 1), "not JSON"),
    "a deep header": (lambda data: b"[" * 5000 + b"\n", "too deep"),
    "not UTF-8": (lambda data: b"\xff\xfe\n", "not JSON"),
    "a picture": (lambda data: b"\x89PNG\r\n\x1a\n" + bytes(100), "not JSON"),
}


@pytest.mark.parametrize(("change", "reason"), NO_BUNDLES.values(), ids=NO_BUNDLES.keys())
def test_a_file_that_is_no_bundle(bundle: Path, tmp_path: Path, change: Callable[[bytes], bytes], reason: str) -> None:
    """Refused on opening, saying what is wrong."""
    path = tmp_path / "b"
    path.write_bytes(change(bundle.read_bytes()))
    with pytest.raises(PassportError, match=reason):
        BundleFile(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A folder, nothing at all, and a file of more than 2 GB (without writing 2 GB)."""
    with pytest.raises(DocumentError, match="cannot be read"):
        BundleFile(tmp_path)
    with pytest.raises(DocumentError, match="cannot be read; found No such file"):
        BundleFile(tmp_path / "nothing")
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate((2 << 30) + 1)
    with pytest.raises(BoundError, match="the bundle is too large; expected at most 2 GB; found 2147483649"):
        BundleFile(large)


HEADERS: dict[str, tuple[Callable[[Any], object], str]] = {
    "a count too many": (
        lambda h: h["sections"][7].__setitem__(1, 5),
        "more lines than its header says|no key|must rise",
    ),
    "a count too few": (lambda h: h["sections"][7].__setitem__(1, 1), "more lines|no key|must rise"),
    "a count below zero": (lambda h: h["sections"][0].__setitem__(1, -1), "too many lines"),
    "a count that is true": (lambda h: h["sections"][1].__setitem__(1, True), "too many lines"),
    "twenty million lines": (lambda h: h["sections"][0].__setitem__(1, 19_000_000), "fewer lines than its header says"),
    "more lines than are read": (lambda h: h["sections"][0].__setitem__(1, 10**15), "too many lines"),
    "sections in another order": (lambda h: h["sections"].reverse(), "other sections"),
    "a section twice": (lambda h: h["sections"].append(["did", 0]), "other sections"),
    "sections as an object": (lambda h: h.update(sections={"did": 1}), "not a bundle's header|other sections"),
    "a member more": (lambda h: h.update(note="trust me"), "holds other members"),
    "no top": (lambda h: h.pop("top"), "not a bundle's header"),
    "a top that is no digest": (lambda h: h.update(top="uEiAAAA"), "not a SHA-256 digest"),
    "a block as text": (lambda h: h["asOf"].update(block="7"), "not a block"),
    "a block that is true": (lambda h: h["asOf"].update(block=True), "not a block"),
    "a chain that is null": (lambda h: h["asOf"].update(chain=None), "not a block"),
    "an as-of of its own": (lambda h: h["asOf"].update(trusted=True), "holds other members"),
}


@pytest.mark.parametrize(("change", "reason"), HEADERS.values(), ids=HEADERS.keys())
def test_a_header_that_does_not_fit(
    text: BundleText, tmp_path: Path, change: Callable[[Any], object], reason: str
) -> None:
    """The hash of the lines is right; what the header says of them is not. Nothing of that size is ever made."""
    path = text.write(tmp_path / "b")
    first, _, body = path.read_bytes().partition(b"\n")
    header = json.loads(first)
    change(header)
    path.write_bytes(jcs(header) + b"\n" + body)
    with pytest.raises(DocumentError, match=reason):
        BundleFile(path)


def test_a_line_longer_than_is_read(text: BundleText, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many bytes a line, key and all; what would be longer is not written either."""
    longest = max(len(key) + 1 + len(payload) for lines in text.sections.values() for key, payload in lines)
    monkeypatch.setattr("verifier.bundle_lines.MAX_LINE_BYTES", longest)
    BundleFile(text.write(tmp_path / "b")).close()
    key, payload = text.sections["statement"][0]
    text.sections["statement"][0] = (key, payload + b"x" * longest)
    with pytest.raises(DocumentError, match="a line is missing, too long or has no key") as caught:
        BundleFile(text.write(tmp_path / "b"))
    assert str(caught.value.where).endswith("statement, line 1")
    monkeypatch.setattr("verifier.bundle.MAX_LINE_BYTES", 100)
    header = BundleHeader(digest_of(b"top"), None, None, None, None)
    with pytest.raises(BoundError, match="a line is too long; expected at most 100 bytes; found 105"):
        write_bundle(tmp_path / "w", header, {"statement": {"a" * 52: b"x" * 52}})
    with pytest.raises(DocumentError, match="a line feed in what is to be bundled"):
        write_bundle(tmp_path / "w", header, {"statement": {"a": b"x\ny"}})
    assert not (tmp_path / "w").exists()


def test_keys_that_crowd_together_are_refused() -> None:
    """Where Python was told to hash by one known key, whoever writes a bundle can choose keys of one place."""
    spread, crowded = array("q", range(2000)), array("q", [7] * 2000)
    assert Lines(memoryview(bytearray(16_000)).cast("Q"), spread, 0).used == bytes(2000)
    with pytest.raises(BoundError, match="the keys of the bundle were chosen to slow readers down"):
        Lines(memoryview(bytearray(16_000)).cast("Q"), crowded, 0)


def test_a_key_with_a_space_is_no_key(world: World, text: BundleText, tmp_path: Path) -> None:
    """The beginning of another line looks like one."""
    key, payload = text.sections["passport"][0]
    with BundleFile(text.write(tmp_path / "b")) as bundle:
        assert bundle.peek("passport", key.decode()) == payload
        assert bundle.peek("passport", (key + b" " + payload[:5]).decode()) is None


def test_what_an_issuer_committed_to_and_nobody_can_read_is_not_bundled(own_world: World, tmp_path: Path) -> None:
    """A row with a tab in it would come apart into several: it is no row in canonical form, and said so."""
    source = own_world.source.clone()
    statement = own_world.issued["housing"].statement_digest
    source.rows[statement] = [*source.rows[statement][:-1], b"\t".join(source.rows[statement][-2:])]
    with pytest.raises(DocumentError, match="a document that is not in canonical form cannot be bundled"):
        make(own_world, tmp_path / "b", own_world.issued["housing"].digest, own_world.trust, source)
    assert not (tmp_path / "b").exists()


def test_the_block_of_the_header(world: World, text: BundleText, trust: Trust, tmp_path: Path) -> None:
    """Another number, another hash, another chain, or none: never the block that the proofs are of."""
    honest = dict(text.header["asOf"])
    for change, expected in (
        ({"block": honest["block"] + 1}, {"undecided", "refused"}),
        ({"hash": "0x" + "11" * 32}, {"undecided"}),
        ({"chain": "eip155:1"}, {"undecided"}),
        ({"genesis": "0x" + "11" * 32}, {"undecided"}),
    ):
        text.header["asOf"] = {**honest, **change}
        assert outcome(world, text.write(tmp_path / "b"), trust) in expected, change
    text.header["asOf"] = None
    assert outcome(world, text.write(tmp_path / "b"), trust) == "undecided"
